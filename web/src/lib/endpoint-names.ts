import { useQuery } from "@tanstack/react-query";
import type { EndpointWire, Page } from "../../../server/src/api/contract.ts";
import { get } from "./api.ts";

/** The endpoints to choose from, and the name of each id that is among them. */
export type EndpointNames = {
  readonly all: readonly Pick<EndpointWire, "id" | "name">[];
  readonly nameOf: (id: string) => string;
};

/** Reads the names of the endpoints once for rows that carry ids. */
export function useEndpointNames(): EndpointNames {
  const { data } = useQuery({
    queryKey: ["endpoints", "names"],
    queryFn: ({ signal }) => get<Page<EndpointWire>>("/endpoints", { query: { limit: 200 }, signal }),
    staleTime: 60_000,
  });
  const all = data?.data ?? [];
  return { all, nameOf: (id) => all.find((endpoint) => endpoint.id === id)?.name ?? `…${id.slice(-8)}` };
}
