/** How fast a receiver answers, now and usually, as one node sees it; milliseconds. */
export type Latency = { readonly recentMs: number; readonly usualMs: number; readonly answers: number };

const RECENT_WEIGHT = 0.1;
// What is usual falls quickly and rises slowly: a receiver that stays slower is taken as it is after some hundred answers.
const FALL_WEIGHT = 0.05;
const RISE_WEIGHT = 0.005;
const FEWEST_ANSWERS = 20;
const RISE_FACTOR = 3;
// Below half a second more than usual nobody waits for a webhook, and one busy moment of this machine looks the same.
const RISE_MS = 500;

/** Takes one answer's time into account. */
export function noteLatency(latency: Latency | null, ms: number): Latency {
  if (latency === null) return { recentMs: ms, usualMs: ms, answers: 1 };
  const weight = ms < latency.usualMs ? FALL_WEIGHT : RISE_WEIGHT;
  return {
    recentMs: latency.recentMs + RECENT_WEIGHT * (ms - latency.recentMs),
    usualMs: latency.usualMs + weight * (ms - latency.usualMs),
    answers: latency.answers + 1,
  };
}

/** True when answers take much longer than they usually do: over three times as long, and over half a second more. */
export function isSlower(latency: Latency): boolean {
  const { recentMs, usualMs, answers } = latency;
  return answers >= FEWEST_ANSWERS && recentMs > usualMs * RISE_FACTOR && recentMs > usualMs + RISE_MS;
}
