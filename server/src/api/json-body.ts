import type { JsonValue } from "../core/json.ts";

/** A JSON text or the sentence that says what is wrong with it. */
export type ParsedBody =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly message: string };

const MAX_DEPTH = 64;
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a JSON body (RFC 8259) strictly: UTF-8 only, nested at most 64 deep, no `__proto__` or `constructor` keys, no
 * NUL, no lone surrogates, no number beyond a double. Of repeated keys the last one counts.
 */
export function parseJsonBody(bytes: Uint8Array): ParsedBody {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { ok: false, message: "The body is not UTF-8" };
  }
  // Before parsing: what JSON.parse accepts can be too deep for everything that walks it later.
  if (isTooDeep(text)) return { ok: false, message: `The body is nested deeper than ${MAX_DEPTH} levels` };
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return { ok: false, message: "The body is not JSON" };
  }
  const problem = findProblem(value, "$");
  return problem === null ? { ok: true, value } : { ok: false, message: problem };
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

function findProblem(value: JsonValue, path: string): string | null {
  if (typeof value === "string") return textProblem(value, path);
  if (typeof value === "number") return Number.isFinite(value) ? null : `The number at ${path} is too large`;
  if (value === null || typeof value !== "object") return null;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const problem = findProblem(value[index] ?? null, `${path}[${index}]`);
      if (problem !== null) return problem;
    }
    return null;
  }
  for (const [key, entry] of Object.entries(value)) {
    if (key === "__proto__" || key === "constructor") return `The key ${key} at ${path} is not allowed`;
    const problem = textProblem(key, path) ?? findProblem(entry, `${path}.${key}`);
    if (problem !== null) return problem;
  }
  return null;
}

function textProblem(text: string, path: string): string | null {
  if (text.includes("\u0000")) return `The text at ${path.slice(0, 200)} contains NUL`;
  return text.isWellFormed() ? null : `The text at ${path.slice(0, 200)} contains half of a surrogate pair`;
}
