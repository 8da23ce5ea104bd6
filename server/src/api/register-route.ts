import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { OverwatchError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { isUuid } from "../runtime/id.ts";
import { type AuditPlan, auditPlanOf, recordWork } from "./audit.ts";
import type { Authenticator } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { answerOnce, inTransaction, readIdempotencyKey } from "./idempotency.ts";
import { errorCodesOf } from "./openapi.ts";
import { isRoleEnough } from "./roles.ts";
import type { Answer, Call, Caller, RequestSource, Route } from "./route.ts";
import { originOf } from "./same-origin.ts";
import { ErrorAnswer, isSplitAtCommas } from "./schemas/shared.ts";
import { isSecure, readCookie, readSessionCookie } from "./session-cookie.ts";

/** Below this path stands everything that is versioned. */
export const BASE_PATH = "/api/v1";

const callers = new WeakMap<FastifyRequest, Caller>();

/** Puts a route of the table on the server: who may, what it takes, what it answers. */
export function registerRoute(app: FastifyInstance, deps: ApiDeps, authenticator: Authenticator, route: Route): void {
  const hasBody = route.method === "POST" || route.method === "PATCH";
  const plan = auditPlanOf(deps, route);
  app.route({
    method: route.method,
    url: BASE_PATH + route.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    schema: schemaOf(route),
    onRequest: async (request) => {
      if (deps.isDraining()) throw new OverwatchError("SHUTTING_DOWN");
      if (route.access === "anyone") {
        // Nor may the page of another site sign somebody in as somebody else.
        const isForeign = hasBody && originOf(request.raw, deps.publicUrl()) === "other";
        if (isForeign) throw new OverwatchError("CSRF_FAILED");
        return;
      }
      const caller = await authenticator.authenticate(request.raw, deps.sourceAddress(request.raw));
      if (route.access === "user" && caller.kind !== "user") throw new OverwatchError("SESSION_REQUIRED");
      if (!isRoleEnough(caller.role, route.role)) throw new OverwatchError("FORBIDDEN", { needed_role: route.role });
      callers.set(request, caller);
    },
    preValidation: async (request) => {
      // An id that cannot exist is answered like one that does not.
      const { id } = request.params as { id?: string };
      if (id !== undefined && !isUuid(id)) throw new OverwatchError("NOT_FOUND");
      if (hasBody && request.body === undefined) request.body = {};
      request.query = typeQuery(request.query, route);
    },
    handler: async (request, reply) => sendAnswer(reply, await run(deps, route, plan, request)),
  });
}

function schemaOf(route: Route): Readonly<Record<string, unknown>> {
  const response: Record<string, unknown> = {};
  for (const [status, schema] of Object.entries(route.answers)) {
    response[status] = schema ?? { description: "No content", type: "null" };
  }
  for (const status of errorCodesOf(route)) response[status] = ErrorAnswer;
  return {
    tags: [route.tag],
    summary: route.summary,
    description: `${route.description === null ? "" : `${route.description}\n\n`}Role: ${roleInDocs(route)}.`,
    security: securityOf(route),
    ...(route.path.includes("{id}")
      ? { params: { type: "object", properties: { id: { type: "string", format: "uuid" } }, required: ["id"] } }
      : {}),
    querystring: route.query ?? { type: "object", properties: {}, additionalProperties: false },
    ...(route.body === null ? {} : { body: route.body }),
    response,
  };
}

async function run(deps: ApiDeps, route: Route, plan: AuditPlan | null, request: FastifyRequest): Promise<Answer> {
  const caller = callers.get(request) ?? null;
  if (caller === null && route.access !== "anyone") throw new OverwatchError("UNAUTHENTICATED");
  const source = sourceOf(deps, request);
  let effects: (() => void)[] = [];
  const callOn = (database: ApiDeps["database"]): Parameters<Route["handle"]>[0] => {
    const call: Omit<Call<{ readonly id: string }, unknown, unknown>, "caller"> & { readonly caller: Caller | null } = {
      // Null for open calls alone, whose handlers do not see it.
      caller,
      params: request.params as { readonly id: string },
      query: request.query,
      body: request.body,
      database,
      ifMatch: typeof request.headers["if-match"] === "string" ? request.headers["if-match"] : null,
      requestId: request.id,
      source,
      log: deps.log,
      afterCommit: (effect) => effects.push(effect),
    };
    return call as unknown as Parameters<Route["handle"]>[0];
  };
  const handle = (database: ApiDeps["database"]): Promise<Answer> => {
    // A transaction that is run again starts over, its effects too.
    effects = [];
    return route.handle(callOn(database));
  };
  const { id = null } = request.params as { readonly id?: string };
  const audited = { caller, source, requestId: request.id, body: request.body, id };
  const work = (database: ApiDeps["database"]): Promise<Answer> =>
    plan === null ? handle(database) : recordWork(deps, plan, audited, database, handle);
  await route.check?.(callOn(deps.database));
  const key = caller !== null && route.method === "POST" && route.isIdempotent ? idempotencyKeyOf(request) : null;
  const answer =
    key === null || caller === null
      ? await (plan?.isInTransaction ? inTransaction(deps.database, work) : work(deps.database))
      : await answerOnce(
          deps,
          {
            organizationId: caller.organizationId,
            key,
            parts: [request.method, request.url, JSON.stringify(request.body)],
          },
          work,
        );
  for (const effect of effects) effect();
  return answer;
}

function sourceOf(deps: ApiDeps, request: FastifyRequest): RequestSource {
  return {
    address: deps.sourceAddress(request.raw),
    userAgent: (request.headers["user-agent"] ?? "").slice(0, 300),
    isSecure: isSecure(request.raw, deps.publicUrl()),
    sessionToken: readSessionCookie(request.raw, deps.publicUrl()),
    oidcCookie: readCookie(request.raw, "overwatch_oidc", /^[A-Za-z0-9_-]{1,4000}$/),
  };
}

/** The word by which the documents say who may call a route. */
export function roleInDocs(route: Route): string {
  return route.access === "anyone" ? "anyone" : route.role;
}

function securityOf(route: Route): readonly Readonly<Record<string, readonly string[]>>[] {
  if (route.access === "anyone") return [];
  return route.access === "user" ? [{ session: [] }] : [{ apiKey: [] }, { session: [] }];
}

function idempotencyKeyOf(request: FastifyRequest): string | null {
  return readIdempotencyKey(request.headers["idempotency-key"]);
}

function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status ?? 200);
  if (answer.etag !== undefined) reply.header("etag", answer.etag);
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  if (answer.raw !== undefined) return reply.type(answer.raw.contentType).send(answer.raw.bytes);
  return answer.body === null && (answer.status === 204 || answer.status === 302)
    ? reply.send()
    : reply.type("application/json; charset=utf-8").send(answer.body);
}

/** Query values arrive as text; those whose schema is a number, a boolean or a list are read as such, all others stay. */
function typeQuery(query: unknown, route: Route): unknown {
  const properties = route.query !== null && "properties" in route.query ? route.query.properties : null;
  if (!isObject(query) || !isObject(properties)) return query;
  // Without a prototype, so that a parameter called __proto__ is a parameter like any other, and unknown.
  const typed: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(query)) {
    const schema: unknown = Object.hasOwn(properties, name) ? properties[name] : null;
    const type = isObject(schema) ? schema.type : null;
    if (type === "integer" && typeof value === "string" && /^\d{1,9}$/.test(value)) typed[name] = Number(value);
    else if (type === "boolean" && (value === "true" || value === "false")) typed[name] = value === "true";
    else if (type === "array" && typeof value === "string")
      typed[name] = isObject(schema) && isSplitAtCommas(schema) ? value.split(",") : [value];
    else typed[name] = value;
  }
  return typed;
}
