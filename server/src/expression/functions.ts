import type { Environment } from "@marcbachmann/cel-js";
import { EvaluationError, Optional } from "@marcbachmann/cel-js";
import { LIMITS } from "./limits.ts";
import { ExpressionFault, madeString, spend, stringTooLong } from "./meter.ts";
import { regexExtract, regexFound, regexReplace } from "./regex.ts";
import { formatTime } from "./time-format.ts";
import { toJson } from "./value.ts";

/** The functions beyond CEL's own, with the sentence that documents each; the guide lists exactly these. */
export const FUNCTIONS: readonly {
  readonly signature: string;
  readonly about: string;
  readonly run: (...values: never[]) => unknown;
}[] = [
  text("string.lower(): string", "all in lower case", (self: string) => self.toLowerCase()),
  text("string.upper(): string", "all in upper case", (self: string) => self.toUpperCase()),
  text("string.truncate(int): string", "cut to that many characters, the last one an ellipsis", truncate),
  text("string.replace(string, string): string", "with every occurrence replaced", replaceAll),
  text("string.urlencode(): string", "percent-encoded for a path segment or a query value", (self: string) =>
    encodeURIComponent(self.toWellFormed()),
  ),
  text("string.escape_html(): string", "with & < > and quotes escaped", (self: string) =>
    escapeWith(self, /[&<>"']/g, HTML),
  ),
  text("string.escape_slack(): string", "with & < > escaped, as Slack and Google Chat want it", (self: string) =>
    escapeWith(self, /[&<>]/g, HTML),
  ),
  plain("string.re(string): bool", "true when the regular expression matches anywhere", regexFound),
  plain("string.re_find(string): string", "the first match, or empty text", (self: string, pattern: string) =>
    regexExtract(self, pattern),
  ),
  plain(
    "string.re_find(string, int): string",
    "a numbered group of the first match, or empty text",
    (self: string, pattern: string, group: bigint) => regexExtract(self, pattern, Number(group)),
  ),
  plain("string.re_find(string, string): string", "a named group of the first match, or empty text", regexExtract),
  text("string.re_replace(string, string): string", "with every match replaced; $1 is a group", regexReplace),
  plain("list.unique(): list<dyn>", "without repeated elements", unique),
  plain("list.sort(): list<dyn>", "strings, or numbers, in order", sort),
  text("json(dyn): string", "the value as JSON text", (value: unknown) => JSON.stringify(toJson(value))),
  text("format_time(dyn, string): string", "a time written by a pattern, in UTC", (time: unknown, pattern: string) =>
    formatTime(time, pattern),
  ),
  text("format_time(dyn, string, string): string", "a time written by a pattern, in a time zone", formatTime),
  plain("int(google.protobuf.Timestamp): int", "seconds since 1970", (time: Date) =>
    BigInt(Math.floor(time.getTime() / 1000)),
  ),
  plain("string(google.protobuf.Timestamp): string", "RFC 3339", (time: Date) => String(toJson(time))),
  plain("string(google.protobuf.Duration): string", "such as 90s", (duration: unknown) => String(duration)),
];

/** Adds the functions, `default(value, fallback)` and arithmetic between integers and fractions to an environment. */
export function registerFunctions(environment: Environment): void {
  for (const { signature, about, run } of FUNCTIONS) {
    environment.registerFunction(signature, run, { description: about, async: false });
  }
  environment.registerFunction("default(ast, ast): dyn", defaultMacro, {
    description: "the value, or the fallback where it is missing, null or an empty optional",
    async: false,
  });
  // JSON knows one kind of number: without these, `payload.count + 1` would be a type error.
  for (const [left, right] of [
    ["double", "int"],
    ["int", "double"],
  ]) {
    environment.registerOperator(`${left} + ${right}: double`, (a, b) => Number(a) + Number(b));
    environment.registerOperator(`${left} - ${right}: double`, (a, b) => Number(a) - Number(b));
    environment.registerOperator(`${left} * ${right}: double`, (a, b) => Number(a) * Number(b));
    environment.registerOperator(`${left} / ${right}: double`, (a, b) => Number(a) / Number(b));
  }
}

type Run = (...values: never[]) => unknown;

function plain(signature: string, about: string, run: Run) {
  return { signature, about, run };
}

function text<T extends readonly unknown[]>(signature: string, about: string, run: (...values: T) => string) {
  return { signature, about, run: ((...values: T) => madeString(run(...values))) as Run };
}

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeWith(self: string, characters: RegExp, table: Readonly<Record<string, string>>): string {
  return self.replace(characters, (character) => table[character] ?? character);
}

function truncate(self: string, limit: bigint): string {
  const most = Number(limit);
  if (most < 1) return "";
  spend(Math.min(self.length, most));
  let kept = "";
  let count = 0;
  for (const character of self) {
    count += 1;
    if (count > most) return `${kept}…`;
    if (count < most) kept += character;
  }
  return self;
}

function replaceAll(self: string, needle: string, replacement: string): string {
  if (needle === "") return self;
  const parts = self.split(needle);
  spend(parts.length);
  const grown = self.length + (parts.length - 1) * (replacement.length - needle.length);
  if (grown > LIMITS.stringChars) throw stringTooLong();
  return parts.join(replacement);
}

function unique(self: Iterable<unknown>): unknown[] {
  const seen = new Map<string, unknown>();
  for (const element of self) {
    const key = JSON.stringify(toJson(element));
    if (!seen.has(key)) seen.set(key, element);
  }
  return [...seen.values()];
}

function sort(self: Iterable<unknown>): unknown[] {
  const elements = [...self];
  spend(elements.length * 16);
  const kinds = new Set(elements.map((element) => (typeof element === "bigint" ? "number" : typeof element)));
  const [kind] = kinds;
  if (kinds.size > 1 || (kind !== undefined && kind !== "string" && kind !== "number")) {
    throw new ExpressionFault("failed", "sort() needs a list of strings or a list of numbers");
  }
  return (elements as (string | number | bigint)[]).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

type Ast = unknown;
type Type = { readonly kind: string; readonly valueType?: Type; unify(registry: unknown, other: Type): Type | null };
type Checker = { readonly registry: unknown; check(ast: Ast, context: unknown): Type; getType(name: string): Type };
type Evaluator = { run(ast: Ast, context: unknown): unknown };
type DefaultMacro = { readonly value: Ast; readonly fallback: Ast };

// A macro, because its first argument must be allowed to fail.
function defaultMacro({ args: [value, fallback] }: { args: [Ast, Ast] }) {
  return {
    value,
    fallback,
    async: false,
    typeCheck(checker: Checker, macro: DefaultMacro, context: unknown): Type {
      const found = checker.check(macro.value, context);
      const otherwise = checker.check(macro.fallback, context);
      const inner = found.kind === "optional" && found.valueType !== undefined ? found.valueType : found;
      return inner.unify(checker.registry, otherwise) ?? checker.getType("dyn");
    },
    evaluate(evaluator: Evaluator, macro: DefaultMacro, context: unknown): unknown {
      const found = valueOrMissing(evaluator, macro.value, context);
      return found === undefined || found === null ? evaluator.run(macro.fallback, context) : found;
    },
  };
}

function valueOrMissing(evaluator: Evaluator, ast: Ast, context: unknown): unknown {
  try {
    const value = evaluator.run(ast, context);
    if (value instanceof Optional) return value.hasValue() ? value.value() : undefined;
    return value;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const MISSING = new Set(["no_such_key", "index_out_of_bounds", "unknown_variable", "optional_value_missing"]);

/** True for the error of reading what is not there: a key, an element, an absent variable. */
export function isMissing(error: unknown): boolean {
  if (error instanceof ExpressionFault) return error.kind === "missing";
  return error instanceof EvaluationError && MISSING.has(error.code);
}
