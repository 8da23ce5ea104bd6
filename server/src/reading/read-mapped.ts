import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Reading } from "../core/signal.ts";
import { type CompiledMapping, compileMapping, runMapping } from "../expression/mapping.ts";
import { readMapped } from "../platforms/custom/custom.ts";
import type { ReceiptContext } from "./receipt-context.ts";

type Compiled = { readonly mapping: CompiledMapping } | { readonly problem: string; readonly path: string };

const compiled = new WeakMap<JsonObject, Compiled>();
const byText = new Map<string, Compiled>();
const MOST_MAPPINGS = 500;

/** Reads a payload through a mapping as the user wrote it; a mapping that fails makes the receipt unreadable. */
export function readMappedPayload(mapping: JsonObject, payload: JsonValue, context: ReceiptContext): Reading {
  const known = compiledOf(mapping);
  if (!("mapping" in known)) {
    return { kind: "unreadable", path: "$", message: `the mapping is not valid at ${known.path}: ${known.problem}` };
  }
  const mapped = runMapping(known.mapping, payload, context.receivedAt, context.headers);
  if (!mapped.ok) {
    return { kind: "unreadable", path: "$", message: `the mapping failed at ${mapped.path}: ${mapped.message}` };
  }
  return readMapped(mapped.elements, context);
}

function compiledOf(mapping: JsonObject): Compiled {
  const known = compiled.get(mapping);
  if (known !== undefined) return known;
  // The same mapping arrives as a new object with every read of its row.
  const text = JSON.stringify(mapping);
  let found = byText.get(text);
  if (found === undefined) {
    const result = compileMapping(mapping);
    const problem = result.ok ? undefined : result.errors[0];
    found = result.ok
      ? { mapping: result.mapping }
      : { problem: problem?.message ?? "unknown", path: problem?.path ?? "$" };
    if (byText.size >= MOST_MAPPINGS) byText.clear();
    byText.set(text, found);
  }
  compiled.set(mapping, found);
  return found;
}
