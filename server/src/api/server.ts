import { AjvCompiler, type BuildCompilerFromPool } from "@fastify/ajv-compiler";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { OverwatchError } from "../core/errors.ts";
import { sqlState } from "../runtime/database.ts";
import { describeError } from "../runtime/log.ts";
import { type Authenticator, createAuthenticator } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { answerError } from "./error-answer.ts";
import { createEventStreams } from "./event-streams.ts";
import { parseJsonBody } from "./json-body.ts";
import { handleNotFound } from "./not-found.ts";
import { openApiOptions } from "./openapi.ts";
import { registerRoute } from "./register-route.ts";
import { registerStreamRoute } from "./routes/stream.ts";
import { registerSystemRoutes } from "./routes/system.ts";
import { apiRoutes } from "./routes.ts";

/** The API as something that requests can be given to. */
export type Api = {
  /** Ready: hand requests to `app.routing`, or to `app.inject` in tests. */
  readonly app: FastifyInstance;
  /** Forgets cached keys and sessions, after another node said that one was revoked. */
  forgetKeys(): void;
  /** Writes when keys and sessions were last used; otherwise done every 30 s while there are requests. */
  flush(): Promise<void>;
  /** Tells live streams what is new; otherwise done every second while somebody listens. */
  feedStreams(): Promise<void>;
  /** Ends what is open and writes what is pending. */
  close(): Promise<void>;
};

const BODY_LIMIT_BYTES = 1_048_576;

/** Headers of every answer: JSON for programs only, nothing to frame, sniff or keep. */
const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Builds the API; it listens on nothing itself. */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const authenticator = createAuthenticator(deps);
  const streams = createEventStreams(deps);
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => readRequestId(request.headers["x-request-id"]) ?? deps.ids.next(),
    routerOptions: { maxParamLength: 64 },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: true,
        discriminator: true,
        allowUnionTypes: true,
      },
    },
    schemaController: { compilersFactory: { buildValidator: buildLateValidator } },
    // A URL that cannot be decoded never reaches a route.
    frameworkErrors: (error, request, reply) => sendError(deps, error, request, reply),
  });
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.setErrorHandler((error, request, reply) => sendError(deps, error, request, reply));
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    reply.header("x-request-id", request.id);
    // One spelling of each path: nothing in ours needs an escape.
    if (/[%;]|\/\//.test(request.raw.url?.split("?", 1)[0] ?? "")) throw new OverwatchError("NOT_FOUND");
  });
  readBodies(app);
  handleNotFound(app);
  await app.register(swagger, openApiOptions());
  registerAll(app, deps, authenticator);
  registerStreamRoute(app, deps, authenticator, streams);
  await app.ready();
  return {
    app,
    forgetKeys() {
      authenticator.forget();
      streams.recheck();
    },
    flush: authenticator.flush,
    feedStreams: streams.tick,
    async close() {
      streams.close();
      await authenticator.flush().catch(() => undefined);
      await app.close();
    },
  };
}

/**
 * Fastify's validator, except that a route's schema is compiled when its first request comes: compiling all of them takes
 * longer than everything else that a start does.
 */
const buildLateValidator: BuildCompilerFromPool = (externalSchemas, options) => {
  const compile = buildNow(externalSchemas, options);
  return (route: Parameters<typeof compile>[0]) => {
    let validate: ReturnType<typeof compile> | null = null;
    const late = ((value: unknown) => {
      validate ??= compile(route);
      const isValid = validate(value);
      late.errors = validate.errors ?? null;
      return isValid;
    }) as ReturnType<typeof compile>;
    late.errors = null;
    return late;
  };
};

const buildNow = AjvCompiler();

function registerAll(app: FastifyInstance, deps: ApiDeps, authenticator: Authenticator): void {
  for (const route of apiRoutes(deps)) registerRoute(app, deps, authenticator, route);
  registerSystemRoutes(app, deps, authenticator);
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (request: FastifyRequest, bytes: Buffer) => {
      if (
        /charset/i.test(request.headers["content-type"] ?? "") &&
        !/charset="?utf-8"?\s*$/i.test(request.headers["content-type"] ?? "")
      ) {
        throw new OverwatchError("UNSUPPORTED_MEDIA_TYPE");
      }
      if (bytes.length === 0) return undefined;
      const parsed = parseJsonBody(bytes);
      if (!parsed.ok) throw new OverwatchError("MALFORMED_REQUEST", {}, parsed.message);
      return parsed.value;
    },
  );
}

function readRequestId(header: string | readonly string[] | undefined): string | null {
  return typeof header === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : null;
}

function sendError(deps: ApiDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = answerError(error, request.id);
  const fields = { correlation_id: request.id, method: request.method, route: request.routeOptions?.url ?? null };
  const about = { ...fields, code: answer.body.error.code, ...describeError(error) };
  if (answer.isOurs) deps.log.error(about, "a request failed");
  // The request is at fault as far as can be seen; if it is a statement of ours, this is where it shows.
  else if (sqlState(error) !== null) deps.log.warn(about, "the database refused what a request said");
  void reply
    .code(answer.status)
    .headers({ ...SECURITY_HEADERS, ...answer.headers })
    .type("application/json; charset=utf-8")
    .send(answer.body);
}
