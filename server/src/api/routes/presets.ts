import { type Static, Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import type { Preset, PresetEndpoint } from "../../presets/preset.ts";
import { findPreset, PRESETS } from "../../presets/registry.ts";
import { defineRoute, type Route } from "../route.ts";
import { PresetView } from "../schemas/presets.ts";
import { strict } from "../schemas/shared.ts";

const tag = "templates";

/** `/presets`: starting points for endpoints, the same for everybody. */
export function presetRoutes(): readonly Route[] {
  return [list(), read()];
}

function list(): Route {
  return defineRoute("GET", "/presets", {
    role: "viewer",
    tag,
    summary: "List presets",
    description: "Starting points for endpoints: address, headers, events and template for common receivers.",
    answers: { 200: strict({ data: Type.Array(PresetView), next_cursor: Type.Null() }) },
    handle: async () => ({ body: { data: PRESETS.map(viewPreset), next_cursor: null } }),
  });
}

function read(): Route {
  return defineRoute("GET", "/presets/{name}", {
    role: "viewer",
    tag,
    summary: "Read a preset",
    answers: { 200: PresetView },
    handle: async ({ params }) => {
      const preset = findPreset(String((params as { readonly name?: unknown }).name));
      if (preset === null) throw new OverwatchError("NOT_FOUND");
      return { body: viewPreset(preset) };
    },
  });
}

function viewPreset(preset: Preset): Static<typeof PresetView> {
  const { title: _title, ...first } = viewEndpoint(preset.endpoints[0]);
  return {
    name: preset.name,
    title: preset.title,
    ...first,
    variables: preset.variables.map(({ name, about }) => ({ name, about })),
    notes: [...preset.notes],
    endpoints: preset.endpoints.map(viewEndpoint),
  };
}

function viewEndpoint(endpoint: PresetEndpoint): Static<typeof PresetView>["endpoints"][number] {
  const { title, urlHint, method, headers, events, template, rateLimit, overrides, capture } = endpoint;
  const own = { overrides: overrides ?? {}, capture: capture ?? null };
  return { title, url_hint: urlHint, method, headers, events: [...events], template, ...own, rate_limit: rateLimit };
}
