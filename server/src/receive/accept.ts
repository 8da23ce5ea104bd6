import { hash } from "node:crypto";
import type { Integration } from "../core/integration.ts";
import type { ReadContext, Reading } from "../core/signal.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { NewReceipt } from "../store/receipts.ts";
import type { Exchange } from "./answer.ts";
import type { ReadyReceipt } from "./hand-over.ts";
import { keepHeaders, readSingleHeader } from "./headers.ts";
import type { ReadyIntegration } from "./integration-cache.ts";
import type { Verdict, Verifier } from "./verdict.ts";

/** Reads the payload of a receipt; total, the same function that triage uses. */
export type ReadReceipt = (integration: Integration, body: Buffer, context: ReadContext) => Reading;

/** A believed webhook: what to store, and what its answer says of the payload. */
export type Accepted = {
  readonly receipt: NewReceipt;
  readonly summary: Summary;
  /** What triage would read again, or null when reading failed for a fault of ours. */
  readonly ready: ReadyReceipt | null;
};

/** What a payload holds, as far as the answer tells it. */
export type Summary = {
  readonly alertIds: readonly string[];
  /** Why the payload could not be read, or null when it could. */
  readonly quarantineReason: string | null;
};

const MOST_ALERT_IDS = 1_000;
const LONGEST_REASON = 300;
const DELIVERY_ID = /^[\x21-\x7e]{1,200}$/;

/** Verifies the bytes as they came, and, for a compressed body, as they were before. */
export function verifyEither(
  verifier: Verifier,
  exchange: Exchange,
  wire: Buffer,
  inflated: Buffer | null,
  now: number,
): Verdict {
  const verdict = verifier.verify(exchange.req, wire, now);
  if (verdict.ok || inflated === null || verdict.reason !== "mismatch") return verdict;
  return verifier.verify(exchange.req, inflated, now);
}

/** Makes the receipt of a believed webhook and reads from its payload what the answer tells. */
export function makeReceipt(
  deps: { readonly ids: Ids; readonly log: Log; readonly readReceipt: ReadReceipt },
  exchange: Exchange,
  ready: ReadyIntegration,
  verdict: Verdict & { readonly ok: true },
  body: Buffer,
): Accepted {
  const { integration } = ready;
  const headers = keepHeaders(exchange.req, ready.verifier?.header ?? null);
  const delivery = deliveryOf(exchange, ready, verdict.replayKey, body);
  const receipt: NewReceipt = {
    organizationId: integration.organizationId,
    id: deps.ids.next(),
    integrationId: integration.id,
    platform: integration.platform,
    receivedAt: exchange.receivedAt,
    sourceIp: exchange.sourceIp ?? "unknown",
    requestId: exchange.requestId,
    deliveryId: delivery.id,
    deliveryKey: delivery.key,
    verifiedBy: verdict.by,
    headers: JSON.stringify(headers),
    body,
  };
  const reading = read(deps, integration, body, { headers, receivedAt: exchange.receivedAt });
  return {
    receipt,
    summary: reading === null ? NOTHING_READ : summarize(reading),
    ready: reading === null ? null : { receipt, integration, headers, reading },
  };
}

/**
 * The name under which a sender repeats a webhook. The key holds a hash of the body too: a name that comes again with
 * other bytes is another webhook, and must not be taken for known.
 */
function deliveryOf(
  exchange: Exchange,
  ready: ReadyIntegration,
  replayKey: string | null,
  body: Buffer,
): { readonly id: string | null; readonly key: string | null } {
  const name = ready.platform.deliveryIdHeader;
  const header = name === null ? null : readSingleHeader(exchange.req, name);
  const own = header?.kind === "present" && DELIVERY_ID.test(header.value) ? header.value : null;
  const id = own ?? (replayKey?.startsWith("id:") === true ? replayKey.slice(3) : null);
  const base = own === null ? replayKey : `header:${own}`;
  return { id, key: base === null ? null : `${base}#${hash("sha256", body, "base64url")}` };
}

const NOTHING_READ: Summary = { alertIds: [], quarantineReason: null };

function read(
  deps: { readonly log: Log; readonly readReceipt: ReadReceipt },
  integration: Integration,
  body: Buffer,
  context: ReadContext,
): Reading | null {
  try {
    return deps.readReceipt(integration, body, context);
  } catch (error) {
    // Reading is total; should it fail all the same, the webhook is kept and triage finds out what is wrong with it.
    deps.log.error({ integration_id: integration.id, ...describeError(error) }, "a payload could not be read");
    return null;
  }
}

function summarize(reading: Reading): Summary {
  if (reading.kind === "unreadable") {
    return { alertIds: [], quarantineReason: `${reading.path}: ${reading.message}`.slice(0, LONGEST_REASON) };
  }
  const ids = reading.kind === "signals" ? reading.signals.map((signal) => signal.externalId) : reading.externalIds;
  return { alertIds: ids.length < 2 ? ids : [...new Set(ids)].slice(0, MOST_ALERT_IDS), quarantineReason: null };
}

/** The body of the success answer. */
export function successBody(exchange: Exchange, ready: ReadyIntegration, receiptId: string, summary: Summary): string {
  const first = summary.alertIds[0];
  const ids = summary.alertIds.length > 1 ? `,"alert_ids":${JSON.stringify(summary.alertIds)}` : "";
  const status =
    summary.quarantineReason === null
      ? '"queued"'
      : `"quarantined","reason":${JSON.stringify(summary.quarantineReason)}`;
  return (
    `{"success":true,"message":"Webhook received successfully","data":{"integration_id":"${ready.integration.id}",` +
    `"alert_id":${first === undefined ? "null" : JSON.stringify(first)}${ids},"receipt_id":"${receiptId}",` +
    `"processing_status":${status},"request_id":"${exchange.requestId}"}}`
  );
}
