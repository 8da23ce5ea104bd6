import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import { insertAuditEntry } from "../../store/audit.ts";
import { findOrganization } from "../../store/organizations.ts";
import { deleteSession, deleteSessionsOfUser, listSessions, type Session } from "../../store/sessions.ts";
import { findUser, listUsersByEmail, type User, updatePassword } from "../../store/users.ts";
import type { ApiDeps } from "../deps.ts";
import { defineOpenRoute, defineRoute, type RequestSource, type Route } from "../route.ts";
import { PasswordBody, SessionList, SessionView, SignInBody } from "../schemas/users.ts";
import { endedSessionCookie } from "../session-cookie.ts";
import { SESSION_IDLE_MS } from "../session-times.ts";
import {
  answerSession,
  checkPassword,
  countSignIn,
  findByPassword,
  hashNewPassword,
  normalizeEmail,
  startSession,
  viewSession,
} from "../sign-in.ts";

const tag = "session";

/** `/session` and `/sessions`. */
export function sessionRoutes(deps: ApiDeps): readonly Route[] {
  return [read(), signIn(deps), signOut(deps), changePassword(deps), list(deps), endOne(deps), endAll(deps)];
}

function read(): Route {
  return defineRoute("GET", "/session", {
    role: "viewer",
    access: "user",
    tag,
    summary: "Read who is signed in",
    answers: { 200: SessionView },
    handle: async ({ caller, database }) => {
      const organization = await findOrganization(database, caller.organizationId);
      if (organization === null || caller.session === null) throw new OverwatchError("UNAUTHENTICATED");
      const user = { ...caller, email: caller.session.email };
      return { body: viewSession(user, organization, caller.session.csrfToken) };
    },
  });
}

function signIn(deps: ApiDeps): Route {
  return defineOpenRoute("POST", "/session", {
    tag,
    summary: "Sign in",
    description: "Sets the session cookie. The answer takes as long for an address that nobody has.",
    body: SignInBody,
    answers: { 200: SessionView },
    handle: async ({ body, database, source, requestId }) => {
      const email = normalizeEmail(body.email);
      const forgive = await countSignIn(deps, email, source.address);
      const candidates = await listUsersByEmail(database, email);
      const found = await findByPassword(deps, candidates, body.password);
      if (found === null) {
        for (const user of candidates) await recordFailure(deps, user, source, requestId);
        throw new OverwatchError("SIGN_IN_FAILED");
      }
      const { user, isOutdated } = found;
      const organization = await findOrganization(database, user.organizationId);
      if (organization === null) throw new OverwatchError("SIGN_IN_FAILED");
      await forgive();
      // Parameters are raised where the password is at hand; the policy of today does not lock out whoever has an older one.
      const hash = isOutdated ? await deps.passwords.hash(body.password.normalize("NFKC")) : null;
      const token = await database.transaction(async (tx) => {
        if (hash !== null) await updatePassword(tx, user, hash, deps.clock.now());
        return startSession(deps, tx, user, "password", source);
      });
      return answerSession(user, organization, token, source);
    },
  });
}

/** Whose account was tried; the limit on attempts bounds how often. */
async function recordFailure(deps: ApiDeps, user: User, source: RequestSource, requestId: string): Promise<void> {
  await insertAuditEntry(deps.database, {
    organizationId: user.organizationId,
    id: deps.ids.next(),
    at: deps.clock.now(),
    actor: { kind: "anonymous", id: null, name: "somebody" },
    address: source.address,
    requestId,
    action: "session.sign_in_failed",
    object: { kind: "user", id: user.id, name: user.name },
    changes: {},
    request: null,
  });
}

function signOut(deps: ApiDeps): Route {
  return defineRoute("DELETE", "/session", {
    role: "viewer",
    access: "user",
    tag,
    summary: "Sign out",
    description: "Ends this session at once on this node and on all others within a second or, at the latest, 60.",
    answers: { 204: null },
    handle: async ({ caller, database, source, afterCommit }) => {
      const id = caller.session?.id ?? "";
      await deleteSession(database, caller, id);
      afterCommit(() => deps.onConfigChanged("session", id));
      return { status: 204, body: null, headers: { "set-cookie": endedSessionCookie(source.isSecure) } };
    },
  });
}

function changePassword(deps: ApiDeps): Route {
  return defineRoute("POST", "/session/password", {
    role: "viewer",
    access: "user",
    tag,
    summary: "Change one's password",
    description: "Ends all one's sessions; the answer brings a new one.",
    body: PasswordBody,
    answers: { 200: SessionView },
    isIdempotent: false,
    handle: async ({ caller, body, database, source, afterCommit }) => {
      const { organizationId, id } = caller;
      const user = await findUser(database, organizationId, id);
      const organization = await findOrganization(database, organizationId);
      if (user === null || organization === null) throw new OverwatchError("UNAUTHENTICATED");
      const forgive = await countSignIn(deps, user.email, source.address);
      const { isRight } = await checkPassword(deps, body.current, user.passwordHash);
      if (!isRight) throw new OverwatchError("SIGN_IN_FAILED", {}, "The present password is wrong");
      const hash = await hashNewPassword(deps, body.new, user.email, "new");
      await forgive();
      const token = await database.transaction(async (tx) => {
        await updatePassword(tx, user, hash, deps.clock.now());
        await deleteSessionsOfUser(tx, user);
        return startSession(deps, tx, user, "password", source);
      });
      afterCommit(() => deps.onConfigChanged("user", id));
      return answerSession(user, organization, token, source);
    },
  });
}

function list(deps: ApiDeps): Route {
  return defineRoute("GET", "/sessions", {
    role: "viewer",
    access: "user",
    tag,
    summary: "List one's sessions",
    answers: { 200: SessionList },
    handle: async ({ caller, database }) => {
      const now = deps.clock.now();
      const rows = await listSessions(database, caller, now - SESSION_IDLE_MS, now);
      return { body: { data: rows.map((row) => view(row, caller.session?.id ?? "")) } };
    },
  });
}

function view(session: Session, currentId: string) {
  return {
    id: session.id,
    current: session.id === currentId,
    method: session.method,
    address: session.address,
    user_agent: session.userAgent,
    created_at: wireTime(session.createdAt),
    seen_at: wireTime(session.seenAt),
    expires_at: wireTime(session.expiresAt),
  };
}

function endOne(deps: ApiDeps): Route {
  return defineRoute("DELETE", "/sessions/{id}", {
    role: "viewer",
    access: "user",
    tag,
    summary: "End one of one's sessions",
    answers: { 204: null },
    handle: async ({ caller, params, database, afterCommit }) => {
      if (!(await deleteSession(database, caller, params.id))) throw new OverwatchError("NOT_FOUND");
      afterCommit(() => deps.onConfigChanged("session", params.id));
      return { status: 204, body: null };
    },
  });
}

function endAll(deps: ApiDeps): Route {
  return defineRoute("DELETE", "/sessions", {
    role: "viewer",
    access: "user",
    tag,
    summary: "Sign out everywhere",
    description: "Ends all one's sessions, this one included.",
    answers: { 204: null },
    handle: async ({ caller, database, source, afterCommit }) => {
      await deleteSessionsOfUser(database, caller);
      afterCommit(() => deps.onConfigChanged("user", caller.id));
      return { status: 204, body: null, headers: { "set-cookie": endedSessionCookie(source.isSecure) } };
    },
  });
}
