/**
 * Why an attempt failed: the closed set that attempts, metrics and the API use. `render` and `token`
 * fail before anything is sent to the receiver.
 */
export const FAILURE_REASONS = [
  "dns",
  "blocked_address",
  "connect",
  "tls",
  "timeout",
  "reset",
  "redirect",
  "client_error",
  "server_error",
  "rate_limited",
  "gone",
  "render",
  "token",
] as const;

/** One reason of the closed set. */
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** The reason that an HTTP status outside 200–299 stands for. */
export function reasonOfStatus(status: number): FailureReason {
  if (status === 410) return "gone";
  if (status === 429) return "rate_limited";
  if (status >= 300 && status < 400) return "redirect";
  return status >= 400 && status < 500 ? "client_error" : "server_error";
}
