import { useQuery } from "@tanstack/react-query";
import type { FullPlatformWire, PlatformWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";

/** The platforms that Overwatch reads; null until they are known. */
export function usePlatforms(): readonly PlatformWire[] | null {
  const { data } = useQuery({
    queryKey: ["platforms"],
    queryFn: ({ signal }) => get<{ readonly data: readonly PlatformWire[] }>("/platforms", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.data ?? null;
}

/** How a platform is set up, with the address of the integration in it. */
export function usePlatform(name: string, integrationId: string | undefined) {
  return useQuery({
    queryKey: ["platform", name, integrationId ?? null],
    queryFn: ({ signal }) =>
      get<FullPlatformWire>(`/platforms/${name}`, { query: { integration_id: integrationId }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
