import type { IncomingMessage } from "node:http";
import { OverwatchError } from "../core/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Log } from "../runtime/log.ts";
import { type ApiKey, findApiKeyByHash, touchApiKeys } from "../store/api-keys.ts";
import { findSessionByHash, type KnownSession, touchSessions } from "../store/sessions.ts";
import { hashApiKey, isApiKeyShaped } from "./api-key.ts";
import { createAttemptLimit } from "./attempt-limit.ts";
import type { Caller } from "./route.ts";
import { CSRF_HEADER, originOf } from "./same-origin.ts";
import { csrfTokenOf, hashSecretToken, isSameSecret } from "./secret-token.ts";
import { readSessionCookie } from "./session-cookie.ts";
import { SESSION_IDLE_MS } from "./session-times.ts";
import { createUseNotes } from "./use-notes.ts";

/** Tells who asks: the bearer of an API key, or a person with a session. */
export type Authenticator = {
  /**
   * Throws UNAUTHENTICATED, RATE_LIMITED after too many failures from one source, or CSRF_FAILED for a change by a
   * session that its own page did not ask for. An Authorization header counts before a cookie.
   */
  authenticate(request: IncomingMessage, source: string): Promise<Caller>;
  /** Forgets what is known of keys and sessions, after something was revoked. */
  forget(): void;
  /** Writes when keys and sessions were last used. */
  flush(): Promise<void>;
};

type AuthenticatorDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: () => string;
};

const CACHE_MS = 60_000;
const MAX_CACHED = 10_000;
const MAX_FAILURES_PER_MINUTE = 30;

/** Whoever was found is remembered for 60 s, so a revocation that `forget` was not told of counts after that at the latest. */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { database, clock, publicUrl } = deps;
  const keys = createMemory<ApiKey>(clock, (hash) => findApiKeyByHash(database, hash));
  const sessions = createMemory<KnownSession>(clock, (hash) => findSessionByHash(database, hash));
  const keyUses = createUseNotes(deps, (uses) => touchApiKeys(database, uses));
  const sessionUses = createUseNotes(deps, (uses) => touchSessions(database, uses));
  // Sessions as they are remembered do not know of uses since.
  const usedAt = new WeakMap<KnownSession, number>();
  const failures = createAttemptLimit(clock, MAX_FAILURES_PER_MINUTE);

  const byKey = async (authorization: string, source: string): Promise<Caller> => {
    const bearer = /^Bearer ([^ ]+)$/i.exec(authorization)?.[1];
    const hash = bearer !== undefined && isApiKeyShaped(bearer) ? hashApiKey(bearer) : null;
    refuseGuesses(hash !== null && keys.has(hash), source);
    const key = hash === null ? null : await keys.find(hash);
    const now = clock.now();
    if (key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) {
      failures.noteFailure(source);
      throw new OverwatchError("UNAUTHENTICATED");
    }
    const { organizationId, id, name, role } = key;
    keyUses.note({ organizationId, id, usedAt: now });
    return { organizationId, kind: "api_key", id, name, keyId: id, keyName: name, role, session: null };
  };

  const bySession = async (token: string, source: string): Promise<Caller> => {
    const hash = hashSecretToken(token);
    refuseGuesses(sessions.has(hash), source);
    const session = await sessions.find(hash);
    const now = clock.now();
    if (session === null || !isAlive(session, now)) {
      failures.noteFailure(source);
      throw new OverwatchError("UNAUTHENTICATED");
    }
    const { organizationId, userId, userName, role, email, id } = session;
    sessionUses.note({ organizationId, id, usedAt: now });
    usedAt.set(session, now);
    const more = { id, email, csrfToken: csrfTokenOf(token) };
    const who = { id: userId, name: userName, keyId: userId, keyName: userName };
    return { organizationId, kind: "user", ...who, role, session: more };
  };

  const isAlive = (session: KnownSession, now: number): boolean => {
    const seenAt = Math.max(session.seenAt, usedAt.get(session) ?? 0, sessionUses.lastUse(session.id) ?? 0);
    return session.disabledAt === null && session.expiresAt > now && now - seenAt < SESSION_IDLE_MS;
  };

  /** Bearers of what was good before share an address with whoever guesses; only strangers wait. */
  const refuseGuesses = (isKnown: boolean, source: string): void => {
    const waitSeconds = failures.secondsUntilAllowed(source);
    if (waitSeconds > 0 && !isKnown) throw new OverwatchError("RATE_LIMITED", { retry_after_seconds: waitSeconds });
  };

  return {
    async authenticate(request, source) {
      const { authorization } = request.headers;
      if (authorization !== undefined) return byKey(authorization, source);
      const token = readSessionCookie(request, publicUrl());
      if (token === null) {
        refuseGuesses(false, source);
        throw new OverwatchError("UNAUTHENTICATED");
      }
      const caller = await bySession(token, source);
      if (request.method !== "GET") proveOwnPage(request, caller, publicUrl());
      return caller;
    },
    forget() {
      keys.forget();
      sessions.forget();
    },
    async flush() {
      await keyUses.flush();
      await sessionUses.flush();
    },
  };
}

function proveOwnPage(request: IncomingMessage, caller: Caller, publicUrl: string): void {
  const given = request.headers[CSRF_HEADER];
  if (originOf(request, publicUrl) !== "same") {
    throw new OverwatchError(
      "CSRF_FAILED",
      {},
      "A session acts for pages of this Overwatch alone: Origin is another one",
    );
  }
  if (typeof given !== "string" || !isSameSecret(given, caller.session?.csrfToken ?? "")) {
    throw new OverwatchError("CSRF_FAILED");
  }
}

type Memory<Found extends object> = {
  has(hash: Buffer): boolean;
  find(hash: Buffer): Promise<Found | null>;
  forget(): void;
};

/** Remembers what was found by a hash. */
function createMemory<Found extends object>(
  clock: Clock,
  load: (hash: Buffer) => Promise<Found | null>,
): Memory<Found> {
  const known = new Map<string, { readonly found: Found; readonly knownAt: number }>();
  let generation = 0;
  return {
    has: (hash) => known.has(hash.toString("base64")),
    async find(hash) {
      const name = hash.toString("base64");
      const cached = known.get(name);
      if (cached !== undefined && clock.now() - cached.knownAt < CACHE_MS) return cached.found;
      const asked = generation;
      const found = await load(hash);
      if (found === null) known.delete(name);
      // What was read before a revocation must not be remembered after it.
      else if (asked === generation) {
        if (known.size >= MAX_CACHED) known.clear();
        known.set(name, { found, knownAt: clock.now() });
      }
      return found;
    },
    forget() {
      generation++;
      known.clear();
    },
  };
}
