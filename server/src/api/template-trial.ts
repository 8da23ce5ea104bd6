import type { Static } from "typebox";
import { OverwatchError } from "../core/errors.ts";
import { incidentPayload, PAYLOAD_ALERTS } from "../core/incident-view.ts";
import type { JsonObject } from "../core/json.ts";
import { overrideFor } from "../core/override.ts";
import { type ContextShape, templateContext } from "../expression/context.ts";
import { compileHeaders, renderHeaders } from "../expression/header.ts";
import { compileTemplate, renderTemplate } from "../expression/template.ts";
import { compileUrl, renderUrl } from "../expression/url.ts";
import type { Database } from "../runtime/database.ts";
import { readAlertsOfIncidents } from "../store/alerts.ts";
import { findIncident } from "../store/incidents.ts";
import { findIntegration } from "../store/integrations.ts";
import type { ApiDeps } from "./deps.ts";
import { contextOf, defaultBody, type RenderedEvent } from "./render.ts";
import type { Caller } from "./route.ts";
import { samplePayload } from "./sample-payload.ts";
import type { RenderRequest, RenderView } from "./schemas/templates.ts";

type Trial = Static<typeof RenderView>;
type Values = Readonly<Record<string, unknown>>;
type Problem = { readonly path: string; readonly message: string; readonly position?: number };
type Part<T> = { readonly value: T | null; readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Renders what a request gives, with a real incident or a sample; every problem is part of the answer. */
export async function renderTrial(
  deps: ApiDeps,
  database: Database,
  caller: Caller,
  request: RenderRequest,
): Promise<Trial> {
  const payload = await payloadOf(deps, database, caller, request.incident_id);
  const type = request.event_type ?? "incident.created";
  const override = overrideFor(new Set(Object.keys(request.overrides ?? {})), type);
  const own = override === null ? undefined : request.overrides?.[override];
  const method = own?.method ?? request.method ?? "POST";
  const context = templateContext(Object.keys(request.variables ?? {}));
  if (!context.ok) {
    const errors = context.errors.map((error) => ({ path: `variables.${error.name}`, message: error.message }));
    const nothing = { body: null, content_type: null, url: null, headers: null };
    return { ok: false, ...nothing, method, override, errors, warnings: [] };
  }
  const event = {
    id: deps.ids.next(),
    type,
    at: deps.clock.now(),
    payload,
  } as const;
  const values = contextOf(event, { id: deps.ids.next(), name: "preview" }, request.variables ?? {}, request.link);
  const placeOf = (field: "template" | "url"): string =>
    own?.[field] === undefined ? field : `overrides.${override}.${field}`;
  const template = own?.template === undefined ? request.template : own.template;
  const body = renderBody(template, event, placeOf("template"), context.shape, values);
  const url = renderAddress(own?.url ?? request.url, placeOf("url"), context.shape, values);
  const headers = renderFields(request.headers, context.shape, values);
  const errors = [...body.errors, ...url.errors, ...headers.errors];
  return {
    ok: errors.length === 0,
    body: body.value?.body ?? null,
    content_type: body.value?.contentType ?? null,
    url: url.value,
    method,
    override,
    headers: headers.value,
    errors,
    warnings: [...body.warnings, ...url.warnings, ...headers.warnings],
  };
}

async function payloadOf(
  deps: ApiDeps,
  database: Database,
  { organizationId }: Caller,
  incidentId: string | undefined,
): Promise<JsonObject> {
  if (incidentId === undefined) {
    const integration = { id: deps.ids.next(), name: "Sample", platform: "custom" };
    const now = deps.clock.now();
    return samplePayload({
      organizationId,
      incidentId: deps.ids.next(),
      alertId: deps.ids.next(),
      integration,
      now,
      publicUrl: deps.publicUrl(),
    });
  }
  const incident = await findIncident(database, organizationId, incidentId);
  if (incident === null) throw new OverwatchError("NOT_FOUND", {}, "There is no such incident");
  const alerts = await readAlertsOfIncidents(database, [{ organizationId, id: incidentId }], PAYLOAD_ALERTS);
  const integration = await findIntegration(database, organizationId, incident.integrationId);
  return incidentPayload(incident, alerts[0] ?? null, alerts, integration, deps.publicUrl());
}

const NOTHING = { value: null, errors: [], warnings: [] } as const;

function renderBody(
  source: RenderRequest["template"],
  event: RenderedEvent,
  path: string,
  shape: ContextShape,
  values: Values,
): Part<{ readonly body: string; readonly contentType: string }> {
  if (source === undefined) return NOTHING;
  if (source === null) return { ...NOTHING, value: { body: defaultBody(event), contentType: "application/json" } };
  const compiled = compileTemplate(source, shape);
  if (!compiled.ok) return { ...NOTHING, errors: compiled.errors.map((error) => under(path, error)) };
  const rendered = renderTemplate(compiled.template, values);
  if (!rendered.ok) return { ...NOTHING, errors: [under(path, rendered.error)] };
  return { value: rendered, errors: [], warnings: rendered.warnings.map((warning) => under(path, warning)) };
}

function renderAddress(source: string | undefined, path: string, shape: ContextShape, values: Values): Part<string> {
  if (source === undefined) return NOTHING;
  const compiled = compileUrl(source, shape);
  if (!compiled.ok) return { ...NOTHING, errors: compiled.errors.map((error) => ({ path, ...error })) };
  const rendered = renderUrl(compiled.url, values);
  if (!rendered.ok) return { ...NOTHING, errors: [{ path, message: rendered.message }] };
  return { ...NOTHING, value: rendered.url };
}

function renderFields(
  source: RenderRequest["headers"],
  shape: ContextShape,
  values: Values,
): Part<Readonly<Record<string, string>>> {
  if (source === undefined) return NOTHING;
  const compiled = compileHeaders(source, shape);
  if (!compiled.ok) return { ...NOTHING, errors: compiled.errors.map((error) => under("headers", error)) };
  const rendered = renderHeaders(compiled.headers, values);
  if (!rendered.ok) return { ...NOTHING, errors: [under("headers", rendered.error)] };
  return { value: rendered.headers, errors: [], warnings: rendered.warnings.map((one) => under("headers", one)) };
}

/** A problem under the field of the request that it belongs to. */
function under(field: string, problem: Problem): Problem {
  return { ...problem, path: `${field}${problem.path.startsWith("$") ? problem.path.slice(1) : `.${problem.path}`}` };
}
