import { useQuery } from "@tanstack/react-query";
import type { IncidentWire, Page, PresetWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";

/** The forward proxies that an endpoint may take, by the names that the operator has given; often none. */
export function useProxies() {
  return useQuery({
    queryKey: ["proxies"],
    queryFn: async ({ signal }) =>
      (await get<{ readonly data: readonly { readonly name: string }[] }>("/proxies", { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The starting points for endpoints; they are part of the program and never change. */
export function usePresets() {
  return useQuery({
    queryKey: ["presets"],
    queryFn: async ({ signal }) => (await get<Page<PresetWire>>("/presets", { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The newest incidents, to try a template or a filter on. */
export function useRecentIncidents() {
  return useQuery({
    queryKey: ["incidents", "recent"],
    queryFn: async ({ signal }) => (await get<Page<IncidentWire>>("/incidents", { query: { limit: 25 }, signal })).data,
    staleTime: 30_000,
  });
}
