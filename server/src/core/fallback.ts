/** Which endpoint hears in place of another, as written in the endpoint's `fallback`. */
export type Fallback = {
  readonly endpoint_id: string;
  /** So long its circuit must be open; a disabled endpoint is stood in for at once. */
  readonly after_minutes: number;
  /** What becomes of a delivery once the fallback has it: still sent when the endpoint is back, or cancelled. */
  readonly originals: "keep" | "cancel";
};

/** What is used where a fallback does not say. */
export const DEFAULT_FALLBACK = { after_minutes: 5, originals: "keep" } as const;

/** So many endpoints may stand in for each other in a row. */
export const LONGEST_FALLBACK_CHAIN = 5;

/**
 * Why an endpoint may not have this fallback, or null. `next` gives the fallback's endpoint of an endpoint, or null; the
 * chain is followed so far that a circle is found.
 */
export function fallbackProblem(
  endpointId: string,
  fallbackId: string,
  next: (endpointId: string) => string | null,
): string | null {
  if (fallbackId === endpointId) return "an endpoint cannot stand in for itself";
  let at: string | null = fallbackId;
  for (let length = 1; at !== null; length += 1) {
    if (length > LONGEST_FALLBACK_CHAIN) return `at most ${LONGEST_FALLBACK_CHAIN} endpoints may follow each other`;
    at = next(at);
    if (at === endpointId) return "this leads back to the endpoint itself";
  }
  return null;
}

/** True while the fallback of an endpoint hears in its place; `now` in epoch milliseconds. */
export function isStoodInFor(
  endpoint: { readonly enabled: boolean; readonly fallback: Fallback | null },
  circuit: { readonly state: string; readonly openedAt: number | null } | null,
  now: number,
): boolean {
  if (endpoint.fallback === null) return false;
  if (!endpoint.enabled || circuit?.state === "disabled") return true;
  if (circuit === null || circuit.state === "closed" || circuit.openedAt === null) return false;
  return now - circuit.openedAt >= endpoint.fallback.after_minutes * 60_000;
}
