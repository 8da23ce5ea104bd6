import { MOST_HOPS, readHops } from "../core/hops.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Reading, Signal } from "../core/signal.ts";
import { findPlatform } from "../platforms/registry.ts";
import { decodeBody } from "./decode-body.ts";
import { readMappedPayload } from "./read-mapped.ts";
import type { ReceiptContext } from "./receipt-context.ts";

/** What reading needs to know of an integration. */
export type ReadableIntegration = { readonly platform: string; readonly mapping: JsonObject | null };

// Two systems that tell each other of their incidents would make new ones for ever.
const LOOP: Reading = {
  kind: "ignored",
  variant: "overwatch",
  reason: "loop",
  message: `It went through Overwatch ${MOST_HOPS} times already: somewhere its deliveries come back as webhooks.`,
  externalIds: [],
};

const LONGEST_LEAD_MS = 86_400_000;

/**
 * Reads a stored body into signals: strict UTF-8, JSON no deeper than 64, then the integration's mapping or the
 * platform's own reading. Never throws for what a sender can send.
 */
export function readReceipt(integration: ReadableIntegration, body: Buffer, context: ReceiptContext): Reading {
  const decoded = decodeBody(body, context.headers["content-type"] ?? "");
  if (!decoded.ok) return { kind: "unreadable", path: "$", message: decoded.message };
  return readPayload(integration, decoded.payload, context);
}

/** Reads a payload that is parsed already, as the preview has it. */
export function readPayload(integration: ReadableIntegration, payload: JsonValue, context: ReceiptContext): Reading {
  if (readHops(context.headers) >= MOST_HOPS) return LOOP;
  const reading = readBy(integration, payload, context);
  if (reading.kind !== "signals") return reading;
  // A source whose clock is far ahead would make its alerts deaf to every resolve until then.
  const latest = context.receivedAt + LONGEST_LEAD_MS;
  if (reading.signals.every((signal) => signal.sourceTime <= latest)) return reading;
  const signals = reading.signals.map(
    (signal): Signal => (signal.sourceTime <= latest ? signal : { ...signal, sourceTime: latest }),
  );
  const warnings = [...reading.warnings, "a source time lay more than a day in the future and was set back to one day"];
  return { ...reading, signals, warnings };
}

function readBy(integration: ReadableIntegration, payload: JsonValue, context: ReceiptContext): Reading {
  if (integration.mapping !== null) return readMappedPayload(integration.mapping, payload, context);
  const platform = findPlatform(integration.platform);
  if (platform === null)
    return { kind: "unreadable", path: "$", message: `the platform ${integration.platform} is not known` };
  return platform.read(payload, context);
}
