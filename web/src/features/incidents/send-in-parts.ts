import type { IncidentBulkWire } from "../../../../server/src/api/contract.ts";

/** What became of many incidents that were acted on. */
export type PartsResult = IncidentBulkWire & {
  /** Those of the part that failed and of the parts behind it; what was done to the others stays done. */
  readonly unsent: readonly string[];
  /** Why that part failed; null when none did. */
  readonly error: unknown;
};

/** The most ids of one request. */
const MOST_AT_ONCE = 200;

/** Sends as many ids at a time as the API takes, one part after the other, up to the first that fails. */
export async function sendInParts(
  ids: readonly string[],
  send: (some: readonly string[]) => Promise<IncidentBulkWire>,
): Promise<PartsResult> {
  const answers: IncidentBulkWire[] = [];
  let unsent: readonly string[] = ids;
  let error: unknown = null;
  while (unsent.length > 0 && error === null) {
    try {
      answers.push(await send(unsent.slice(0, MOST_AT_ONCE)));
      unsent = unsent.slice(MOST_AT_ONCE);
    } catch (reason) {
      error = reason;
    }
  }
  const sum = (of: "changed" | "unchanged" | "failed"): number => answers.reduce((before, one) => before + one[of], 0);
  return {
    changed: sum("changed"),
    unchanged: sum("unchanged"),
    failed: sum("failed"),
    results: answers.flatMap(({ results }) => results),
    unsent,
    error,
  };
}
