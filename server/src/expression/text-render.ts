import { type EvaluationFault, evaluateWith } from "./cel.ts";
import { LIMITS } from "./limits.ts";
import { ExpressionFault } from "./meter.ts";
import type { Part } from "./text-template.ts";
import { toText } from "./value.ts";

/** Something a person may want to know of a rendering that went well: mostly a value that was not there. */
export type Warning = { readonly path: string; readonly message: string };

/** Where a rendering writes to and what it met on the way. */
export type Output = { readonly path: string; readonly warnings: Warning[]; text: string };

/**
 * Appends the rendered parts to the output. A missing value prints nothing and leaves a warning, a missing condition is
 * false. Returns the fault that stopped it, or null.
 */
export function renderParts(parts: readonly Part[], bound: object, output: Output): EvaluationFault | null {
  for (const part of parts) {
    const fault = renderPart(part, bound, output);
    if (fault !== null) return fault;
    // A character is at least one byte, so this bounds what is built before the bytes are counted.
    if (output.text.length > LIMITS.outputBytes) return outputTooLarge();
  }
  return null;
}

function renderPart(part: Part, bound: object, output: Output): EvaluationFault | null {
  switch (part.kind) {
    case "text":
      output.text += part.text;
      return null;
    case "value": {
      const evaluated = evaluateWith(part.expression, bound, toText);
      if (evaluated.ok) output.text += evaluated.value;
      else return toleratedFault(evaluated.error, output);
      return null;
    }
    case "if":
      return renderIf(part, bound, output);
    case "for":
      return renderFor(part, bound, output);
  }
}

function renderIf(part: Extract<Part, { kind: "if" }>, bound: object, output: Output): EvaluationFault | null {
  for (const { test, body } of part.branches) {
    if (test === null) return renderParts(body, bound, output);
    const evaluated = evaluateWith(test, bound, truth);
    if (!evaluated.ok) {
      const fault = toleratedFault(evaluated.error, output);
      if (fault !== null) return fault;
    } else if (evaluated.value) return renderParts(body, bound, output);
  }
  return null;
}

function renderFor(part: Extract<Part, { kind: "for" }>, bound: object, output: Output): EvaluationFault | null {
  const evaluated = evaluateWith(part.list, bound, elements);
  if (!evaluated.ok) return toleratedFault(evaluated.error, output);
  for (const element of evaluated.value) {
    const inside = Object.create(bound, { [part.name]: { value: element } }) as object;
    const fault = renderParts(part.body, inside, output);
    if (fault !== null) return fault;
  }
  return null;
}

function truth(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (value === null) throw new ExpressionFault("missing", "the condition of an if is null");
  throw new ExpressionFault("failed", "the condition of an if is neither true nor false");
}

function elements(value: unknown): readonly unknown[] {
  if (value === null) throw new ExpressionFault("missing", "the list of a for is null");
  if (!Array.isArray(value)) throw new ExpressionFault("failed", "the list of a for is no list");
  if (value.length > LIMITS.listElements) {
    throw new ExpressionFault("limit", `the list of a for has more than ${LIMITS.listElements} elements`);
  }
  return value;
}

/** Turns a missing value into a warning and gives every other fault back. */
export function toleratedFault(
  fault: EvaluationFault,
  output: Pick<Output, "path" | "warnings">,
): EvaluationFault | null {
  if (fault.kind !== "missing") return fault;
  if (output.warnings.length < LIMITS.warnings) output.warnings.push({ path: output.path, message: fault.message });
  return null;
}

/** The fault of a rendering over the limit. */
export function outputTooLarge(): EvaluationFault {
  return { kind: "limit", message: `the output is larger than ${LIMITS.outputBytes} bytes` };
}
