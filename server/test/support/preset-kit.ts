import type { Alert } from "../../src/core/alert.ts";
import type { EventType } from "../../src/core/event.ts";
import { type Incident, NO_INTEGRATION } from "../../src/core/incident.ts";
import { incidentPayload, wireTime } from "../../src/core/incident-view.ts";
import type { Method } from "../../src/core/method.ts";
import { settingsFor } from "../../src/core/override.ts";
import { type ContextShape, templateContext } from "../../src/expression/context.ts";
import { compileHeaders, renderHeaders } from "../../src/expression/header.ts";
import { compileTemplate, renderTemplate } from "../../src/expression/template.ts";
import { compileUrl, renderUrl } from "../../src/expression/url.ts";
import type { Preset, PresetEndpoint } from "../../src/presets/preset.ts";

const OPENED_AT = Date.UTC(2026, 10, 23, 10, 0, 0);
const HAPPENED_AT = OPENED_AT + 300_000;
const INTEGRATION = { id: "0198c0de-0000-7000-8000-0000000000aa", name: "Production", platform: "prometheus" };

const ALERT: Alert = {
  organizationId: "0198c0de-0000-7000-8000-0000000000ff",
  id: "0198c0de-0000-7000-8000-000000000002",
  integrationId: INTEGRATION.id,
  dedupKey: "disk|db-1",
  groupKey: "disk|db-1",
  externalId: "a1b2c3",
  status: "firing",
  acknowledged: false,
  incidentId: "0198c0de-0000-7000-8000-000000000001",
  severity: "high",
  title: 'Disk "full" on db-1 & db-2',
  description: "97 % used, <5 GB left\nsee *dashboard*",
  labels: { team: "storage", host: "db-1" },
  links: [{ href: "https://grafana.example/d/1?a=1&b=2", text: "Dashboard" }],
  signalCount: 1,
  firedAt: OPENED_AT,
  resolvedAt: null,
  acknowledgedAt: null,
  unacknowledgedAt: null,
  firingSince: OPENED_AT,
  firstSeenAt: OPENED_AT,
  lastSeenAt: OPENED_AT,
};

const INCIDENT: Incident = {
  organizationId: ALERT.organizationId,
  id: "0198c0de-0000-7000-8000-000000000001",
  number: 42,
  integrationId: INTEGRATION.id,
  groupKey: "disk|db-1",
  status: "open",
  severity: "high",
  title: ALERT.title,
  description: ALERT.description,
  labels: ALERT.labels,
  links: ALERT.links,
  flapping: false,
  alertCount: 2,
  firingCount: 2,
  signalCount: 2,
  assignee: null,
  editedFields: [],
  previousIncidentId: null,
  mergedIntoId: null,
  snoozedUntil: null,
  stateChanges: [],
  eventSequence: 1,
  updateDueAt: null,
  lastUpdateEventAt: null,
  createdAt: OPENED_AT,
  updatedAt: OPENED_AT,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  resolvedBy: null,
  version: 1,
};

const RESOLVED: Partial<Incident> = {
  status: "resolved",
  firingCount: 0,
  resolvedAt: HAPPENED_AT,
  resolvedBy: "ada",
};

/** How the incident looks when an event of that type tells of it. */
const STATES: Partial<Record<EventType, Partial<Incident>>> = {
  "incident.escalated": { severity: "critical" },
  "incident.acknowledged": { status: "acknowledged", acknowledgedAt: HAPPENED_AT, acknowledgedBy: "ada" },
  "incident.assigned": { assignee: "ada@example.com" },
  "incident.resolved": RESOLVED,
  "incident.merged": { ...RESOLVED, mergedIntoId: "0198c0de-0000-7000-8000-000000000009", alertCount: 0 },
};

/** What differs from the plain story. */
export type Variation = {
  readonly incident?: Partial<Incident>;
  readonly alert?: Partial<Alert>;
  readonly integrationName?: string;
  readonly isByHand?: boolean;
  /** The incident's own address, where Overwatch knows it. */
  readonly url?: string;
  readonly alertCount?: number;
  /** The name of the endpoint in whose place a fallback hears. */
  readonly standsInFor?: string;
};

/** The values of templates for an event, made by the code that makes real events. */
export function eventValues(type: EventType, variation: Variation = {}): Readonly<Record<string, unknown>> {
  const isByHand = variation.isByHand === true;
  const happened = type === "incident.created" ? OPENED_AT : HAPPENED_AT;
  const incident: Incident = {
    ...INCIDENT,
    updatedAt: happened,
    ...STATES[type],
    ...(isByHand ? { integrationId: NO_INTEGRATION, labels: {}, links: [], description: "" } : {}),
    ...variation.incident,
  };
  const alert: Alert = { ...ALERT, ...variation.alert };
  const isByAlert = !isByHand && ["incident.created", "incident.escalated", "incident.reopened"].includes(type);
  const alerts = isByHand ? [] : Array.from({ length: variation.alertCount ?? 1 }, () => alert);
  const integration = isByHand ? null : { ...INTEGRATION, name: variation.integrationName ?? INTEGRATION.name };
  const payload = incidentPayload(incident, isByAlert ? alert : null, alerts, integration, "https://overwatch.example");
  // Events that were made before incidents had pages come without an address.
  const { url: _url, ...incidentView } = payload.incident as { readonly url: string };
  const url = variation.url === undefined ? {} : { url: variation.url };
  return {
    ...payload,
    incident: { ...incidentView, ...url },
    event: { id: "0198c0de-0000-7000-8000-0000000000e1", type, created_at: wireTime(happened) },
    endpoint: { id: "0198c0de-0000-7000-8000-0000000000ee", name: "Receiver" },
    // What the presets capture of the receivers' answers to the first event.
    link: type === "incident.created" ? {} : { issue_key: "OPS-7", sys_id: "9d385017c611228701d22104cc95c371" },
    ...(variation.standsInFor === undefined
      ? {}
      : { failover: { endpoint_id: INCIDENT.id, endpoint_name: variation.standsInFor } }),
  };
}

/** A request as a preset makes it, with its body parsed. */
export type PresetRequest = {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: unknown;
  readonly warnings: readonly { readonly path: string; readonly message: string }[];
};

/** The names of the values for a preset's expressions; throws when a variable's name is refused. */
export function shapeOf(preset: Preset): ContextShape {
  const context = templateContext(preset.variables.map((variable) => variable.name));
  if (!context.ok) throw new Error(`${preset.name}: ${JSON.stringify(context.errors)}`);
  return context.shape;
}

/** Renders an event through an endpoint of a preset; each variable has its own name in angle brackets as value. */
export function renderPreset(
  preset: Preset,
  endpoint: PresetEndpoint,
  type: EventType,
  variation: Variation = {},
): PresetRequest {
  const shape = shapeOf(preset);
  const secrets = Object.fromEntries(preset.variables.map(({ name }) => [name, `<${name}>`]));
  const values = { ...secrets, ...eventValues(type, variation) };
  const own = { url: endpoint.urlHint, method: endpoint.method, template: endpoint.template };
  const settings = settingsFor(own, endpoint.overrides ?? {}, type);
  const template = must(compileTemplate(settings.template, shape), preset.name);
  const url = must(compileUrl(settings.url, shape), preset.name);
  const headers = must(compileHeaders(endpoint.headers, shape), preset.name);
  const rendered = must(renderTemplate(template.template, values), preset.name);
  const address = must(renderUrl(url.url, values), preset.name);
  const fields = must(renderHeaders(headers.headers, values), preset.name);
  const body: unknown = JSON.parse(rendered.body);
  const warnings = [...rendered.warnings, ...fields.warnings];
  return { method: settings.method, url: address.url, headers: fields.headers, text: rendered.body, body, warnings };
}

function must<T extends { readonly ok: boolean }>(result: T, name: string): Extract<T, { ok: true }> {
  if (!result.ok) throw new Error(`${name}: ${JSON.stringify(result).slice(0, 1_000)}`);
  return result as Extract<T, { ok: true }>;
}
