import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import {
  type ApiKey,
  countLiveAdminKeys,
  findApiKey,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
} from "../../store/api-keys.ts";
import { findOrganization } from "../../store/organizations.ts";
import { countWorkingAdmins } from "../../store/users.ts";
import { hashApiKey, hintOfApiKey, makeApiKey } from "../api-key.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import { answerPage, readMoment, readPage } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { ApiKeyCreate, ApiKeyView, OrganizationView } from "../schemas/api-keys.ts";
import { pageOf, pageParameters, strict } from "../schemas/shared.ts";

const tag = "api-keys";

/** `/api-keys` and `/organization`. */
export function apiKeyRoutes(deps: ApiDeps): readonly Route[] {
  return [list(), create(deps), revoke(deps), organization()];
}

function view(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    key_hint: key.keyHint,
    created_at: wireTime(key.createdAt),
    expires_at: wireTime(key.expiresAt),
    last_used_at: wireTime(key.lastUsedAt),
    revoked_at: wireTime(key.revokedAt),
    created_by: key.createdBy,
  };
}

function list(): Route {
  return defineRoute("GET", "/api-keys", {
    role: "admin",
    tag,
    summary: "List API keys",
    description: "Revoked ones included.",
    query: strict(pageParameters),
    answers: { 200: pageOf(ApiKeyView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const rows = await listApiKeys(database, caller.organizationId, { before: page.before, limit: page.limit + 1 });
      return { body: answerPage(query, page.limit, rows, view) };
    },
  });
}

function create(deps: ApiDeps): Route {
  return defineRoute("POST", "/api-keys", {
    role: "admin",
    tag,
    summary: "Create an API key",
    description: "The answer shows the key this once.",
    body: ApiKeyCreate,
    answers: { 201: ApiKeyView },
    handle: async ({ caller, body, database }) => {
      const now = deps.clock.now();
      const expiresAt = readMoment(body.expires_at ?? undefined, "expires_at");
      if (expiresAt !== null && expiresAt <= now) throw invalidField("expires_at", "must lie in the future");
      const key = makeApiKey(deps.randomBytes);
      const row: ApiKey = {
        organizationId: caller.organizationId,
        id: deps.ids.next(),
        name: body.name,
        role: body.role,
        keyHint: hintOfApiKey(key),
        createdAt: now,
        expiresAt,
        lastUsedAt: null,
        revokedAt: null,
        createdBy: { kind: caller.kind, id: caller.id, name: caller.name },
      };
      await insertApiKey(database, { ...row, keyHash: hashApiKey(key) });
      return { status: 201, body: { ...view(row), key } };
    },
  });
}

function revoke(deps: ApiDeps): Route {
  return defineRoute("DELETE", "/api-keys/{id}", {
    role: "admin",
    tag,
    summary: "Revoke an API key",
    description:
      "For good, on this node at once and on others within 60 s. The last admin key stays while no administrator could sign in.",
    answers: { 204: null },
    handle: async ({ caller, params, database, afterCommit }) => {
      const now = deps.clock.now();
      await database.transaction(async (tx) => {
        const key = await findApiKey(tx, caller.organizationId, params.id);
        if (key === null || key.revokedAt !== null) throw new OverwatchError("NOT_FOUND");
        await revokeApiKey(tx, caller.organizationId, params.id, now);
        const isLast = (await countLiveAdminKeys(tx, caller.organizationId, now)) === 0;
        if (isLast && (await countWorkingAdmins(tx, caller.organizationId)) === 0) {
          throw new OverwatchError("CONFLICT", {}, "This is the last admin key; create another one first");
        }
      });
      afterCommit(() => deps.onConfigChanged("api_key", params.id));
      return { status: 204, body: null };
    },
  });
}

function organization(): Route {
  return defineRoute("GET", "/organization", {
    role: "viewer",
    tag: "organization",
    summary: "Read the organization of whoever asks",
    answers: { 200: OrganizationView },
    handle: async ({ caller, database }) => {
      const row = await findOrganization(database, caller.organizationId);
      if (row === null) throw new OverwatchError("NOT_FOUND");
      const { kind, id, name, role } = caller;
      return {
        body: {
          id: row.id,
          name: row.name,
          created_at: wireTime(row.createdAt),
          caller: { kind, id, name, role },
          api_key: kind === "api_key" ? { id, name, role } : null,
        },
      };
    },
  });
}
