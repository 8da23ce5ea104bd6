import type { FailureReason } from "../core/failure-reason.ts";
import { isSlower, type Latency, noteLatency } from "../core/latency.ts";
import type { PaceSignal } from "../core/pace.ts";

/** What came back from a receiver, as far as the pace is concerned. */
export type Answer = {
  readonly reason: FailureReason | null;
  readonly status: number | null;
  readonly retryAfterMs: number | undefined;
  readonly tookMs: number;
};

/** Reads the pace out of the answers that this node gets. */
export type Pressure = {
  /**
   * What one more answer of an endpoint says about the pace, or null when nothing; `limit` is the one of all nodes as this
   * node knows it, null when there is none.
   */
  note(endpointId: string, answer: Answer, limit: number | null): PaceSignal | null;
};

const MOST_ENDPOINTS = 5_000;

/** Keeps latency and rounds per endpoint in memory; what is forgotten is learnt anew. */
export function createPressure(): Pressure {
  const seen = new Map<string, { latency: Latency | null; round: number }>();
  return {
    note(endpointId, answer, limit) {
      let entry = seen.get(endpointId);
      if (entry === undefined) {
        if (seen.size >= MOST_ENDPOINTS) seen.clear();
        entry = { latency: null, round: 0 };
        seen.set(endpointId, entry);
      }
      if (answer.status === 429 || answer.status === 503) {
        entry.round = 0;
        return { kind: "pushed_back", status: answer.status, retryAfterMs: answer.retryAfterMs };
      }
      // A connection that fails at once is quick and still says nothing good.
      if (answer.status === null && answer.reason !== "timeout") return null;
      entry.latency = noteLatency(entry.latency, answer.tookMs);
      if (isSlower(entry.latency)) {
        entry.round = 0;
        return { kind: "slow" };
      }
      if (limit === null || answer.reason !== null) return null;
      entry.round += 1;
      // As many as the limit of all nodes, not as this node's part: several nodes together are no quicker than one.
      if (entry.round < limit) return null;
      entry.round = 0;
      return { kind: "kept_up", limit };
    },
  };
}
