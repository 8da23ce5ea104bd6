import type { TriagePolicy } from "./integration.ts";

/** The part of a policy that decides on flapping. */
export type FlappingPolicy = Pick<TriagePolicy, "flapping_changes" | "flapping_window_seconds">;

/** The state changes (epoch milliseconds, oldest first) that still count at a moment, with the new one. */
export function addStateChange(changes: readonly number[], policy: FlappingPolicy, now: number): readonly number[] {
  const from = now - policy.flapping_window_seconds * 1000;
  // As many as enter the state are enough to tell when it ends.
  return [...changes.filter((at) => at > from && at <= now), now].slice(-Math.max(1, policy.flapping_changes));
}

/** True when so many changes make an incident flapping; fewer than two changes as a limit turn it off. */
export function isFlapping(changes: readonly number[], policy: FlappingPolicy): boolean {
  return policy.flapping_changes >= 2 && changes.length >= policy.flapping_changes;
}

/**
 * When flapping ends if nothing changes any more (epoch milliseconds): once the window holds no more than half of the
 * changes that began it, so that a steady rhythm at the limit does not enter and leave all the time.
 */
export function flappingEndsAt(changes: readonly number[], policy: FlappingPolicy): number {
  const tolerated = Math.floor(policy.flapping_changes / 2);
  const last = changes.at(-(tolerated + 1)) ?? Number.NEGATIVE_INFINITY;
  return Math.max(0, last + policy.flapping_window_seconds * 1000);
}
