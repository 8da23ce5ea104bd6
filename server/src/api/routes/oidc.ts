import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { localPath } from "../../core/oidc-claims.ts";
import { describeError } from "../../runtime/log.ts";
import type { SecretPlace } from "../../runtime/secrets.ts";
import { insertAuditEntry } from "../../store/audit.ts";
import { findDefaultOrganization } from "../../store/organizations.ts";
import type { ApiDeps } from "../deps.ts";
import { findOidcAccount } from "../oidc-account.ts";
import type { OidcAttempt, OidcClient } from "../oidc-client.ts";
import { type Answer, defineOpenRoute, type Route } from "../route.ts";
import { oneOf, strict, text } from "../schemas/shared.ts";
import { cookie, sessionCookie } from "../session-cookie.ts";
import { SESSION_MOST_MS } from "../session-times.ts";
import { startSession } from "../sign-in.ts";

const tag = "session";
const COOKIE_PATH = "/api/v1/session/oidc";
const COOKIE_NAME = "overwatch_oidc";
const ATTEMPT_SECONDS = 600;
const PLACE: SecretPlace = { organizationId: "", table: "cookies", rowId: COOKIE_NAME, field: "attempt" };

/** `/session/methods` and `/session/oidc`. */
export function oidcRoutes(deps: ApiDeps): readonly Route[] {
  return [methods(deps), start(deps), callback(deps)];
}

function methods(deps: ApiDeps): Route {
  return defineOpenRoute("GET", "/session/methods", {
    tag,
    summary: "List the ways to sign in",
    answers: {
      200: strict({
        methods: Type.Array(
          strict({
            type: oneOf(["password", "oidc"]),
            name: Type.Optional(Type.String({ description: "The provider's host" })),
            start_url: Type.Optional(Type.String({ description: "Where a browser begins; takes `return_to`" })),
          }),
        ),
      }),
    },
    handle: async () => {
      const { oidc } = deps;
      const provider =
        oidc === null
          ? []
          : [{ type: "oidc", name: new URL(oidc.settings.issuer).host, start_url: `${COOKIE_PATH}/start` }];
      return { body: { methods: [{ type: "password" }, ...provider] } };
    },
  });
}

type Kept = OidcAttempt & { readonly returnTo: string; readonly until: number };

function start(deps: ApiDeps): Route {
  return defineOpenRoute("GET", "/session/oidc/start", {
    tag,
    summary: "Go to the identity provider",
    description: "For browsers: answers with a redirect.",
    query: strict({ return_to: Type.Optional(text(2_000, "A path of this site to come back to")) }),
    answers: { 302: null },
    handle: async ({ query, source, log, requestId }) => {
      const client = clientOf(deps);
      try {
        const { url, attempt } = await client.begin(callbackUrl(deps));
        const until = deps.clock.now() + ATTEMPT_SECONDS * 1_000;
        const kept: Kept = { ...attempt, returnTo: localPath(query.return_to), until };
        const sealed = deps.vault.seal(JSON.stringify(kept), PLACE).toString("base64url");
        return redirect(url, [cookie(COOKIE_NAME, sealed, source.isSecure, COOKIE_PATH, ATTEMPT_SECONDS)]);
      } catch (error) {
        log.warn({ correlation_id: requestId, ...describeError(error) }, "the identity provider cannot be reached");
        return refuse("provider_unavailable", source.isSecure);
      }
    },
  });
}

function callback(deps: ApiDeps): Route {
  return defineOpenRoute("GET", "/session/oidc/callback", {
    tag,
    summary: "Come back from the identity provider",
    description: "For browsers: signs in and answers with a redirect; `/sign-in?error=…` says why it did not.",
    // Providers add what they like.
    query: Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object", additionalProperties: true }),
    answers: { 302: null },
    handle: async ({ query, source, database, log, requestId, afterCommit }) => {
      const client = clientOf(deps);
      const kept = openAttempt(deps, source.oidcCookie);
      if (kept === null) return refuse("attempt_expired", source.isSecure);
      const url = new URL(callbackUrl(deps));
      for (const [name, value] of Object.entries(query))
        if (typeof value === "string") url.searchParams.set(name, value);
      const person = await client.finish(url.href, kept).catch((error: unknown) => {
        log.warn(
          { correlation_id: requestId, ...describeError(error) },
          "a sign-in by the identity provider was refused",
        );
        return null;
      });
      if (person === null) return refuse("refused", source.isSecure);
      if (person === "away") return refuse("provider_unavailable", source.isSecure);
      const organization = await findDefaultOrganization(database);
      if (organization === null) return refuse("refused", source.isSecure);
      const now = deps.clock.now();
      const done = await database.transaction(async (tx) => {
        const account = await findOidcAccount(tx, organization, person, client.settings, deps.ids.next(), now);
        if (!account.ok) return account;
        const { user } = account;
        await insertAuditEntry(tx, {
          organizationId: organization.id,
          id: deps.ids.next(),
          at: now,
          actor: { kind: "user", id: user.id, name: user.name },
          address: source.address,
          requestId,
          action: account.isNew ? "user.join" : "session.sign_in",
          object: { kind: "user", id: user.id, name: user.name },
          changes: account.isNew ? { email: { after: user.email }, role: { after: user.role } } : {},
          request: { method: "oidc", issuer: person.issuer },
        });
        return { ok: true, user, token: await startSession(deps, tx, user, "oidc", source) } as const;
      });
      if (!done.ok) return refuse(done.why, source.isSecure);
      afterCommit(() => deps.onConfigChanged("user", done.user.id));
      return redirect(kept.returnTo, [
        sessionCookie(done.token, source.isSecure, SESSION_MOST_MS / 1_000),
        endedCookie(source.isSecure),
      ]);
    },
  });
}

function clientOf(deps: ApiDeps): OidcClient {
  if (deps.oidc === null) throw new OverwatchError("NOT_FOUND");
  return deps.oidc;
}

function callbackUrl(deps: ApiDeps): string {
  return `${deps.publicUrl()}${COOKIE_PATH}/callback`;
}

function openAttempt(deps: ApiDeps, sealed: string | null): Kept | null {
  if (sealed === null) return null;
  try {
    const kept = JSON.parse(deps.vault.open(Buffer.from(sealed, "base64url"), PLACE)) as Kept;
    return kept.until > deps.clock.now() ? kept : null;
  } catch {
    return null;
  }
}

function refuse(why: string, isSecure: boolean): Answer {
  return redirect(`/sign-in?error=${why}`, [endedCookie(isSecure)]);
}

function endedCookie(isSecure: boolean): string {
  return cookie(COOKIE_NAME, "", isSecure, COOKIE_PATH, 0);
}

function redirect(location: string, cookies: readonly string[]): Answer {
  return { status: 302, body: null, headers: { location, "set-cookie": cookies } };
}
