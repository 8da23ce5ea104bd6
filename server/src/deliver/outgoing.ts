import { type CircuitPolicy, circuitPolicyOf } from "../core/circuit.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { ClientCertificate, EndpointAuth } from "../core/endpoint-auth.ts";
import { HOPS_HEADER } from "../core/hops.ts";
import type { JsonObject } from "../core/json.ts";
import type { Method } from "../core/method.ts";
import { overrideFor } from "../core/override.ts";
import { type RetryPolicy, retryPolicyOf } from "../core/retry.ts";
import { type Capture, compileCapture } from "../expression/capture.ts";
import { type ContextShape, templateContext } from "../expression/context.ts";
import { compileHeaders, type Headers, renderHeaders } from "../expression/header.ts";
import { compileTemplate, renderTemplate, type Template } from "../expression/template.ts";
import { compileUrl, renderUrl, type UrlTemplate } from "../expression/url.ts";
import { signDelivery } from "../runtime/webhook-signature.ts";
import type { ClaimedDelivery } from "../store/delivery-queue.ts";
import type { SendingEndpoint } from "../store/sending-endpoint.ts";

/** Method, URL and body of some events. */
export type Way = {
  readonly method: Method;
  readonly url: UrlTemplate;
  /** Null for the default body. */
  readonly template: Template | null;
};

/** An endpoint made ready for sending: everything checked and compiled once. */
export type Outgoing = {
  readonly endpoint: Endpoint;
  /** Where and how events go that have no way of their own. */
  readonly way: Way;
  /** The ways of events that have their own, by event type or wildcard. */
  readonly ways: ReadonlyMap<string, Way>;
  readonly headers: Headers;
  readonly variables: JsonObject;
  readonly signingSecrets: readonly string[];
  readonly auth: EndpointAuth | null;
  readonly clientCertificate: ClientCertificate | null;
  readonly retry: RetryPolicy;
  readonly circuit: CircuitPolicy;
  /** What to keep of a successful answer, or null. */
  readonly capture: Capture | null;
};

/** A request as it goes out. */
export type OutgoingRequest = {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What preparing gives: a request, or why none can be made of this endpoint and this event. */
export type Prepared =
  | { readonly ok: true; readonly request: OutgoingRequest }
  | { readonly ok: false; readonly message: string };

/** Compiles an endpoint; what was saved was checked, so a refusal here means that the rules have become stricter. */
export function compileOutgoing(
  source: SendingEndpoint,
): { readonly ok: true; readonly outgoing: Outgoing } | { readonly ok: false; readonly message: string } {
  const { endpoint } = source;
  const context = templateContext(Object.keys(source.variables));
  if (!context.ok) return { ok: false, message: `variables: ${context.errors[0]?.message ?? "refused"}` };
  const way = compileWay(endpoint, context.shape);
  if (!way.ok) return way;
  const ways = new Map<string, Way>();
  for (const [name, override] of Object.entries(endpoint.overrides)) {
    const own = compileWay({ ...endpoint, ...override }, context.shape);
    if (!own.ok) return { ok: false, message: `overrides ${name}: ${own.message}` };
    ways.set(name, own.way);
  }
  const headers = compileHeaders(source.headers, context.shape);
  if (!headers.ok) return { ok: false, message: `headers: ${headers.errors[0]?.message ?? "refused"}` };
  const capture = endpoint.capture === null ? null : compileCapture(endpoint.capture);
  if (capture !== null && !capture.ok) {
    const error = capture.errors[0];
    return { ok: false, message: `capture ${error?.name ?? ""}: ${error?.message ?? "refused"}` };
  }
  return {
    ok: true,
    outgoing: {
      endpoint,
      way: way.way,
      ways,
      headers: headers.headers,
      variables: source.variables,
      signingSecrets: source.signingSecrets,
      auth: source.auth,
      clientCertificate: source.clientCertificate,
      retry: retryPolicyOf(endpoint.retry as Partial<RetryPolicy>),
      circuit: circuitPolicyOf(endpoint.circuit as Partial<CircuitPolicy>),
      capture: capture === null ? null : capture.capture,
    },
  };
}

function compileWay(
  { method, url: address, template: source }: Pick<Endpoint, "method" | "url" | "template">,
  shape: ContextShape,
): { readonly ok: true; readonly way: Way } | { readonly ok: false; readonly message: string } {
  const url = compileUrl(address, shape);
  if (!url.ok) return { ok: false, message: `url: ${url.errors[0]?.message ?? "refused"}` };
  if (source === null) return { ok: true, way: { method, url: url.url, template: null } };
  const template = compileTemplate(source, shape);
  if (template.ok) return { ok: true, way: { method, url: url.url, template: template.template } };
  const error = template.errors[0];
  return { ok: false, message: `template ${error?.path ?? "$"}: ${error?.message ?? "refused"}` };
}

/**
 * Renders and signs one delivery. The signature covers the bytes of the body as they are sent; its timestamp is the
 * one of this attempt (epoch milliseconds `now`), its id the delivery's, the same on every retry.
 */
export function prepareRequest(outgoing: Outgoing, claim: ClaimedDelivery, now: number): Prepared {
  const { endpoint } = outgoing;
  const values = {
    ...outgoing.variables,
    ...claim.payload,
    event: { id: claim.eventId, type: claim.eventType, created_at: new Date(claim.eventAt).toISOString() },
    endpoint: { id: endpoint.id, name: endpoint.name },
    link: claim.link,
    ...(claim.failover === null ? {} : { failover: claim.failover }),
  };
  const name = outgoing.ways.size === 0 ? null : overrideFor(outgoing.ways, claim.eventType);
  const way = (name === null ? undefined : outgoing.ways.get(name)) ?? outgoing.way;
  const url = renderUrl(way.url, values);
  if (!url.ok) return { ok: false, message: `url: ${url.message}` };
  const headers = renderHeaders(outgoing.headers, values);
  if (!headers.ok) return { ok: false, message: `header ${headers.error.path}: ${headers.error.message}` };
  const body = renderBody(way.template, claim, values);
  if (!body.ok) return body;
  const own: Record<string, string> = {
    "content-type": body.contentType,
    "user-agent": "Overwatch",
    accept: "*/*",
  };
  // Names are compared in lower case: a header that the user writes replaces ours.
  for (const [name, value] of Object.entries(headers.headers)) own[name.toLowerCase()] = value;
  if (claim.failover !== null) own["overwatch-failover"] = claim.failover.endpoint_id;
  const signature = signDelivery({
    id: claim.id,
    timestampSeconds: Math.floor(now / 1_000),
    body: body.text,
    secrets: outgoing.signingSecrets,
  });
  return {
    ok: true,
    request: {
      method: way.method,
      url: url.url,
      headers: { ...own, [HOPS_HEADER]: String(claim.hops + 1), ...signature },
      body: body.text,
    },
  };
}

type Body =
  | { readonly ok: true; readonly text: string; readonly contentType: string }
  | { readonly ok: false; readonly message: string };

function renderBody(
  template: Template | null,
  claim: ClaimedDelivery,
  values: Readonly<Record<string, unknown>>,
): Body {
  if (template === null) {
    const { alerts: _alerts, ...data } = claim.payload;
    const failover = claim.failover === null ? {} : { failover: claim.failover };
    const text = JSON.stringify({
      type: claim.eventType,
      timestamp: new Date(claim.eventAt).toISOString(),
      data,
      ...failover,
    });
    return { ok: true, text, contentType: "application/json" };
  }
  const rendered = renderTemplate(template, values);
  if (!rendered.ok) return { ok: false, message: `template ${rendered.error.path}: ${rendered.error.message}` };
  return { ok: true, text: rendered.body, contentType: rendered.contentType };
}
