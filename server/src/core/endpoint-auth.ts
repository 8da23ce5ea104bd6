import { isObject } from "./json.ts";

/** A token that goes out as `Authorization: Bearer`. */
export type BearerAuth = { readonly type: "bearer"; readonly token: string };

/** A user name and a password (RFC 7617). */
export type BasicAuth = { readonly type: "basic"; readonly username: string; readonly password: string };

/** An access token that is fetched with a client's own credentials (RFC 6749 section 4.4). */
export type OauthAuth = {
  readonly type: "oauth2_client_credentials";
  readonly token_url: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly scope?: string;
  readonly audience?: string;
  /** Whether the client's credentials go as HTTP Basic or as fields of the form. */
  readonly auth_style: "header" | "body";
};

/** How an endpoint proves who calls, secrets in the clear: keep it in memory only. */
export type EndpointAuth = BearerAuth | BasicAuth | OauthAuth;

/** What TLS shows a receiver that asks who calls, as PEM; `ca` replaces the authorities that are trusted otherwise. */
export type ClientCertificate = { readonly certificate: string; readonly key: string; readonly ca?: string };

const TYPES: readonly unknown[] = ["bearer", "basic", "oauth2_client_credentials"];

/** An `auth` as it was stored; null for what no version of Overwatch has written. */
export function readAuth(value: unknown): EndpointAuth | null {
  return isObject(value) && TYPES.includes(value.type) ? (value as unknown as EndpointAuth) : null;
}

/** A client certificate as it was stored; null for anything else. */
export function readClientCertificate(value: unknown): ClientCertificate | null {
  if (!isObject(value) || typeof value.certificate !== "string" || typeof value.key !== "string") return null;
  const { certificate, key, ca } = value;
  return { certificate, key, ...(typeof ca === "string" ? { ca } : {}) };
}

/** The secret of an `auth`. */
export function secretOfAuth(auth: EndpointAuth): string {
  if (auth.type === "bearer") return auth.token;
  return auth.type === "basic" ? auth.password : auth.client_secret;
}
