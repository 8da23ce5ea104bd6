import { OverwatchError } from "../../core/errors.ts";
import type { Queryable } from "../../runtime/database.ts";
import {
  deleteLinksOfUser,
  deleteSetupLinks,
  findOneTimeLink,
  type OneTimeLink,
  takeOneTimeLink,
} from "../../store/one-time-links.ts";
import { findDefaultOrganization, findOrganization, lockOrganization } from "../../store/organizations.ts";
import { deleteSessionsOfUser } from "../../store/sessions.ts";
import { findUser, hasUsers, insertUser, type User, updatePassword, updateUser } from "../../store/users.ts";
import type { ApiDeps } from "../deps.ts";
import { defineOpenRoute, type Route } from "../route.ts";
import { InviteAccept, LinkBody, LinkView, SessionView, SetupBody, SetupView } from "../schemas/users.ts";
import { hashSecretToken } from "../secret-token.ts";
import { answerSession, hashNewPassword, normalizeEmail, startSession } from "../sign-in.ts";

const tag = "session";

/** `/setup`, `/links/check` and `/invites/accept`: what people without a session do with a link that works once. */
export function setupRoutes(deps: ApiDeps): readonly Route[] {
  return [read(), setUp(deps), check(deps), accept(deps)];
}

function read(): Route {
  return defineOpenRoute("GET", "/setup", {
    tag,
    summary: "Read whether the first administrator is still to be made",
    answers: { 200: SetupView },
    handle: async ({ database }) => {
      const organization = await findDefaultOrganization(database);
      return { body: { needed: organization !== null && !(await hasUsers(database, organization.id)) } };
    },
  });
}

function setUp(deps: ApiDeps): Route {
  return defineOpenRoute("POST", "/setup", {
    tag,
    summary: "Make the first administrator",
    description: "With the token of the set-up link, once; signs in. 404 from then on.",
    body: SetupBody,
    answers: { 201: SessionView },
    handle: async ({ body, database, source }) => {
      const organization = await findDefaultOrganization(database);
      if (organization === null || (await hasUsers(database, organization.id))) throw new OverwatchError("NOT_FOUND");
      const now = deps.clock.now();
      const link = await findOneTimeLink(database, hashSecretToken(body.token), now);
      if (link?.purpose !== "setup") throw new OverwatchError("LINK_NOT_VALID");
      const email = normalizeEmail(body.email);
      const passwordHash = await hashNewPassword(deps, body.password, email);
      const user: User = {
        organizationId: organization.id,
        id: deps.ids.next(),
        name: body.name,
        email,
        role: "admin",
        passwordHash,
        oidcIssuer: null,
        oidcSubject: null,
        createdAt: now,
        updatedAt: now,
        disabledAt: null,
        lastSignedInAt: now,
        version: 1,
      };
      const token = await database.transaction(async (tx) => {
        // Two who come at once come one after the other here, and the second one is too late.
        await lockOrganization(tx, organization.id);
        if (await hasUsers(tx, organization.id)) throw new OverwatchError("NOT_FOUND");
        if (!(await takeOneTimeLink(tx, link))) throw new OverwatchError("LINK_NOT_VALID");
        await deleteSetupLinks(tx, organization.id);
        await insertUser(tx, user);
        return startSession(deps, tx, user, "link", source);
      });
      return { ...answerSession(user, organization, token, source), status: 201 };
    },
  });
}

function check(deps: ApiDeps): Route {
  return defineOpenRoute("POST", "/links/check", {
    tag,
    summary: "See whether a link for set-up, an invite or a reset still works",
    description: "Before somebody fills in its form; uses nothing up.",
    body: LinkBody,
    answers: { 200: LinkView },
    handle: async ({ body, database }) => {
      const link = await findOneTimeLink(database, hashSecretToken(body.token), deps.clock.now());
      const works =
        link !== null &&
        (link.userId === null
          ? !(await hasUsers(database, link.organizationId))
          : (await findInvited(database, link)) !== null);
      if (!works) throw new OverwatchError("LINK_NOT_VALID");
      return { body: { purpose: link.purpose, expires_at: new Date(link.expiresAt).toISOString() } };
    },
  });
}

/** The person whose password a link may set, or null. */
async function findInvited(db: Queryable, { organizationId, userId }: OneTimeLink): Promise<User | null> {
  const user = userId === null ? null : await findUser(db, organizationId, userId);
  return user === null || user.disabledAt !== null ? null : user;
}

function accept(deps: ApiDeps): Route {
  return defineOpenRoute("POST", "/invites/accept", {
    tag,
    summary: "Set a password with the link of an invite or a reset",
    description: "Works once, ends all sessions of the person, and signs in.",
    body: InviteAccept,
    answers: { 200: SessionView },
    handle: async ({ body, database, source, afterCommit }) => {
      const now = deps.clock.now();
      const link = await findOneTimeLink(database, hashSecretToken(body.token), now);
      if (link === null) throw new OverwatchError("LINK_NOT_VALID");
      const user = await findInvited(database, link);
      const organization = await findOrganization(database, link.organizationId);
      if (user === null || organization === null) throw new OverwatchError("LINK_NOT_VALID");
      const hash = await hashNewPassword(deps, body.password, user.email);
      const named = { ...user, name: body.name ?? user.name };
      const token = await database.transaction(async (tx) => {
        if (!(await takeOneTimeLink(tx, link))) throw new OverwatchError("LINK_NOT_VALID");
        if (named.name !== user.name) await updateUser(tx, named, now);
        await updatePassword(tx, user, hash, now);
        await deleteLinksOfUser(tx, user);
        await deleteSessionsOfUser(tx, user);
        return startSession(deps, tx, user, "link", source);
      });
      afterCommit(() => deps.onConfigChanged("user", user.id));
      return answerSession(named, organization, token, source);
    },
  });
}
