import { TypeError as CelTypeError, Environment, EvaluationError, Optional, ParseError } from "@marcbachmann/cel-js";
import type { JsonValue } from "../core/json.ts";
import { bindContext, type ContextShape, type ContextValues } from "./context.ts";
import { describeCelError } from "./describe.ts";
import { isMissing, registerFunctions } from "./functions.ts";
import { type AstNode, guard, refuse } from "./guard.ts";
import { LIMITS } from "./limits.ts";
import { createMemory } from "./memory.ts";
import { ExpressionFault, type FaultKind, isSpent, spend, tooCostly, withBudget } from "./meter.ts";
import { RECORD_TYPES } from "./records.ts";
import { toJson } from "./value.ts";

/** A refusal of an expression: `position` counts UTF-16 units of the source from 0, `line` and `column` from 1. */
export type ExpressionError = {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly position: number;
};

/** A checked expression; `type` is its CEL type, such as `bool`, `list<Alert>` or `dyn`. */
export type Expression = {
  readonly source: string;
  readonly type: string;
  readonly shape: ContextShape;
  readonly run: (bound: object) => unknown;
};

/** What compiling gives. */
export type Compiled =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly error: ExpressionError };

/** Why an evaluation gave no value; `missing` when something was read that is not there. */
export type EvaluationFault = { readonly kind: FaultKind; readonly message: string };

/** What an evaluation gives. */
export type Evaluation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: EvaluationFault };

/** The type that an expression must have; a value whose type is known only when it runs passes each of them. */
export type Expected = "bool" | "string" | "list" | "any";

const base = shallow(
  RECORD_TYPES.reduce(
    (environment, { name, ctor, fields }) => environment.registerType(name, { ctor, fields }),
    withFunctions(
      new Environment({
        enableOptionalTypes: true,
        homogeneousAggregateLiterals: false,
        limits: {
          maxAstNodes: LIMITS.astNodes,
          maxDepth: LIMITS.astDepth,
          maxListElements: LIMITS.literalElements,
          maxMapEntries: LIMITS.literalElements,
          maxCallArguments: 8,
        },
      }),
    ),
  ),
);

function withFunctions(environment: Environment): Environment {
  registerFunctions(environment);
  return environment.registerFunction(
    "_shallow(): bool",
    // The library caches the type of every value that it meets, down to its first leaf, for ever. Payloads must not
    // fill that cache: types are told by the outermost level alone.
    function (this: { debugType: unknown; debugTypeDeep: unknown }) {
      this.debugTypeDeep = this.debugType;
      return true;
    },
    { async: false },
  );
}

function shallow(environment: Environment): Environment {
  environment.evaluate("_shallow()");
  return environment;
}

const environments = createMemory<Environment>(200);

function environmentOf(shape: ContextShape): Environment {
  return environments(shape.key, () => {
    const environment = base.clone();
    for (const [name, type] of Object.entries(shape.roots)) environment.registerVariable(name, type);
    return shallow(environment);
  });
}

const expressions = createMemory<Compiled>(2_000);

/** Checks an expression against a context: syntax, names, types, limits. Remembers the 2,000 used last. */
export function compileExpression(source: string, shape: ContextShape, expected: Expected = "any"): Compiled {
  if (source.length > LIMITS.sourceChars) {
    return fail(source, LIMITS.sourceChars, `an expression may have at most ${LIMITS.sourceChars} characters`);
  }
  return expressions(`${shape.key}\n${expected}\n${source}`, () => compile(source, shape, expected));
}

function compile(source: string, shape: ContextShape, expected: Expected): Compiled {
  if (source.trim() === "") return fail(source, 0, "the expression is empty");
  try {
    const parsed = environmentOf(shape).parse(source);
    const ast = parsed.ast as unknown as AstNode;
    const refusal = refuse(ast);
    if (refusal !== null) return fail(source, refusal.position, refusal.message);
    const checked = parsed.check();
    if (!checked.valid) return failWith(source, shape, checked.error);
    const type = checked.type ?? "dyn";
    const wrong = typeProblem(type, expected);
    if (wrong !== null) return fail(source, 0, wrong);
    const cost = guard(ast, shape.listElements);
    const run = (bound: object): unknown => {
      spend(cost);
      return parsed(bound);
    };
    return { ok: true, expression: { source, type, shape, run } };
  } catch (error) {
    return failWith(source, shape, error);
  }
}

function typeProblem(type: string, expected: Expected): string | null {
  if (expected === "any" || type === expected || type.startsWith("dyn")) return null;
  if (expected === "list" && type.startsWith("list<")) return null;
  const wanted = { bool: "true or false (a bool)", string: "text (a string)", list: "a list" }[expected];
  const hint = type.startsWith("optional") ? "; end it with .orValue(…)" : "";
  return `this must be ${wanted}, but it is of type ${type}${hint}`;
}

function failWith(source: string, shape: ContextShape, error: unknown): Compiled {
  if (error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError) {
    const described = describeCelError(error, shape, base);
    return fail(source, described.position, described.message);
  }
  if (error instanceof ExpressionFault) return fail(source, 0, error.message);
  // Endless nesting overflows the stack of the parser before any of its limits.
  if (error instanceof RangeError) return fail(source, 0, "the expression nests too deep");
  throw error;
}

function fail(source: string, position: number, message: string): Compiled {
  const before = source.slice(0, position);
  const line = before.split("\n").length;
  const column = position - before.lastIndexOf("\n");
  return { ok: false, error: { message, line, column, position } };
}

/**
 * Evaluates to plain JSON: integers are numbers (text beyond 2^53), timestamps RFC 3339, bytes base64, empty optionals
 * null. Never throws. Without an open budget it gets the 1,000,000 steps of one filter.
 */
export function evaluate(expression: Expression, context: ContextValues): Evaluation<JsonValue> {
  return evaluateWith(expression, bindContext(expression.shape, context), toJson);
}

/** Evaluates on a bound context and converts the result inside the same guard; never throws. */
export function evaluateWith<T>(expression: Expression, bound: object, finish: (value: unknown) => T): Evaluation<T> {
  return withBudget(LIMITS.steps, () => {
    try {
      const value = finish(unwrap(expression.run(bound)));
      return isSpent() ? { ok: false, error: faultOf(tooCostly()) } : { ok: true, value };
    } catch (error) {
      return { ok: false, error: faultOf(error) };
    }
  });
}

function unwrap(value: unknown): unknown {
  return value instanceof Optional ? (value.hasValue() ? value.value() : null) : value;
}

function faultOf(error: unknown): EvaluationFault {
  if (error instanceof ExpressionFault) return { kind: error.kind, message: error.message };
  if (error instanceof EvaluationError) {
    return { kind: isMissing(error) ? "missing" : "failed", message: error.summary };
  }
  // RangeError of a stack or a time zone, TypeError of a library function: the expression's fault all the same.
  return { kind: "failed", message: error instanceof Error ? error.message : "the evaluation failed" };
}
