import { clampRetryAfter } from "./retry-after.ts";

/**
 * When a failed delivery is tried again, as written in an endpoint's `retry`. After the n-th attempt the wait is
 * `base_seconds × factor^(n-1)`, moved by up to `± jitter` of itself and never longer than `max_delay_seconds`.
 */
export type RetryPolicy = {
  /** The most attempts in all, the first included; null leaves only the horizon. */
  readonly max_attempts: number | null;
  readonly base_seconds: number;
  readonly factor: number;
  readonly max_delay_seconds: number;
  /** No attempt is planned later than this many seconds after the event. */
  readonly give_up_after_seconds: number;
  /** A share of the wait, 0 to 1. */
  readonly jitter: number;
};

/** 1 s, 2 s, 4 s … up to an hour, each ± 20 %, until 72 hours after the event. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  max_attempts: null,
  base_seconds: 1,
  factor: 2,
  max_delay_seconds: 3_600,
  give_up_after_seconds: 72 * 3_600,
  jitter: 0.2,
};

/** When the next attempt is due in epoch milliseconds, or which limit of the policy is used up. */
export type NextAttempt = { readonly at: number } | { readonly exhausted: "max_attempts" | "give_up_after_seconds" };

/** What `nextAttempt` decides upon; times are epoch milliseconds, `random` gives numbers from 0 up to 1. */
export type FailedAttempt = {
  /** The attempt that just failed, counted from 1. */
  readonly attempt: number;
  readonly policy: RetryPolicy;
  readonly eventAt: number;
  readonly now: number;
  readonly random: () => number;
  /** What the receiver asked for in `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
};

/** The policy as written with the defaults for what is absent: `{"max_attempts": 3}` gives tries at 0, 1 and 3 seconds. */
export function retryPolicyOf(written: Partial<RetryPolicy>): RetryPolicy {
  return { ...DEFAULT_RETRY_POLICY, ...written };
}

/**
 * Decides whether and when a failed delivery is tried again. A `Retry-After` (held between 1 s and 24 h) can only lengthen
 * the wait, and where it reaches beyond the horizon one last attempt is made at the horizon.
 */
export function nextAttempt(failed: FailedAttempt): NextAttempt {
  const { attempt, policy, now } = failed;
  if (policy.max_attempts !== null && attempt >= policy.max_attempts) return { exhausted: "max_attempts" };
  const horizon = failed.eventAt + policy.give_up_after_seconds * 1_000;
  if (now >= horizon) return { exhausted: "give_up_after_seconds" };
  const backoffAt = now + backoffMs(attempt, policy, failed.random);
  const askedAt = failed.retryAfterMs === undefined ? now : now + clampRetryAfter(failed.retryAfterMs);
  if (askedAt > backoffAt) return { at: Math.min(askedAt, horizon) };
  return backoffAt > horizon ? { exhausted: "give_up_after_seconds" } : { at: backoffAt };
}

function backoffMs(attempt: number, policy: RetryPolicy, random: () => number): number {
  const longest = policy.max_delay_seconds;
  // A large attempt number makes the power infinite, and the longest wait holds then, too.
  const planned = Math.min(longest, policy.base_seconds * policy.factor ** (attempt - 1));
  const moved = planned * (1 + policy.jitter * (2 * random() - 1));
  return Math.round(Math.min(longest, moved) * 1_000);
}
