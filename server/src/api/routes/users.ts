import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import type { Queryable } from "../../runtime/database.ts";
import { deleteLinksOfUser, listLinkExpiries } from "../../store/one-time-links.ts";
import { lockOrganization } from "../../store/organizations.ts";
import { deleteSessionsOfUser } from "../../store/sessions.ts";
import {
  countWorkingAdmins,
  deleteUser,
  findUser,
  insertUser,
  listUsers,
  type User,
  updateUser,
} from "../../store/users.ts";
import type { ApiDeps } from "../deps.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { linkUrl, makeOneTimeLink } from "../one-time-link.ts";
import { answerPage, readPage } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { Nothing, pageOf, pageParameters, strict } from "../schemas/shared.ts";
import { InvitedUserView, ResetView, UserCreate, UserPatch, UserView } from "../schemas/users.ts";
import { normalizeEmail } from "../sign-in.ts";

const tag = "users";

/** `/users`. */
export function userRoutes(deps: ApiDeps): readonly Route[] {
  return [list(deps), invite(deps), read(deps), change(deps), remove(deps), reset(deps)];
}

function view(user: User, linkExpiresAt: number | null) {
  const hasWay = user.passwordHash !== null || user.oidcSubject !== null;
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    role: user.role,
    status: user.disabledAt !== null ? "disabled" : hasWay ? "active" : "invited",
    disabled: user.disabledAt !== null,
    created_at: wireTime(user.createdAt),
    updated_at: wireTime(user.updatedAt),
    last_signed_in_at: wireTime(user.lastSignedInAt),
    link_expires_at: wireTime(linkExpiresAt),
  };
}

async function answerUser(deps: ApiDeps, database: Queryable, user: User) {
  const expiries = await listLinkExpiries(database, user.organizationId, [user.id], deps.clock.now());
  return { body: view(user, expiries.get(user.id) ?? null), etag: etagOf(user.version) };
}

function list(deps: ApiDeps): Route {
  return defineRoute("GET", "/users", {
    role: "viewer",
    tag,
    summary: "List people",
    query: strict(pageParameters),
    answers: { 200: pageOf(UserView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const { organizationId } = caller;
      const rows = await listUsers(database, organizationId, { before: page.before, limit: page.limit + 1 });
      const ids = rows.map((row) => row.id);
      const expiries = await listLinkExpiries(database, organizationId, ids, deps.clock.now());
      return { body: answerPage(query, page.limit, rows, (row) => view(row, expiries.get(row.id) ?? null)) };
    },
  });
}

function invite(deps: ApiDeps): Route {
  return defineRoute("POST", "/users", {
    role: "admin",
    tag,
    summary: "Invite a person",
    description: "The answer shows the link this once; it works once, for seven days.",
    body: UserCreate,
    answers: { 201: InvitedUserView },
    handle: async ({ caller, body, database }) => {
      const now = deps.clock.now();
      const user: User = {
        organizationId: caller.organizationId,
        id: deps.ids.next(),
        name: body.name,
        email: normalizeEmail(body.email),
        role: body.role,
        passwordHash: null,
        oidcIssuer: null,
        oidcSubject: null,
        createdAt: now,
        updatedAt: now,
        disabledAt: null,
        lastSignedInAt: null,
        version: 1,
      };
      const link = await database.transaction(async (tx) => {
        if (!(await insertUser(tx, user))) {
          throw new OverwatchError("CONFLICT", { field: "email" }, "Somebody here has this e-mail address already");
        }
        return makeLink(deps, tx, user, "invite");
      });
      return { status: 201, body: { ...view(user, link.expiresAt), invite_url: link.url }, etag: etagOf(user.version) };
    },
  });
}

async function makeLink(deps: ApiDeps, tx: Queryable, user: User, purpose: "invite" | "reset") {
  const { organizationId, id } = user;
  const made = await makeOneTimeLink(deps, tx, { organizationId, purpose, userId: id }, deps.clock.now());
  return { url: linkUrl(deps.publicUrl(), purpose, made.token), expiresAt: made.expiresAt };
}

function read(deps: ApiDeps): Route {
  return defineRoute("GET", "/users/{id}", {
    role: "viewer",
    tag,
    summary: "Read a person",
    answers: { 200: UserView },
    handle: async ({ caller, params, database }) => {
      const user = await findUser(database, caller.organizationId, params.id);
      if (user === null) throw new OverwatchError("NOT_FOUND");
      return answerUser(deps, database, user);
    },
  });
}

function change(deps: ApiDeps): Route {
  return defineRoute("PATCH", "/users/{id}", {
    role: "admin",
    tag,
    summary: "Change a person's name or role, or disable the account",
    description: "Another role and disabling end the person's sessions. The last administrator stays.",
    body: UserPatch,
    answers: { 200: UserView },
    handle: async ({ caller, params, body, ifMatch, database, afterCommit }) => {
      const now = deps.clock.now();
      const saved = await database.transaction(async (tx) => {
        const { user, adminsBefore } = await lockUser(tx, caller.organizationId, params.id);
        requireMatch(ifMatch, user.version);
        const isDisabled = body.disabled ?? user.disabledAt !== null;
        const next: User = {
          ...user,
          name: body.name ?? user.name,
          role: body.role ?? user.role,
          disabledAt: isDisabled ? (user.disabledAt ?? now) : null,
        };
        await updateUser(tx, next, now);
        await keepAnAdmin(tx, caller.organizationId, adminsBefore);
        const isEnding = next.role !== user.role || (isDisabled && user.disabledAt === null);
        if (isEnding) await deleteSessionsOfUser(tx, next);
        if (isDisabled) await deleteLinksOfUser(tx, next);
        return { ...next, updatedAt: now, version: user.version + 1 };
      });
      afterCommit(() => deps.onConfigChanged("user", params.id));
      return answerUser(deps, database, saved);
    },
  });
}

function remove(deps: ApiDeps): Route {
  return defineRoute("DELETE", "/users/{id}", {
    role: "admin",
    tag,
    summary: "Remove a person",
    description: "Sessions end; what the person did stays under the name. The last administrator stays.",
    answers: { 204: null },
    handle: async ({ caller, params, database, afterCommit }) => {
      await database.transaction(async (tx) => {
        const { adminsBefore } = await lockUser(tx, caller.organizationId, params.id);
        await deleteUser(tx, caller.organizationId, params.id);
        await keepAnAdmin(tx, caller.organizationId, adminsBefore);
      });
      afterCommit(() => deps.onConfigChanged("user", params.id));
      return { status: 204, body: null };
    },
  });
}

function reset(deps: ApiDeps): Route {
  return defineRoute("POST", "/users/{id}/reset", {
    role: "admin",
    tag,
    summary: "Make a link for a new password",
    description: "Works once, for a day; earlier links of the person end. The present password works until it is used.",
    body: Nothing,
    answers: { 200: ResetView },
    handle: async ({ caller, params, database }) => {
      const link = await database.transaction(async (tx) => {
        const { user } = await lockUser(tx, caller.organizationId, params.id);
        if (user.disabledAt !== null)
          throw new OverwatchError("CONFLICT", {}, "This account is disabled; enable it first");
        await deleteLinksOfUser(tx, user);
        return makeLink(deps, tx, user, "reset");
      });
      return { body: { reset_url: link.url, expires_at: wireTime(link.expiresAt) } };
    },
  });
}

/** A person as nobody else can change meanwhile, and how many administrators could sign in before the change. */
async function lockUser(tx: Queryable, organizationId: string, id: string) {
  await lockOrganization(tx, organizationId);
  const user = await findUser(tx, organizationId, id);
  if (user === null) throw new OverwatchError("NOT_FOUND");
  return { user, adminsBefore: await countWorkingAdmins(tx, organizationId) };
}

async function keepAnAdmin(tx: Queryable, organizationId: string, adminsBefore: number): Promise<void> {
  if (adminsBefore > 0 && (await countWorkingAdmins(tx, organizationId)) === 0) {
    throw new OverwatchError("CONFLICT", {}, "This is the last administrator who can sign in; make another one first");
  }
}
