import type { Static, TSchema } from "typebox";
import type { Database } from "../runtime/database.ts";
import type { Log } from "../runtime/log.ts";
import type { Role } from "../store/api-keys.ts";

/** Who asks: an API key of one organization, or a person of it who is signed in. */
export type Caller = {
  readonly organizationId: string;
  readonly kind: "api_key" | "user";
  readonly id: string;
  /** What timelines call whoever acts. */
  readonly name: string;
  /** The same as `id` and `name`. */
  readonly keyId: string;
  readonly keyName: string;
  readonly role: Role;
  /** The session of a person; null for a key. */
  readonly session: { readonly id: string; readonly email: string; readonly csrfToken: string } | null;
};

/** Whoever asks, in words. */
export function describeCaller(caller: Caller): string {
  return caller.kind === "api_key" ? `api key ${caller.name}` : caller.name;
}

/** Where a request came from. */
export type RequestSource = {
  readonly address: string;
  readonly userAgent: string;
  /** True when cookies may be kept for TLS alone. */
  readonly isSecure: boolean;
  /** The session token that came with it, be it good or not. */
  readonly sessionToken: string | null;
  /** What a browser brings back from the identity provider, sealed, or null. */
  readonly oidcCookie: string | null;
};

/** Who may call a route: anybody, or whoever has at least the role; `user` says that a key does not do. */
export type Access = "anyone" | "user" | "caller";

/** What a handler is given; `database` is the open transaction when the request carries an Idempotency-Key. */
export type Call<Params, Query, Body> = {
  readonly caller: Caller;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly database: Database;
  /** The value of If-Match, or null. */
  readonly ifMatch: string | null;
  readonly requestId: string;
  readonly source: RequestSource;
  readonly log: Log;
  /** Runs once what the handler wrote is committed. */
  afterCommit(effect: () => void): void;
};

/** What a handler answers; `raw` bytes replace the JSON body. */
export type Answer = {
  readonly status?: number;
  readonly body: unknown;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly raw?: { readonly bytes: Buffer; readonly contentType: string };
};

/** A method of the API. */
export type ApiMethod = "GET" | "POST" | "PATCH" | "DELETE";

/** One call of the API as data: what it takes, what it answers, who may, what it does. */
export type Route = {
  readonly method: ApiMethod;
  /** Below /api/v1, with `{id}` for parameters. */
  readonly path: string;
  /** The least role that may call it; of no meaning where anyone may. */
  readonly role: Role;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly description: string | null;
  readonly query: TSchema | null;
  readonly body: TSchema | null;
  readonly answers: Readonly<Record<number, TSchema | null>>;
  /** False for a POST that has no effect to repeat or whose effect leaves the database. */
  readonly isIdempotent: boolean;
  /** Looks at the request before any transaction: what takes long, such as looking up a name. */
  readonly check: ((call: Call<{ readonly id: string }, never, never>) => Promise<void>) | null;
  readonly handle: (call: Call<{ readonly id: string }, never, never>) => Promise<Answer>;
};

type RouteOptions<Query extends TSchema, Body extends TSchema> = {
  readonly role: Role;
  readonly access?: "user";
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly answers: Readonly<Record<number, TSchema | null>>;
  readonly isIdempotent?: boolean;
  readonly check?: (call: Call<{ readonly id: string }, Static<Query>, Static<Body>>) => Promise<void>;
  readonly handle: (call: Call<{ readonly id: string }, Static<Query>, Static<Body>>) => Promise<Answer>;
};

/** Declares a call of the API; the schemas give the handler its types. */
export function defineRoute<Query extends TSchema, Body extends TSchema>(
  method: ApiMethod,
  path: string,
  options: RouteOptions<Query, Body>,
): Route {
  return {
    method,
    path,
    role: options.role,
    access: options.access ?? "caller",
    tag: options.tag,
    summary: options.summary,
    description: options.description ?? null,
    query: options.query ?? null,
    body: options.body ?? null,
    answers: options.answers,
    isIdempotent: options.isIdempotent ?? true,
    check: options.check ?? null,
    handle: options.handle,
  };
}

type OpenCall<Query extends TSchema, Body extends TSchema> = Omit<
  Call<{ readonly id: string }, Static<Query>, Static<Body>>,
  "caller"
>;

/** Declares a call that anyone may make, signed in or not; its handler knows nobody. */
export function defineOpenRoute<Query extends TSchema, Body extends TSchema>(
  method: ApiMethod,
  path: string,
  options: Omit<RouteOptions<Query, Body>, "role" | "access" | "handle" | "check" | "isIdempotent"> & {
    readonly handle: (call: OpenCall<Query, Body>) => Promise<Answer>;
  },
): Route {
  return { ...defineRoute(method, path, { ...options, role: "viewer", isIdempotent: false }), access: "anyone" };
}
