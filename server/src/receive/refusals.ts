import type { JsonObject } from "../core/json.ts";
import type { Refusal } from "./answer.ts";
import type { ReadyIntegration } from "./integration-cache.ts";
import type { Verdict } from "./verdict.ts";

/** Nothing was accepted, because the database cannot be reached in time. */
export const STORAGE_AWAY: Refusal = { code: "STORAGE_UNAVAILABLE", retryAfterSeconds: 2 };

/** Nothing was accepted, because nobody could say whether the sender is to be believed. */
export const SECRETS_UNREADABLE: Refusal = {
  ...STORAGE_AWAY,
  message: "This integration's secret cannot be read; nothing was accepted",
};

/** A body that crawled in for longer than it may. */
export const BODY_TOO_SLOW: Refusal = {
  code: "MALFORMED_REQUEST",
  status: 408,
  message: "The body did not arrive within 10 seconds",
  closes: true,
};

/** The node is stopping; the connection is closed, so that the sender's next one meets another node. */
export const SHUTTING_DOWN: Refusal = { code: "SHUTTING_DOWN", retryAfterSeconds: 1, closes: true };

/** Too many unknown ids are being asked for. */
export const LOOKUPS_BUSY: Refusal = { code: "OVERLOADED", retryAfterSeconds: 1 };

/** Too much waits on this node, said with the status that the platform's sender tries again. */
export function overloaded(ready: ReadyIntegration): Refusal {
  return { code: "OVERLOADED", status: ready.platform.overloadStatus, retryAfterSeconds: 1 };
}

/** The integration's limit is reached for so many milliseconds, said with the status that its sender tries again. */
export function rateLimited(ready: ReadyIntegration, retryAfterMs: number): Refusal {
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000);
  return { code: "RATE_LIMITED", status: ready.platform.overloadStatus, retryAfterSeconds };
}

/** A body beyond the integration's limit. */
export function tooLarge(ready: ReadyIntegration): Refusal {
  return { code: "PAYLOAD_TOO_LARGE", closes: true, details: { limit_bytes: ready.integration.bodyLimitBytes } };
}

/** One more payload that cannot be read, beyond those that are kept. */
export function quarantineFull(ready: ReadyIntegration): Refusal {
  return { code: "QUARANTINE_FULL", details: { limit: ready.integration.quarantineLimit } };
}

/** The 401 in its documented shape; the expected MAC is masked, for it would sign the sender's payload. */
export function notBelieved(
  verdict: Verdict & { readonly ok: false },
  ready: ReadyIntegration,
  explain: () => JsonObject,
): Refusal {
  const { type } = ready.integration.verification;
  const challenge = type === "basic" ? 'Basic realm="overwatch"' : type === "token" ? 'Bearer realm="overwatch"' : null;
  return {
    code: "WEBHOOK_VALIDATION_FAILED",
    closes: true,
    details: {
      expected_signature: ready.verifier?.expected ?? "…",
      received_signature: verdict.received,
      reason: verdict.reason,
    },
    explain,
    ...(challenge === null ? {} : { headers: ["WWW-Authenticate", challenge] }),
  };
}
