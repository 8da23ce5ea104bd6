import { isUtf8 } from "node:buffer";
import type { JsonValue } from "../core/json.ts";

/** A body as JSON, or what is wrong with it in a sentence. */
export type DecodedBody =
  | { readonly ok: true; readonly payload: JsonValue }
  | { readonly ok: false; readonly message: string };

/** Deeper JSON is refused before it is parsed. */
export const DEEPEST_JSON = 64;

/**
 * Decodes a stored body: strict UTF-8 (a byte order mark is dropped), JSON, or a form with a field `payload`; NUL and
 * lone surrogates in its texts become U+FFFD.
 */
export function decodeBody(body: Buffer, contentType: string): DecodedBody {
  if (!isUtf8(body)) return { ok: false, message: "the body is not valid UTF-8" };
  let text = body.toString("utf8");
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
  if (isForm(contentType, text)) {
    const payload = new URLSearchParams(text).get("payload");
    if (payload === null) return { ok: false, message: "the form has no field payload" };
    text = payload;
  }
  if (text.trim() === "") return { ok: false, message: "the body is empty" };
  if (isDeeperThan(text, DEEPEST_JSON)) return { ok: false, message: `the JSON is nested deeper than ${DEEPEST_JSON}` };
  try {
    // Only escapes can bring in what decoding has kept out.
    const isClean = !text.includes("\\u") || !/\\u(?:0000|d[89a-f])/i.test(text);
    return { ok: true, payload: (isClean ? JSON.parse(text) : JSON.parse(text, sanitize)) as JsonValue };
  } catch (error) {
    const message = error instanceof SyntaxError ? error.message : "it cannot be parsed";
    return { ok: false, message: `the body is not JSON: ${cutQuote(message)}` };
  }
}

/** True when brackets outside of strings nest deeper; a flat scan, so that no depth exhausts the stack. */
export function isDeeperThan(text: string, limit: number): boolean {
  // Most bodies have fewer brackets than the limit has levels; finding them is many times faster than reading all.
  if (!hasMoreBracketsThan(text, limit)) return false;
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) {
      isInString = true;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return false;
}

function hasMoreBracketsThan(text: string, limit: number): boolean {
  let count = 0;
  for (const bracket of ["{", "["]) {
    for (let index = text.indexOf(bracket); index !== -1; index = text.indexOf(bracket, index + 1)) {
      count += 1;
      if (count > limit) return true;
    }
  }
  return false;
}

const BYTE_ORDER_MARK = 0xfeff;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function isForm(contentType: string, text: string): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(contentType.trim()) && !/^\s*[{[]/.test(text);
}

function sanitize(this: unknown, _key: string, value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.some(([key]) => clean(key) !== key)) {
      return Object.fromEntries(entries.map(([key, entry]) => [clean(key), entry]));
    }
  }
  return value;
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** V8's message quotes the text that it met; the sender's bytes do not belong into reasons and logs. */
function cutQuote(message: string): string {
  return message.replace(/, ?(\.\.\.)?".*$/s, "").slice(0, 200);
}
