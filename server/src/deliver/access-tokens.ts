import type { OauthAuth } from "../core/endpoint-auth.ts";
import { isObject } from "../core/json.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Outcome } from "../runtime/egress/exchange.ts";
import type { Egress } from "../runtime/egress.ts";
import { clientAuthorization } from "./authorization.ts";

/** An access token, or in words why there is none; `isKept` is true for one that was fetched for an earlier attempt. */
export type AccessToken =
  | { readonly ok: true; readonly token: string; readonly isKept: boolean }
  | { readonly ok: false; readonly message: string };

/** For whom a token is fetched, and through which of the named proxies. */
export type TokenUser = { readonly id: string; readonly proxy: string | null };

/** Access tokens of endpoints, in memory only. */
export type AccessTokens = {
  /** The token that is kept, or a new one; attempts that need one at the same time share one fetch. */
  get(endpoint: TokenUser, auth: OauthAuth, timeoutMs: number): Promise<AccessToken>;
  /** Lets go of a token that the receiver refused, unless a newer one is there already. */
  drop(endpointId: string, token: string): void;
};

type Entry = {
  readonly auth: string;
  readonly fetched: Promise<Fetched>;
  /** Epoch milliseconds from which it is not used any more; infinite while it is fetched. */
  usableUntil: number;
  token: string | null;
};
type Fetched =
  | { readonly ok: true; readonly token: string; readonly lifeMs: number }
  | { readonly ok: false; readonly message: string };

const MOST = 5_000;
const LONGEST_FETCH_MS = 10_000;
const ANSWER_BYTES = 65_536;
// Said nothing about its life, a token is taken to live five minutes; RFC 6749 leaves it to the server's documentation.
const DEFAULT_LIFE_MS = 300_000;
const LONGEST_LIFE_MS = 86_400_000;
// Under way for a while and judged by another clock: a token is left alone a minute, or a fifth of its life, before it ends.
const SPARE_MS = 60_000;

/** Fetches and keeps access tokens (RFC 6749 section 4.4), through the egress guard like everything that leaves. */
export function createAccessTokens(deps: { readonly egress: Egress; readonly clock: Clock }): AccessTokens {
  const entries = new Map<string, Entry>();

  const begin = (endpoint: TokenUser, auth: OauthAuth, name: string, timeoutMs: number): Entry => {
    const { id: endpointId } = endpoint;
    const fetched = fetchToken(deps.egress, endpoint, auth, Math.min(timeoutMs, LONGEST_FETCH_MS));
    const entry: Entry = { auth: name, fetched, usableUntil: Number.POSITIVE_INFINITY, token: null };
    if (entries.size >= MOST) entries.clear();
    entries.set(endpointId, entry);
    void fetched.then((result) => {
      if (result.ok) {
        entry.token = result.token;
        entry.usableUntil = deps.clock.now() + result.lifeMs - Math.min(SPARE_MS, result.lifeMs / 5);
      } else if (entries.get(endpointId) === entry) {
        entries.delete(endpointId);
      }
    });
    return entry;
  };

  return {
    async get(endpoint, auth, timeoutMs) {
      const name = JSON.stringify(auth);
      const known = entries.get(endpoint.id);
      const isUsable = known !== undefined && known.auth === name && known.usableUntil > deps.clock.now();
      const isKept = isUsable && known.token !== null;
      const entry = isUsable ? known : begin(endpoint, auth, name, timeoutMs);
      const result = await entry.fetched;
      return result.ok ? { ok: true, token: result.token, isKept } : result;
    },
    drop(endpointId, token) {
      if (entries.get(endpointId)?.token === token) entries.delete(endpointId);
    },
  };
}

async function fetchToken(egress: Egress, endpoint: TokenUser, auth: OauthAuth, timeoutMs: number): Promise<Fetched> {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (auth.scope !== undefined) form.set("scope", auth.scope);
  if (auth.audience !== undefined) form.set("audience", auth.audience);
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  };
  if (auth.auth_style === "header") headers.authorization = clientAuthorization(auth);
  else {
    form.set("client_id", auth.client_id);
    form.set("client_secret", auth.client_secret);
  }
  const outcome = await egress.send({
    url: auth.token_url,
    method: "POST",
    headers,
    body: form.toString(),
    timeoutMs,
    poolKey: endpoint.id,
    ...(endpoint.proxy === null ? {} : { proxy: endpoint.proxy }),
    keepBytes: ANSWER_BYTES,
  });
  return readAnswer(URL.parse(auth.token_url)?.host ?? "the token endpoint", outcome);
}

function readAnswer(host: string, outcome: Outcome): Fetched {
  const body = parse(outcome.body ?? "");
  if (!outcome.ok) {
    const error = isObject(body) && typeof body.error === "string" ? ` (${body.error.slice(0, 100)})` : "";
    return failed(host, `${outcome.reason}: ${outcome.message}${error}`);
  }
  if (!isObject(body) || typeof body.access_token !== "string") {
    return failed(host, "its answer holds no access_token");
  }
  if (!/^[\x21-\x7e]{1,8192}$/.test(body.access_token)) {
    return failed(host, "its access_token cannot stand in a header");
  }
  if (typeof body.token_type === "string" && body.token_type.toLowerCase() !== "bearer") {
    return failed(host, "its token is not of the type Bearer");
  }
  return { ok: true, token: body.access_token, lifeMs: lifeOf(body.expires_in) };
}

function lifeOf(expiresIn: unknown): number {
  const seconds = typeof expiresIn === "string" ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) return DEFAULT_LIFE_MS;
  return Math.min(seconds * 1_000, LONGEST_LIFE_MS);
}

function failed(host: string, message: string): Fetched {
  return { ok: false, message: `No access token from ${host}: ${message}` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
