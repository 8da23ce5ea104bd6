import type { EndpointCreateWire, EndpointWire } from "../../../../server/src/api/contract.ts";
import type { FieldProblem } from "../../lib/api.ts";
import { parseTemplate, writeTemplate } from "./template-text.ts";

type Overrides = NonNullable<EndpointCreateWire["overrides"]>;

/** What some events have of their own. */
export type OverrideDraft = {
  readonly key: number;
  readonly event: string;
  readonly method: EndpointWire["method"] | null;
  readonly url: string;
  /** The endpoint's own body, the standard one, or another template. */
  readonly body: "same" | "standard" | "own";
  readonly template: string;
};

/** The overrides as a form holds them. */
export function draftOverrides(overrides: EndpointWire["overrides"]): readonly OverrideDraft[] {
  return Object.entries(overrides).map(([event, { method, url, template }], key) => ({
    key,
    event,
    method: method ?? null,
    url: url ?? "",
    body: template === undefined ? "same" : template === null ? "standard" : "own",
    template: writeTemplate(template),
  }));
}

/** The overrides with a new one. */
export function withNewOverride(overrides: readonly OverrideDraft[]): readonly OverrideDraft[] {
  const key = Math.max(-1, ...overrides.map((one) => one.key)) + 1;
  return [...overrides, { key, event: "", method: null, url: "", body: "same", template: "" }];
}

/** `overrides` as a request carries it. */
export function overridesBody(drafts: readonly OverrideDraft[], problems: FieldProblem[]): Overrides {
  const events = drafts.map(({ event }) => event);
  if (events.includes("")) problems.push({ path: "overrides", message: "each needs an event" });
  const twice = events.find((event, index) => event !== "" && events.indexOf(event) !== index);
  if (twice !== undefined) problems.push({ path: "overrides", message: `"${twice}" stands there twice` });
  return Object.fromEntries(
    drafts.map(({ event, method, url, body, template }) => {
      const parsed = body === "own" ? parseTemplate(template) : null;
      if (parsed?.ok === false) problems.push({ path: `overrides.${event}.template`, message: parsed.message });
      return [
        event,
        {
          ...(method === null ? {} : { method }),
          ...(url.trim() === "" ? {} : { url: url.trim() }),
          ...(body === "same" ? {} : { template: parsed?.ok === true ? parsed.value : null }),
        },
      ];
    }),
  ) as Overrides;
}
