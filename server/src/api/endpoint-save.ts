import type { Static } from "typebox";
import type { Endpoint } from "../core/endpoint.ts";
import { DEFAULT_FALLBACK } from "../core/fallback.ts";
import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { generateSecret } from "../runtime/webhook-signature.ts";
import { insertEndpoint, updateEndpoint } from "../store/endpoints.ts";
import { adoptForFailover } from "../store/failovers.ts";
import { deleteSecrets, listLiveSecrets, type SecretOwner } from "../store/secrets.ts";
import { openEndpointSecrets } from "../store/sending-endpoint.ts";
import type { ApiDeps } from "./deps.ts";
import { type AuthChange, NO_AUTH, readAuthFields, tokenUrlOf } from "./endpoint-auth.ts";
import { type CalledAddresses, type CheckedSettings, checkEndpointSettings } from "./endpoint-check.ts";
import { invalidField } from "./error-answer.ts";
import { requireFallback } from "./fallback-check.ts";
import { maskHeader } from "./mask.ts";
import type { WebhookConfigPatch } from "./schemas/endpoints.ts";
import { addSecret, replaceSecret } from "./sealing.ts";
import { requireSigningSecret } from "./verification-config.ts";

/** What a request says of an endpoint, whole or in part. */
export type EndpointFields = Static<typeof WebhookConfigPatch>;

type SavingDeps = Pick<ApiDeps, "vault" | "ids" | "clock" | "randomBytes">;

// A second's work for the database; what waits beyond that goes out when the endpoint is back.
const ADOPTED_AT_ONCE = 20_000;
const DEFAULT_EVENTS = ["incident.*"];

/** Checks the settings of a new endpoint and throws what is wrong with them; returns what it would call. */
export function checkNewEndpoint(fields: EndpointFields, prefix: string): CalledAddresses {
  if (fields.url === undefined) throw invalidField(`${prefix}url`, "is required");
  if (fields.secret !== undefined) requireSigningSecret(fields.secret, `${prefix}secret`);
  const { change, problems } = readAuthFields(fields, NO_AUTH, false, fields.headers ?? {});
  const { origin } = checkEndpointSettings(
    {
      url: fields.url,
      headers: fields.headers ?? {},
      variableNames: Object.keys(fields.variables ?? {}),
      template: fields.template ?? null,
      filter: fields.filter ?? null,
      events: fields.events ?? DEFAULT_EVENTS,
      capture: fields.capture ?? null,
      order: fields.order ?? "incident",
      collapse: fields.collapse ?? false,
      overrides: fields.overrides ?? {},
    },
    prefix,
    problems,
  );
  return { newOrigin: origin, newTokenUrl: tokenUrlOf(change.auth), newProxy: fields.proxy ?? null };
}

/** Stores a new endpoint that was checked, with its secrets; returns it with the secret to show once. */
export async function addEndpoint(
  deps: SavingDeps,
  tx: Queryable,
  organizationId: string,
  integrationId: string | null,
  name: string,
  fields: EndpointFields,
): Promise<{ readonly endpoint: Endpoint; readonly secret: string }> {
  const now = deps.clock.now();
  const endpoint: Endpoint = {
    ...withFields(NEW_ENDPOINT, fields),
    organizationId,
    id: deps.ids.next(),
    integrationId,
    name: fields.name ?? name,
    createdAt: now,
    updatedAt: now,
  };
  if (endpoint.fallback !== null) await requireFallback(tx, endpoint, endpoint.fallback.endpoint_id);
  await insertEndpoint(tx, endpoint);
  const owner: SecretOwner = { organizationId, ownerKind: "endpoint", ownerId: endpoint.id };
  const secret = fields.secret ?? generateSecret(deps.randomBytes);
  await addSecret(deps, tx, owner, "signing_secret", secret);
  await addSecret(deps, tx, owner, "headers", JSON.stringify(fields.headers ?? {}));
  await addSecret(deps, tx, owner, "variables", JSON.stringify(fields.variables ?? {}));
  await saveAuth(deps, tx, owner, readAuthFields(fields, NO_AUTH, false, {}).change);
  return { endpoint, secret };
}

/** A change that was checked and can be saved. */
export type EndpointChange = {
  readonly called: CalledAddresses;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly variables: JsonObject | null;
  readonly authentication: AuthChange;
};

/**
 * Checks a change against what is stored. Headers that come back as they were shown keep their value. A new origin asks
 * for the secrets again: else whoever may change the URL could have the secrets sent to themselves.
 */
export async function checkEndpointChange(
  deps: Pick<ApiDeps, "vault" | "clock">,
  db: Queryable,
  endpoint: Endpoint,
  fields: EndpointFields,
  prefix: string,
): Promise<EndpointChange> {
  const { organizationId, id } = endpoint;
  const sealed = await listLiveSecrets(db, organizationId, "endpoint", id, deps.clock.now());
  const stored = openEndpointSecrets(deps.vault, sealed);
  const isOriginNew = fields.url !== undefined && originOf(fields.url) !== originOf(endpoint.url);
  if (isOriginNew) requireSecretsAgain(stored, fields, prefix);
  const headers = fields.headers === undefined ? null : restoreHeaders(stored.headers, fields.headers);
  const variables = fields.variables ?? null;
  const changed = withFields(endpoint, fields);
  const settings: CheckedSettings = {
    ...changed,
    headers: headers ?? stored.headers,
    variableNames: Object.keys(variables ?? stored.variables),
  };
  const { change: authentication, problems } = readAuthFields(fields, stored, isOriginNew, settings.headers);
  const { origin } = checkEndpointSettings(settings, prefix, problems);
  const called = {
    newOrigin: fields.url === undefined ? null : origin,
    newTokenUrl: tokenUrlOf(authentication.auth),
    newProxy: fields.proxy ?? null,
  };
  return { called, headers, variables, authentication };
}

/** Saves a change that was checked; null when somebody else was faster. */
export async function saveEndpointChange(
  deps: SavingDeps,
  tx: Queryable,
  endpoint: Endpoint,
  fields: EndpointFields,
  change: EndpointChange,
): Promise<Endpoint | null> {
  if (fields.fallback) await requireFallback(tx, endpoint, fields.fallback.endpoint_id);
  const saved = await updateEndpoint(tx, withFields(endpoint, fields), deps.clock.now());
  if (saved === null) return null;
  if (fields.fallback) await adoptForFailover(tx, saved.organizationId, saved.id, ADOPTED_AT_ONCE);
  const owner: SecretOwner = { organizationId: saved.organizationId, ownerKind: "endpoint", ownerId: saved.id };
  if (change.headers !== null) await replaceSecret(deps, tx, owner, "headers", JSON.stringify(change.headers));
  if (change.variables !== null) await replaceSecret(deps, tx, owner, "variables", JSON.stringify(change.variables));
  await saveAuth(deps, tx, owner, change.authentication);
  return saved;
}

async function saveAuth(deps: SavingDeps, tx: Queryable, owner: SecretOwner, change: AuthChange): Promise<void> {
  const { auth, clientCertificate } = change;
  if (auth === null) await deleteSecrets(tx, owner, ["auth"]);
  else if (auth !== undefined) await replaceSecret(deps, tx, owner, "auth", JSON.stringify(auth));
  if (clientCertificate === null) await deleteSecrets(tx, owner, ["client_certificate"]);
  else if (clientCertificate !== undefined) {
    await replaceSecret(deps, tx, owner, "client_certificate", JSON.stringify(clientCertificate));
  }
}

const NEW_ENDPOINT: Endpoint = {
  organizationId: "",
  id: "",
  integrationId: null,
  name: "",
  url: "",
  method: "POST",
  events: DEFAULT_EVENTS,
  filter: null,
  template: null,
  enabled: true,
  timeoutSeconds: 30,
  retry: {},
  circuit: {},
  rateLimit: null,
  maxInFlight: 10,
  order: "incident",
  collapse: false,
  capture: null,
  overrides: {},
  fallback: null,
  proxy: null,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
};

function withFields(endpoint: Endpoint, fields: EndpointFields): Endpoint {
  return {
    ...endpoint,
    name: fields.name ?? endpoint.name,
    url: fields.url ?? endpoint.url,
    method: fields.method ?? endpoint.method,
    events: fields.events ?? endpoint.events,
    filter: fields.filter === undefined ? endpoint.filter : fields.filter,
    template: fields.template === undefined ? endpoint.template : fields.template,
    enabled: fields.enabled ?? endpoint.enabled,
    timeoutSeconds: fields.timeout_seconds ?? endpoint.timeoutSeconds,
    retry: fields.retry ?? endpoint.retry,
    circuit: fields.circuit ?? endpoint.circuit,
    rateLimit: fields.rate_limit === undefined ? endpoint.rateLimit : fields.rate_limit,
    maxInFlight: fields.max_in_flight ?? endpoint.maxInFlight,
    order: fields.order ?? endpoint.order,
    collapse: fields.collapse ?? endpoint.collapse,
    capture: fields.capture === undefined ? endpoint.capture : fields.capture,
    overrides: fields.overrides ?? endpoint.overrides,
    proxy: fields.proxy === undefined ? endpoint.proxy : fields.proxy,
    fallback: fields.fallback == null ? keptFallback(endpoint, fields) : { ...DEFAULT_FALLBACK, ...fields.fallback },
  };
}

function keptFallback(endpoint: Endpoint, fields: EndpointFields): Endpoint["fallback"] {
  return fields.fallback === null ? null : endpoint.fallback;
}

function requireSecretsAgain(
  stored: ReturnType<typeof openEndpointSecrets>,
  fields: EndpointFields,
  prefix: string,
): void {
  if (Object.keys(stored.variables).length > 0 && fields.variables === undefined) {
    throw invalidField(`${prefix}variables`, "must be given again when the URL leads to another host");
  }
  const hidden = Object.entries(stored.headers).filter(([name, value]) => maskHeader(name, value) !== value);
  if (hidden.length > 0 && fields.headers === undefined) {
    throw invalidField(`${prefix}headers`, "must be given again when the URL leads to another host");
  }
  for (const [name, value] of hidden) {
    if (fields.headers?.[name] !== maskHeader(name, value)) continue;
    throw invalidField(`${prefix}headers.${name}`, "must be given in full when the URL leads to another host");
  }
}

function restoreHeaders(
  stored: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const restored: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const before = Object.hasOwn(stored, name) ? stored[name] : undefined;
    restored[name] = before !== undefined && maskHeader(name, before) === value ? before : value;
  }
  return restored;
}

function originOf(url: string): string {
  const end = url.search(/(?<!\/)\/(?!\/)|[?#]/);
  return URL.parse(end === -1 ? url : url.slice(0, end))?.origin ?? url;
}
