import type { JsonObject } from "../core/json.ts";
import type { ActivityCounts } from "../runtime/activity.ts";
import type { Ids } from "../runtime/id.ts";
import type { RefusalRow } from "../store/refusals.ts";
import { type Exchange, type Refusal, statusOf } from "./answer.ts";

/** Where refusals of known integrations are counted, and a sample of them is kept for people. */
export type RefusalBook = {
  /** To be called after the answer: explaining takes time that depends on secrets. */
  note(exchange: Exchange, refusal: Refusal): void;
};

const SAMPLE_MS = 1_000;
const BURST = 5;
const MOST_INTEGRATIONS = 2_000;

/**
 * Makes a book. Of each integration it keeps five refusals at once and then one a second, so that a flood of refused
 * webhooks is a count and not a load; `keep` gets them.
 */
export function createRefusalBook(deps: {
  readonly counts: ActivityCounts;
  readonly ids: Ids;
  readonly monotonicNow: () => number;
  readonly keep: (row: RefusalRow) => void;
}): RefusalBook {
  const samples = new Map<string, { tokens: number; at: number }>();

  const tokensOf = (integrationId: string): { tokens: number; at: number } => {
    const now = deps.monotonicNow();
    let sample = samples.get(integrationId);
    if (sample === undefined) {
      if (samples.size >= MOST_INTEGRATIONS) samples.clear();
      sample = { tokens: BURST, at: now };
      samples.set(integrationId, sample);
    }
    const earned = Math.floor((now - sample.at) / SAMPLE_MS);
    if (earned > 0) {
      sample.tokens = Math.min(BURST, sample.tokens + earned);
      sample.at += earned * SAMPLE_MS;
    }
    return sample;
  };

  return {
    note(exchange, refusal) {
      const { organizationId, integrationId } = exchange;
      if (organizationId === null || integrationId === null) return;
      deps.counts.add(organizationId, integrationId, `refused:${refusal.code}`);
      const sample = tokensOf(integrationId);
      if (sample.tokens <= 0) return;
      sample.tokens -= 1;
      deps.keep(rowOf(deps.ids.next(), organizationId, integrationId, exchange, refusal));
    },
  };
}

function rowOf(
  id: string,
  organizationId: string,
  integrationId: string,
  exchange: Exchange,
  refusal: Refusal,
): RefusalRow {
  const { reason } = refusal.details ?? {};
  const length = exchange.req.headers["content-length"];
  const declared = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null;
  const limits = refusal.code === "WEBHOOK_VALIDATION_FAILED" ? {} : (refusal.details as JsonObject | undefined);
  return {
    organizationId,
    integrationId,
    id,
    at: exchange.receivedAt,
    code: refusal.code,
    status: statusOf(refusal),
    reason: typeof reason === "string" ? reason : null,
    sourceIp: exchange.sourceIp,
    requestId: exchange.requestId,
    bodyBytes: declared,
    details: {
      user_agent: exchange.req.headers["user-agent"]?.slice(0, 200) ?? null,
      ...limits,
      ...refusal.explain?.(),
    },
  };
}
