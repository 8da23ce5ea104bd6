import { createHash } from "node:crypto";
import { OverwatchError } from "../core/errors.ts";
import { normalizePassword, passwordProblem } from "../core/password-policy.ts";
import type { Queryable } from "../runtime/database.ts";
import { PasswordsBusyError } from "../runtime/password.ts";
import type { Organization } from "../store/organizations.ts";
import { deleteSessionByHash, insertSession, type SignInMethod } from "../store/sessions.ts";
import { countAttempts, forgiveAttempts } from "../store/sign-in-attempts.ts";
import { touchUser, type User } from "../store/users.ts";
import { sourceKey } from "./attempt-limit.ts";
import type { ApiDeps } from "./deps.ts";
import { invalidField } from "./error-answer.ts";
import type { Answer, RequestSource } from "./route.ts";
import { csrfTokenOf, hashSecretToken, makeSecretToken } from "./secret-token.ts";
import { sessionCookie } from "./session-cookie.ts";
import { SESSION_MOST_MS } from "./session-times.ts";

/** How often one may try within 15 minutes: an account from one address, an account, an address. */
const LIMITS = { pair: 10, account: 100, address: 60 } as const;
const WINDOW_MS = 15 * 60_000;

/** An e-mail address as it is stored and compared. */
export function normalizeEmail(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}

/**
 * Counts an attempt before it is looked at, for all nodes together, so that tries side by side do not slip through; throws
 * RATE_LIMITED. The answer forgives it, for who turned out to be no guesser.
 */
export async function countSignIn(
  deps: Pick<ApiDeps, "database" | "clock">,
  account: string,
  address: string,
): Promise<() => Promise<void>> {
  const from = sourceKey(address);
  const subjects = [
    { hash: hashOf("pair", account, from), most: LIMITS.pair },
    { hash: hashOf("account", account), most: LIMITS.account },
    { hash: hashOf("address", from), most: LIMITS.address },
  ];
  const hashes = subjects.map((subject) => subject.hash);
  const now = deps.clock.now();
  const counts = await countAttempts(deps.database, hashes, WINDOW_MS, now);
  for (const { subjectHash, count, since } of counts) {
    const most = subjects.find((subject) => subject.hash.equals(subjectHash))?.most ?? 0;
    if (count <= most) continue;
    const seconds = Math.max(1, Math.ceil((since + WINDOW_MS - now) / 1_000));
    const message = `Too many attempts to sign in; try again in ${Math.ceil(seconds / 60)} minutes`;
    throw new OverwatchError("RATE_LIMITED", { retry_after_seconds: seconds }, message);
  }
  return () => forgiveAttempts(deps.database, hashes);
}

function hashOf(...parts: readonly string[]): Buffer {
  return createHash("sha256").update(JSON.stringify(parts)).digest();
}

/** The hash of a new password that the policy lets pass; throws VALIDATION_FAILED naming the field otherwise. */
export async function hashNewPassword(
  deps: Pick<ApiDeps, "passwords">,
  password: string,
  email: string,
  field = "password",
): Promise<string> {
  const problem = passwordProblem(password, email);
  if (problem !== null) throw invalidField(field, problem);
  return unlessBusy(deps.passwords.hash(normalizePassword(password)));
}

/** Compares a password with what is stored; a null hash takes as long. */
export function checkPassword(
  deps: Pick<ApiDeps, "passwords">,
  password: string,
  hash: string | null,
): Promise<{ readonly isRight: boolean; readonly isOutdated: boolean }> {
  return unlessBusy(deps.passwords.check(normalizePassword(password), hash));
}

async function unlessBusy<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PasswordsBusyError) {
      throw new OverwatchError("OVERLOADED", {}, "Too many people sign in at this moment; try again");
    }
    throw error;
  }
}

/** Makes a session; what the request bore before ends. Returns its token. */
export async function startSession(
  deps: Pick<ApiDeps, "clock" | "ids" | "randomBytes">,
  tx: Queryable,
  user: Pick<User, "organizationId" | "id">,
  method: SignInMethod,
  source: RequestSource,
): Promise<string> {
  const now = deps.clock.now();
  const token = makeSecretToken(deps.randomBytes);
  if (source.sessionToken !== null) await deleteSessionByHash(tx, hashSecretToken(source.sessionToken));
  await insertSession(
    tx,
    {
      organizationId: user.organizationId,
      id: deps.ids.next(),
      userId: user.id,
      method,
      address: source.address,
      userAgent: source.userAgent,
      createdAt: now,
      seenAt: now,
      expiresAt: now + SESSION_MOST_MS,
    },
    hashSecretToken(token),
  );
  await touchUser(tx, user, now);
  return token;
}

/** Who is signed in, and the cookie that says so from now on. */
export function answerSession(
  user: Pick<User, "id" | "name" | "email" | "role">,
  organization: Organization,
  token: string,
  source: RequestSource,
): Answer {
  return {
    body: viewSession(user, organization, csrfTokenOf(token)),
    headers: { "set-cookie": sessionCookie(token, source.isSecure, SESSION_MOST_MS / 1_000) },
  };
}

/** Who is signed in. */
export function viewSession(
  user: Pick<User, "id" | "name" | "email" | "role">,
  organization: Organization,
  csrfToken: string,
) {
  return {
    user: { id: user.id, name: user.name, email: user.email, role: user.role },
    organization: { id: organization.id, name: organization.name },
    csrf_token: csrfToken,
  };
}

/** The account that e-mail and password belong to, or null; takes as long for an e-mail that nobody has. */
export async function findByPassword(
  deps: Pick<ApiDeps, "passwords">,
  candidates: readonly User[],
  password: string,
): Promise<{ readonly user: User; readonly isOutdated: boolean } | null> {
  const able = candidates.filter((user) => user.passwordHash !== null);
  if (able.length === 0) await checkPassword(deps, password, null);
  for (const user of able) {
    const { isRight, isOutdated } = await checkPassword(deps, password, user.passwordHash);
    if (isRight && user.disabledAt === null) return { user, isOutdated };
  }
  return null;
}
