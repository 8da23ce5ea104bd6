import type { JsonObject, JsonValue } from "../core/json.ts";
import { compileExpression, type Expression, evaluate } from "./cel.ts";
import type { ContextShape } from "./context.ts";
import { LIMITS } from "./limits.ts";

/** What to keep of a receiver's successful answer: compiled expressions by the name under which `link` shows them. */
export type Capture = readonly { readonly name: string; readonly expression: Expression }[];

/** A refused entry; `position` is the place in its text, from 0. */
export type CaptureError = { readonly name: string; readonly message: string; readonly position: number };

/** What compiling a capture gives; all errors at once. */
export type CompiledCapture =
  | { readonly ok: true; readonly capture: Capture }
  | { readonly ok: false; readonly errors: readonly CaptureError[] };

/** A receiver's answer, header names in lower case. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What capture expressions may use: the answer's JSON body, its HTTP status and its headers. */
export const CAPTURE_CONTEXT: ContextShape = {
  key: "capture",
  roots: { json: "dyn", status: "int", headers: "map<string, string>" },
  listElements: LIMITS.listElements,
};

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const LONGEST_VALUE = 2_048;

/** Checks a capture such as `{"ticket_id": "json.id"}`. */
export function compileCapture(source: Readonly<Record<string, string>>): CompiledCapture {
  const capture: { name: string; expression: Expression }[] = [];
  const errors: CaptureError[] = [];
  for (const [name, text] of Object.entries(source)) {
    if (!NAME.test(name)) {
      errors.push({ name, message: "a name is a letter or _, then letters, digits and _", position: 0 });
      continue;
    }
    const compiled = compileExpression(text, CAPTURE_CONTEXT, "any");
    if (compiled.ok) capture.push({ name, expression: compiled.expression });
    else errors.push({ name, message: compiled.error.message, position: compiled.error.position });
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, capture };
}

/**
 * Reads the values from an answer. What is missing or fails is left out, as are lists, objects and texts over 2,048
 * characters: a link holds names and numbers of things elsewhere. A body that is not JSON gives nothing.
 */
export function captureFrom(capture: Capture, { status, headers, body }: Answer): JsonObject {
  const captured: Record<string, JsonValue> = {};
  let json: JsonValue;
  try {
    json = JSON.parse(body) as JsonValue;
  } catch {
    return captured;
  }
  const values = { json, status, headers };
  for (const { name, expression } of capture) {
    const result = evaluate(expression, values);
    if (!result.ok || result.value === null || typeof result.value === "object") continue;
    if (typeof result.value === "string" && result.value.length > LONGEST_VALUE) continue;
    captured[name] = result.value as JsonValue;
  }
  return captured;
}
