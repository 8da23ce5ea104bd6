import { useQuery } from "@tanstack/react-query";
import type { IntegrationWire, Page } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";

/** What pages need to know of integrations that they only mention. */
export type NamedIntegration = Pick<IntegrationWire, "id" | "name" | "platform" | "webhook_url">;

/** The integrations to choose from, and the name of each id that is among them. */
export type IntegrationNames = {
  readonly all: readonly NamedIntegration[];
  readonly find: (id: string) => NamedIntegration | undefined;
  readonly nameOf: (id: string) => string;
};

/** Reads the names of the integrations once for the pages of receipts. */
export function useIntegrationNames(): IntegrationNames {
  const { data } = useQuery({
    queryKey: ["integrations", "names"],
    queryFn: ({ signal }) => get<Page<IntegrationWire>>("/integrations", { query: { limit: 200 }, signal }),
    staleTime: 60_000,
  });
  const all = data?.data ?? [];
  const find = (id: string): NamedIntegration | undefined => all.find((integration) => integration.id === id);
  return { all, find, nameOf: (id) => find(id)?.name ?? `…${id.slice(-8)}` };
}
