import { BLOCKED_ADDRESS_ADVICE } from "../core/diagnosis.ts";
import { OverwatchError } from "../core/errors.ts";
import { isSubscription } from "../core/event.ts";
import type { JsonValue } from "../core/json.ts";
import type { Overrides } from "../core/override.ts";
import { compileCapture } from "../expression/capture.ts";
import { type ContextShape, templateContext } from "../expression/context.ts";
import { compileFilter } from "../expression/filter.ts";
import { compileHeaders } from "../expression/header.ts";
import { compileTemplate } from "../expression/template.ts";
import { compileUrl } from "../expression/url.ts";
import type { ApiDeps } from "./deps.ts";

/** What of an endpoint can be wrong although its shape is right. */
export type CheckedSettings = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly variableNames: readonly string[];
  readonly template: JsonValue;
  readonly filter: string | null;
  readonly events: readonly string[];
  readonly capture: Readonly<Record<string, string>> | null;
  readonly order: "incident" | "none";
  readonly collapse: boolean;
  readonly overrides: Overrides;
};

/** A refusal of a field with the place in its text, from 0, where there is one. */
export type FieldProblem = { readonly path: string; readonly message: string; readonly position?: number };

/**
 * Throws VALIDATION_FAILED with everything that is wrong, `known` included; `prefix` is put before each path, such as
 * `webhook_config.`.
 */
export function checkEndpointSettings(
  settings: CheckedSettings,
  prefix: string,
  known: readonly FieldProblem[] = [],
): { readonly origin: string } {
  const problems: FieldProblem[] = known.map((problem) => ({ ...problem, path: prefix + problem.path }));
  const add = (path: string, message: string, position?: number): void => {
    problems.push({ path: prefix + path, message, ...(position === undefined ? {} : { position }) });
  };
  const context = templateContext(settings.variableNames);
  if (!context.ok) for (const error of context.errors) add(`variables.${error.name}`, error.message);
  let origin = "";
  if (context.ok) {
    const url = compileUrl(settings.url, context.shape);
    if (url.ok) origin = url.url.origin;
    else for (const error of url.errors) add("url", error.message, error.position);
    const headers = compileHeaders(settings.headers, context.shape);
    if (!headers.ok)
      for (const error of headers.errors) add(`headers${below(error.path)}`, error.message, error.position);
    if (settings.template !== null) {
      const template = compileTemplate(settings.template, context.shape);
      if (!template.ok) {
        for (const error of template.errors) add(`template${below(error.path)}`, error.message, error.position);
      }
    }
    checkOverrides(settings.overrides, context.shape, origin, add);
  }
  if (settings.filter !== null) {
    const filter = compileFilter(settings.filter);
    if (!filter.ok) add("filter", filter.error.message, filter.error.position);
  }
  settings.events.forEach((event, index) => {
    if (!isSubscription(event))
      add(`events[${index}]`, `"${event}" is no event type; GET /api/v1/event-types lists them`);
  });
  if (settings.collapse && settings.order === "none") add("collapse", 'needs "order": "incident"');
  const capture = compileCapture(settings.capture ?? {});
  if (!capture.ok) for (const error of capture.errors) add(`capture.${error.name}`, error.message, error.position);
  if (problems.length > 0) throw new OverwatchError("VALIDATION_FAILED", { fields: problems });
  return { origin };
}

/** The same checks for what some events have of their own; all of them stay at one host, to which the secrets go. */
function checkOverrides(
  overrides: Overrides,
  shape: ContextShape,
  origin: string,
  add: (path: string, message: string, position?: number) => void,
): void {
  for (const [name, override] of Object.entries(overrides)) {
    const path = `overrides.${name}`;
    if (!isSubscription(name)) add(path, `"${name}" is no event type; GET /api/v1/event-types lists them`);
    if (override.url !== undefined) {
      const url = compileUrl(override.url, shape);
      if (!url.ok) for (const error of url.errors) add(`${path}.url`, error.message, error.position);
      else if (origin !== "" && url.url.origin !== origin)
        add(`${path}.url`, `must lead to ${origin}, as the endpoint's own URL does`);
    }
    if (override.template === undefined || override.template === null) continue;
    const template = compileTemplate(override.template, shape);
    if (template.ok) continue;
    for (const error of template.errors) add(`${path}.template${below(error.path)}`, error.message, error.position);
  }
}

/** The addresses that an endpoint newly calls, and by which proxy; null for what stays as it was judged before. */
export type CalledAddresses = {
  readonly newOrigin: string | null;
  readonly newTokenUrl: string | null;
  readonly newProxy: string | null;
};

/**
 * Refuses addresses that may not be called and proxies that the operator has not named; looks names up, so never call it
 * inside a transaction.
 */
export async function requireAllowedAddresses(
  deps: Pick<ApiDeps, "judgeUrl" | "proxyNames">,
  called: CalledAddresses,
  prefix: string,
): Promise<void> {
  if (called.newProxy !== null && !deps.proxyNames.includes(called.newProxy)) {
    const known =
      deps.proxyNames.length === 0 ? "the operator has named none" : `known are ${deps.proxyNames.join(", ")}`;
    const message = `"${called.newProxy}" is no proxy of OVERWATCH_EGRESS_PROXIES; ${known}`;
    throw new OverwatchError("VALIDATION_FAILED", { fields: [{ path: `${prefix}proxy`, message }] });
  }
  if (called.newOrigin !== null) await requireAllowedAddress(deps, called.newOrigin, `${prefix}url`);
  if (called.newTokenUrl !== null) await requireAllowedAddress(deps, called.newTokenUrl, `${prefix}auth.token_url`);
}

async function requireAllowedAddress(deps: Pick<ApiDeps, "judgeUrl">, origin: string, path: string): Promise<void> {
  const verdict = await deps.judgeUrl(origin);
  if (verdict.ok) return;
  const { reason } = verdict;
  const message = reason === "blocked_address" ? `${verdict.message}. ${BLOCKED_ADDRESS_ADVICE}` : verdict.message;
  throw new OverwatchError("ADDRESS_NOT_ALLOWED", { reason, fields: [{ path, message }] });
}

/** The JSON path of a leaf without its `$`. */
function below(path: string): string {
  return path.startsWith("$") ? path.slice(1) : `.${path}`;
}
