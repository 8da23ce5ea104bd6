import type { EndpointCreateWire, EndpointWire, PresetWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, type FieldProblem } from "../../lib/api.ts";
import { type AuthDraft, authBody, type CertificateDraft, certificateBody, draftAuth, NO_AUTH } from "./auth-draft.ts";
import { draftOverrides, type OverrideDraft, overridesBody } from "./override-draft.ts";
import { type Pair, pairsBody, pairsOf } from "./pairs.ts";
import { parseTemplate, writeTemplate } from "./template-text.ts";

/** How requests are sent. */
export const METHODS = ["POST", "PUT", "PATCH", "DELETE"] as const;

/** The numbers of a retry policy, null where the default holds. */
export type Numbers<Name extends string> = Readonly<Record<Name, number | null>>;

/** The fields of `retry`. */
export const RETRY_FIELDS = [
  "max_attempts",
  "base_seconds",
  "factor",
  "max_delay_seconds",
  "give_up_after_seconds",
  "jitter",
] as const;

/** The fields of `circuit`. */
export const CIRCUIT_FIELDS = [
  "failure_threshold",
  "first_probe_seconds",
  "max_probe_seconds",
  "disable_after_seconds",
] as const;

/** The settings of an endpoint as a form holds them. */
export type EndpointDraft = {
  readonly name: string;
  readonly url: string;
  readonly method: EndpointWire["method"];
  readonly headers: readonly Pair[];
  /** Null keeps those that are stored, which nobody is shown. */
  readonly variables: readonly Pair[] | null;
  readonly events: readonly string[];
  readonly filter: string;
  /** JSON, empty for the standard body. */
  readonly template: string;
  readonly timeoutSeconds: number | null;
  readonly retry: Numbers<(typeof RETRY_FIELDS)[number]>;
  readonly circuit: Numbers<(typeof CIRCUIT_FIELDS)[number]>;
  readonly rateRequests: number | null;
  readonly ratePerSeconds: number | null;
  readonly maxInFlight: number | null;
  readonly order: EndpointWire["order"];
  readonly collapse: boolean;
  readonly capture: readonly Pair[];
  readonly overrides: readonly OverrideDraft[];
  readonly fallbackId: string | null;
  readonly fallbackMinutes: number | null;
  readonly fallbackOriginals: "keep" | "cancel";
  /** The name of a forward proxy; null for what holds for all. */
  readonly proxy: string | null;
  readonly auth: AuthDraft;
  readonly certificate: CertificateDraft;
};

/** A new endpoint that nothing is known of. */
export const BLANK: EndpointDraft = {
  name: "",
  url: "",
  method: "POST",
  headers: [],
  variables: [],
  events: ["incident.*"],
  filter: "",
  template: "",
  timeoutSeconds: null,
  retry: numbersOf(RETRY_FIELDS, {}),
  circuit: numbersOf(CIRCUIT_FIELDS, {}),
  rateRequests: null,
  ratePerSeconds: null,
  maxInFlight: null,
  order: "incident",
  collapse: false,
  capture: [],
  overrides: [],
  fallbackId: null,
  fallbackMinutes: null,
  fallbackOriginals: "keep",
  proxy: null,
  auth: NO_AUTH,
  certificate: { mode: "keep", certificate: "", key: "", ca: "" },
};

/** What a preset makes of a blank form; words in capitals in its URLs are still to be filled in. */
export function draftOfPreset(preset: PresetWire): EndpointDraft {
  return {
    ...BLANK,
    name: preset.title,
    url: preset.url_hint,
    method: preset.method,
    headers: pairsOf(preset.headers),
    variables: preset.variables.map(({ name }, key) => ({ key, name, value: "" })),
    events: preset.events,
    template: writeTemplate(preset.template),
    rateRequests: preset.rate_limit?.requests ?? null,
    ratePerSeconds: preset.rate_limit?.per_seconds ?? null,
    capture: pairsOf(preset.capture ?? {}),
    overrides: draftOverrides(preset.overrides),
  };
}

/** The settings of an endpoint as it is. */
export function draftOfEndpoint(endpoint: EndpointWire): EndpointDraft {
  return {
    name: endpoint.name,
    url: endpoint.url,
    method: endpoint.method,
    headers: pairsOf(endpoint.headers),
    variables: null,
    events: endpoint.events,
    filter: endpoint.filter ?? "",
    template: writeTemplate(endpoint.template),
    timeoutSeconds: endpoint.timeout_seconds,
    retry: numbersOf(RETRY_FIELDS, endpoint.retry),
    circuit: numbersOf(CIRCUIT_FIELDS, endpoint.circuit_policy),
    rateRequests: endpoint.rate_limit?.requests ?? null,
    ratePerSeconds: endpoint.rate_limit?.per_seconds ?? null,
    maxInFlight: endpoint.max_in_flight,
    order: endpoint.order,
    collapse: endpoint.collapse,
    capture: pairsOf(endpoint.capture ?? {}),
    overrides: draftOverrides(endpoint.overrides),
    fallbackId: endpoint.fallback?.endpoint_id ?? null,
    fallbackMinutes: endpoint.fallback?.after_minutes ?? null,
    fallbackOriginals: endpoint.fallback?.originals ?? "keep",
    proxy: endpoint.proxy,
    auth: draftAuth(endpoint.auth),
    certificate: BLANK.certificate,
  };
}

/** The body that makes an endpoint of a form; throws what cannot be sent as a refusal of its fields. */
export function createBody(draft: EndpointDraft): EndpointCreateWire {
  const problems: FieldProblem[] = [];
  const body = fullBody(draft, problems);
  if (problems.length > 0) throw refusal(problems);
  return { name: draft.name.trim(), url: draft.url.trim(), ...body };
}

/** Only what a form has changed, by the names of the API; throws what cannot be sent as a refusal of its fields. */
export function changedBody(before: EndpointDraft, after: EndpointDraft): Partial<EndpointCreateWire> {
  const problems: FieldProblem[] = [];
  const was = namedBody(before, []);
  const is = namedBody(after, problems);
  if (problems.length > 0) throw refusal(problems);
  const changed = Object.entries(is).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name as keyof typeof was]),
  );
  return Object.fromEntries(changed);
}

/** True when anything is not as it was. */
export function isChanged(before: EndpointDraft, after: EndpointDraft): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

function namedBody(draft: EndpointDraft, problems: FieldProblem[]): Partial<EndpointCreateWire> {
  return { name: draft.name.trim(), url: draft.url.trim(), ...fullBody(draft, problems) };
}

function fullBody(draft: EndpointDraft, problems: FieldProblem[]): Omit<EndpointCreateWire, "name" | "url"> {
  const { rateRequests, ratePerSeconds, fallbackId, fallbackMinutes, fallbackOriginals } = draft;
  const certificate = certificateBody(draft.certificate);
  const template = parseTemplate(draft.template);
  if (!template.ok) problems.push({ path: "template", message: template.message });
  return {
    method: draft.method,
    headers: pairsBody(draft.headers, "headers", problems),
    ...(draft.variables === null ? {} : { variables: pairsBody(draft.variables, "variables", problems) }),
    events: [...draft.events],
    filter: draft.filter.trim() === "" ? null : draft.filter.trim(),
    template: template.ok ? template.value : null,
    ...(draft.timeoutSeconds === null ? {} : { timeout_seconds: draft.timeoutSeconds }),
    retry: given(draft.retry),
    circuit: given(draft.circuit),
    rate_limit: rateRequests === null ? null : { requests: rateRequests, per_seconds: ratePerSeconds ?? 1 },
    ...(draft.maxInFlight === null ? {} : { max_in_flight: draft.maxInFlight }),
    order: draft.order,
    collapse: draft.collapse,
    capture: draft.capture.length === 0 ? null : pairsBody(draft.capture, "capture", problems),
    overrides: overridesBody(draft.overrides, problems),
    fallback:
      fallbackId === null
        ? null
        : {
            endpoint_id: fallbackId,
            originals: fallbackOriginals,
            ...(fallbackMinutes === null ? {} : { after_minutes: fallbackMinutes }),
          },
    proxy: draft.proxy,
    auth: authBody(draft.auth),
    ...(certificate === undefined ? {} : { client_certificate: certificate }),
  };
}

function numbersOf<const Name extends string>(
  names: readonly Name[],
  written: Readonly<Record<string, unknown>>,
): Numbers<Name> {
  const read = (name: Name): number | null => (typeof written[name] === "number" ? written[name] : null);
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Numbers<Name>;
}

function given(numbers: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] !== null));
}

function refusal(fields: readonly FieldProblem[]): ApiFailure {
  return new ApiFailure({
    status: 422,
    code: "VALIDATION_FAILED",
    message: "Some fields are not right yet",
    details: { fields },
  });
}
