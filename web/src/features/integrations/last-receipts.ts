import { useQuery } from "@tanstack/react-query";
import type { Page, ReceiptWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";

const REFRESH_MS = 5_000;
const LIMIT = 6;

/** The last receipts of an integration; undefined until they are read. */
export function useLastReceipts(integrationId: string, isEnabled = true): readonly ReceiptWire[] | undefined {
  const { data } = useQuery({
    queryKey: ["integration", "last-receipts", integrationId],
    queryFn: ({ signal }) =>
      get<Page<ReceiptWire>>("/receipts", { query: { integration_id: integrationId, limit: LIMIT }, signal }),
    refetchInterval: REFRESH_MS,
    enabled: isEnabled,
  });
  return data?.data;
}
