import { OverwatchError } from "../core/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import { describeError, type Log } from "../runtime/log.ts";
import { type ApiKey, findApiKeyByHash, touchApiKeys } from "../store/api-keys.ts";
import { hashApiKey, isApiKeyShaped } from "./api-key.ts";
import { createAttemptLimit } from "./attempt-limit.ts";
import type { Caller } from "./route.ts";

/** Tells who bears a key. */
export type Authenticator = {
  /** Throws UNAUTHENTICATED, or RATE_LIMITED after too many failures from one source. */
  authenticate(authorization: string | undefined, source: string): Promise<Caller>;
  /** Forgets what is known of keys, after one was revoked. */
  forget(): void;
  /** Writes when keys were last used. */
  flush(): Promise<void>;
};

type AuthenticatorDeps = { readonly database: Database; readonly clock: Clock; readonly log: Log };

const CACHE_MS = 60_000;
const MAX_CACHED = 10_000;
const FLUSH_MS = 30_000;
const MAX_FAILURES_PER_MINUTE = 30;

/** Keys are remembered for 60 s, so a revocation elsewhere that did not call `forget` counts after that at the latest. */
export function createAuthenticator({ database, clock, log }: AuthenticatorDeps): Authenticator {
  const known = new Map<string, { key: ApiKey; knownAt: number }>();
  const uses = new Map<string, { organizationId: string; id: string; usedAt: number }>();
  const failures = createAttemptLimit(clock, MAX_FAILURES_PER_MINUTE);
  let generation = 0;
  let flushedAt = clock.now();

  const flush = async (): Promise<void> => {
    flushedAt = clock.now();
    if (uses.size === 0) return;
    const batch = [...uses.values()];
    uses.clear();
    await touchApiKeys(database, batch);
  };

  const find = async (hash: Buffer): Promise<ApiKey | null> => {
    const name = hash.toString("base64");
    const cached = known.get(name);
    if (cached !== undefined && clock.now() - cached.knownAt < CACHE_MS) return cached.key;
    const asked = generation;
    const key = await findApiKeyByHash(database, hash);
    // What was read before a revocation must not be remembered after it.
    if (key !== null && asked === generation) {
      if (known.size >= MAX_CACHED) known.clear();
      known.set(name, { key, knownAt: clock.now() });
    }
    return key;
  };

  return {
    async authenticate(authorization, source) {
      const bearer = /^Bearer ([^ ]+)$/i.exec(authorization ?? "")?.[1];
      const hash = bearer !== undefined && isApiKeyShaped(bearer) ? hashApiKey(bearer) : null;
      const isKnown = hash !== null && known.has(hash.toString("base64"));
      const waitSeconds = failures.secondsUntilAllowed(source);
      // Bearers of keys that were good before share an address with whoever guesses; only strangers wait.
      if (waitSeconds > 0 && !isKnown) throw new OverwatchError("RATE_LIMITED", { retry_after_seconds: waitSeconds });
      const key = hash === null ? null : await find(hash);
      const now = clock.now();
      if (key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) {
        if (authorization !== undefined) failures.noteFailure(source);
        throw new OverwatchError("UNAUTHENTICATED");
      }
      uses.set(key.id, { organizationId: key.organizationId, id: key.id, usedAt: now });
      if (now - flushedAt > FLUSH_MS) {
        flush().catch((error: unknown) => log.warn(describeError(error), "the last use of keys was not written"));
      }
      return { organizationId: key.organizationId, keyId: key.id, keyName: key.name, role: key.role };
    },
    forget() {
      generation++;
      known.clear();
    },
    flush,
  };
}
