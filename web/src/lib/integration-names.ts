import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { IntegrationWire, Page } from "../../../server/src/api/contract.ts";
import { get } from "./api.ts";

/** What pages say of where something came from. */
export type IntegrationName = Pick<IntegrationWire, "id" | "name" | "platform">;

/** The names of integrations by id. */
export type IntegrationNames = ReadonlyMap<string, IntegrationName & Pick<IntegrationWire, "webhook_url">>;

const MOST = 200;

/** The names of integrations, to choose from and for rows that carry ids; empty until they are read. */
export function useIntegrationNames(): IntegrationNames {
  const { data } = useQuery({
    queryKey: ["integrations", "names"],
    queryFn: ({ signal }) => get<Page<IntegrationWire>>("/integrations", { query: { limit: MOST }, signal }),
    staleTime: 60_000,
  });
  return useMemo(() => new Map(data?.data.map((integration) => [integration.id, integration] as const) ?? []), [data]);
}

/** The name of an integration, or the end of its id when it is not among them. */
export function integrationName(names: IntegrationNames, id: string): string {
  return names.get(id)?.name ?? `…${id.slice(-8)}`;
}
