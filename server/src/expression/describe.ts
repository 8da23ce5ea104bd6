import type { TypeError as CelTypeError, Environment, EvaluationError, ParseError } from "@marcbachmann/cel-js";
import { type ContextShape, fieldProblem } from "./context.ts";
import type { AstNode } from "./guard.ts";
import { didYouMean } from "./suggest.ts";

/** Says in plain words what the library found, with a suggestion where a name is nearly right. */
export function describeCelError(
  error: ParseError | CelTypeError | EvaluationError,
  shape: ContextShape,
  environment: Environment,
): { readonly message: string; readonly position: number } {
  const node = error.node as unknown as AstNode | undefined;
  const position = error.range?.start ?? 0;
  return { message: describe(error.code, error.summary, node, shape, environment), position };
}

function describe(
  code: string,
  summary: string,
  node: AstNode | undefined,
  shape: ContextShape,
  environment: Environment,
): string {
  if (code === "unknown_variable" && typeof node?.args === "string") {
    return `there is no "${node.args}" here${didYouMean(node.args, Object.keys(shape.roots))}`;
  }
  if (code === "no_such_key" && node !== undefined) return describeField(node) ?? summary;
  if (code === "no_matching_overload" && node !== undefined) return describeCall(node, environment) ?? summary;
  if (code === "limit_exceeded") return `the expression is too large: ${summary}`;
  if (summary === "Unexpected token: EOF") return "the expression ends too early";
  return summary;
}

function describeField(node: AstNode): string | null {
  const [left, field] = node.args as readonly [AstNode, unknown];
  const name = typeof field === "string" ? field : (field as AstNode | undefined)?.args;
  return typeof name === "string" ? fieldProblem(left.checkedType?.name ?? "", name) : null;
}

function describeCall(node: AstNode, environment: Environment): string | null {
  const name = (node.args as readonly unknown[])[0];
  if (typeof name !== "string") return null;
  const isMethod = node.op === "rcall";
  const names = environment
    .getDefinitions()
    .functions.filter((known) => (known.receiverType !== null) === isMethod && !known.name.startsWith("_"))
    .map((known) => known.name);
  if (names.includes(name)) return null;
  return `there is no function "${isMethod ? "." : ""}${name}()"${didYouMean(name, names)}`;
}
