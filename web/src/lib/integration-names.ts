import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { IntegrationWire, Page } from "../../../server/src/api/contract.ts";
import { get } from "./api.ts";

/** What pages say of where something came from. */
export type IntegrationName = {
  readonly id: string;
  readonly name: string;
  readonly platform: IntegrationWire["platform"];
};

const MOST = 200;

/** The names of integrations by id, for rows that carry ids; empty until they are read. */
export function useIntegrationNames(): ReadonlyMap<string, IntegrationName> {
  const { data } = useQuery({
    queryKey: ["integrations", "names"],
    queryFn: ({ signal }) => get<Page<IntegrationWire>>("/integrations", { query: { limit: MOST }, signal }),
    staleTime: 60_000,
  });
  return useMemo(
    () => new Map(data?.data.map(({ id, name, platform }) => [id, { id, name, platform }] as const) ?? []),
    [data],
  );
}
