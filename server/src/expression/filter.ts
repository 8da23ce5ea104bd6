import { compileExpression, type Expression, type ExpressionError, evaluateWith } from "./cel.ts";
import { bindContext, type ContextValues, FILTER_CONTEXT } from "./context.ts";
import { ExpressionFault } from "./meter.ts";

/** A checked filter. */
export type Filter = { readonly expression: Expression };

/** Checks a filter: an expression that is true or false, without the endpoint's variables. */
export function compileFilter(
  source: string,
): { readonly ok: true; readonly filter: Filter } | { readonly ok: false; readonly error: ExpressionError } {
  const compiled = compileExpression(source, FILTER_CONTEXT, "bool");
  return compiled.ok ? { ok: true, filter: { expression: compiled.expression } } : compiled;
}

/** Says whether a filter matches; an evaluation that fails, or reads what is missing, is no match with a reason. */
export function matchesFilter(
  filter: Filter,
  context: ContextValues,
): { readonly matched: boolean; readonly error?: string } {
  const evaluated = evaluateWith(filter.expression, bindContext(FILTER_CONTEXT, context), (value) => {
    if (typeof value === "boolean") return value;
    throw new ExpressionFault("failed", "the filter is neither true nor false");
  });
  return evaluated.ok ? { matched: evaluated.value } : { matched: false, error: evaluated.error.message };
}
