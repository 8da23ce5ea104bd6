import { useQuery } from "@tanstack/react-query";
import type { LedgerWire, WholeLedgerWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { DELIVERY_STATE_WORDS, LEDGER_STATES } from "../../lib/delivery-states.ts";
import { formatCount } from "../../lib/numbers.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";

const REFRESH_MS = 30_000;

/** Whether every webhook that had to go out is accounted for. */
export function LedgerPanel() {
  const ledger = useQuery({
    queryKey: ["ledger"],
    queryFn: ({ signal }) => get<WholeLedgerWire>("/ledger", { signal }),
    refetchInterval: REFRESH_MS,
  });
  const whole = ledger.data;
  return (
    <Panel
      title="Ledger of outgoing webhooks"
      isFlush
      actions={whole === undefined ? undefined : <Balance of={whole} />}
    >
      {whole === undefined ? (
        ledger.error === null ? (
          <PanelSkeleton label="the ledger" />
        ) : (
          <ErrorPanel error={ledger.error} onRetry={() => void ledger.refetch()} />
        )
      ) : (
        <DataTable
          label="Ledger"
          areFigures
          rows={[{ ...whole, endpoint_id: "all", name: "All endpoints" }, ...whole.endpoints]}
          columns={COLUMNS}
          rowKey={({ endpoint_id }) => endpoint_id}
          rowName={({ name }) => name}
        />
      )}
    </Panel>
  );
}

function Balance({ of: { balanced, difference, as_of, checked_at } }: { readonly of: WholeLedgerWire }) {
  return (
    <span>
      {balanced ? <Badge tone="good">Balanced</Badge> : <Badge tone="critical">Off by {formatCount(difference)}</Badge>}{" "}
      <span className="ow-dim">
        as of <Moment at={as_of} />, {checked_at === null ? "not checked yet" : <CheckedAt at={checked_at} />}
      </span>
    </span>
  );
}

function CheckedAt({ at }: { readonly at: string }) {
  return (
    <>
      checked <Moment at={at} />
    </>
  );
}

const WORDS = { matched: "Matched", ...DELIVERY_STATE_WORDS };

const COLUMNS: readonly Column<LedgerWire>[] = [
  {
    id: "name",
    header: "Endpoint",
    width: "minmax(100px, 2fr)",
    isMain: true,
    cell: ({ name, balanced, difference }) => (
      <span style={{ whiteSpace: "normal", overflowWrap: "anywhere" }}>
        <bdi>{name}</bdi> {balanced ? null : <Badge tone="critical">Off by {formatCount(difference)}</Badge>}
      </span>
    ),
  },
  ...(["matched", ...LEDGER_STATES] as const).map(
    (figure): Column<LedgerWire> => ({
      id: figure,
      header: WORDS[figure],
      width: "64px",
      align: "end",
      cell: (row) => formatCount(row[figure]),
    }),
  ),
];
