import type { Endpoint } from "../core/endpoint.ts";
import { type ClientCertificate, type EndpointAuth, readAuth, readClientCertificate } from "../core/endpoint-auth.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import type { Vault } from "../runtime/secrets.ts";
import { findEndpoint } from "./endpoints.ts";
import { listLiveSecrets, placeOfSecret, type SealedSecret } from "./secrets.ts";

/** What a delivery needs of its endpoint, secrets in the clear: keep it in memory only. */
export type SendingEndpoint = {
  readonly endpoint: Endpoint;
  /** Header templates by name, as the user wrote them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly variables: JsonObject;
  /** `whsec_` secrets, the present one first, then the one that a rotation is leaving. */
  readonly signingSecrets: readonly string[];
  /** How requests prove who calls, or null. */
  readonly auth: EndpointAuth | null;
  readonly clientCertificate: ClientCertificate | null;
};

/** Loads an endpoint with its secrets opened; null when it is unknown or deleted. Throws when a secret is unreadable. */
export async function loadSendingEndpoint(
  db: Queryable,
  vault: Vault,
  organizationId: string,
  id: string,
  now: number,
): Promise<SendingEndpoint | null> {
  const endpoint = await findEndpoint(db, organizationId, id);
  if (endpoint === null) return null;
  const sealed = await listLiveSecrets(db, organizationId, "endpoint", id, now);
  return { endpoint, ...openEndpointSecrets(vault, sealed) };
}

/** Opens the sealed secrets of one endpoint, newest first. Throws when one is unreadable. */
export function openEndpointSecrets(vault: Vault, sealed: readonly SealedSecret[]): Omit<SendingEndpoint, "endpoint"> {
  const open = (purpose: SealedSecret["purpose"]): string[] =>
    sealed
      .filter((secret) => secret.purpose === purpose)
      .map((secret) => vault.open(secret.ciphertext, placeOfSecret(secret)));
  const value = (purpose: SealedSecret["purpose"]): unknown => {
    const [text] = open(purpose);
    return text === undefined ? null : JSON.parse(text);
  };
  const object = (purpose: SealedSecret["purpose"]): JsonObject => {
    const found = value(purpose);
    return isObject(found) ? found : {};
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(object("headers"))) {
    if (typeof value === "string") headers[name] = value;
  }
  return {
    headers,
    variables: object("variables"),
    signingSecrets: open("signing_secret"),
    auth: readAuth(value("auth")),
    clientCertificate: readClientCertificate(value("client_certificate")),
  };
}
