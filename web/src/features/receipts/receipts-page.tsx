import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Inbox } from "lucide-react";
import { useMemo } from "react";
import type { ReceiptWire } from "../../../../server/src/api/contract.ts";
import { type IntegrationNames, integrationName, useIntegrationNames } from "../../lib/integration-names.ts";
import { formatBytes } from "../../lib/numbers.ts";
import { RECEIPT_STATUSES, receiptFullName, receiptReasonWords } from "../../lib/receipt-words.ts";
import { useTail } from "../../lib/tail.ts";
import type { Column } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { FilterBar, FilterMenu, timeChips } from "../../ui/filter-bar.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { ReceiptStatus } from "../../ui/receipt-status.tsx";
import { Select } from "../../ui/select.tsx";
import { TailButton } from "../../ui/tail.tsx";
import { TailTable } from "../../ui/tail-table.tsx";
import { type ReceiptSearch, SPANS } from "./receipt-search.ts";
import styles from "./receipts.module.css";

const route = getRouteApi("/console/receipts");

const NO_FILTER: Required<{ readonly [Name in keyof ReceiptSearch]: undefined }> = {
  q: undefined,
  status: undefined,
  integration: undefined,
  span: undefined,
  since: undefined,
  until: undefined,
};

const SPAN_WORDS = { "15m": "15 minutes", "1h": "hour", "24h": "24 hours", "7d": "7 days" } as const;
const SPAN_MS = { "15m": 900_000, "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000 } as const;

/** Every webhook that was accepted, as it comes, and what became of it. */
export function ReceiptsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const names = useIntegrationNames();
  const { q, status, integration, span, since, until } = search;
  // The moment stays while the page stays, else every look would be at another list.
  const from = useMemo(
    () => (span === undefined ? since : new Date(Date.now() - SPAN_MS[span]).toISOString()),
    [span, since],
  );
  const tail = useTail<ReceiptWire>({
    noun: "receipts",
    query: { q, status, integration_id: integration, since: from, until },
  });
  const set = (changes: Partial<ReceiptSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true });
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  return (
    <>
      <PageHeader
        title="Receipts"
        description="Every webhook that was accepted, kept as it came. Refused ones are shown with their integration."
        actions={<TailButton tail={tail} noun="receipts" />}
      />
      <FilterBar
        placeholder="Search by alert, request, delivery or address"
        text={q}
        onText={(text) => set({ q: text })}
        chips={timeChips(search, set)}
        onClear={isFiltered ? () => set(NO_FILTER) : undefined}
      >
        <FilterMenu
          label="State"
          options={RECEIPT_STATUSES.map((value) => ({ value, label: <ReceiptStatus status={value} /> }))}
          chosen={status ?? []}
          onChange={(chosen) => set({ status: chosen })}
        />
        <Select
          size="xs"
          w={190}
          aria-label="Integration"
          placeholder="All integrations"
          clearable
          searchable
          data={[...names.values()].map(({ id, name }) => ({ value: id, label: name }))}
          value={integration ?? null}
          onChange={(id) => set({ integration: id ?? undefined })}
        />
        <Select
          size="xs"
          w={150}
          aria-label="Received"
          placeholder="Any time"
          clearable
          data={SPANS.map((value) => ({ value, label: `Last ${SPAN_WORDS[value]}` }))}
          value={span ?? null}
          onChange={(chosen) => set({ span: SPANS.find((known) => known === chosen), since: undefined })}
        />
      </FilterBar>
      <TailTable
        tail={tail}
        label="Receipts"
        columns={columnsOf(names)}
        rowName={(row) => `${receiptFullName(row)} of ${integrationName(names, row.integration_id)}`}
        nothing={<Nothing isFiltered={isFiltered} />}
      />
    </>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon={Inbox} title="No receipt fits these filters" mood="calm">
        Whatever comes and fits appears here by itself. Take a filter away to see more.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Inbox}
      title="Nothing has come in yet"
      command={`curl -X POST -H "Content-Type: application/json" -d '{"title":"Disk full","status":"firing"}' "$WEBHOOK_URL"`}
      action={
        <Button component={Link} to="/integrations" size="xs">
          Go to the integrations
        </Button>
      }
    >
      Each webhook that an integration accepts becomes a receipt: stored before it is answered, and kept with every step
      of what was made of it.
    </EmptyState>
  );
}

/** The title and the id at the source: what a search takes. */
function hintOf(row: ReceiptWire): string {
  const { title, alert_ids: alerts } = row;
  return title === null || alerts[0] === undefined ? receiptFullName(row) : `${receiptFullName(row)} (${alerts[0]})`;
}

function columnsOf(names: IntegrationNames): readonly Column<ReceiptWire>[] {
  return [
    {
      id: "alert",
      header: "Alert",
      width: "minmax(150px, 1fr)",
      isMain: true,
      cell: (row) => (
        <EntityLink entity="receipt" id={row.id} title={hintOf(row)}>
          <bdi>{receiptFullName(row)}</bdi>
        </EntityLink>
      ),
    },
    { id: "status", header: "State", width: "140px", cell: ({ status }) => <ReceiptStatus status={status} /> },
    {
      id: "reason",
      header: "Why",
      width: "minmax(120px, 1.3fr)",
      cell: ({ reason, incident_ids: incidents }) => {
        const words = receiptReasonWords(reason);
        if (words !== "") {
          return (
            <span className={styles.why} title={words}>
              {words}
            </span>
          );
        }
        if (incidents.length === 0) return <span className="ow-dim">–</span>;
        return (
          <span className="ow-dim">{incidents.length === 1 ? "1 incident" : `${incidents.length} incidents`}</span>
        );
      },
    },
    {
      id: "integration",
      header: "Integration",
      width: "minmax(110px, 0.9fr)",
      cell: ({ integration_id }) => (
        <Link
          to="."
          search={(before) => ({ ...before, integration: integration_id }) as typeof before}
          replace
          className={styles.plain ?? ""}
          title="Show this integration's receipts only"
        >
          <bdi>{integrationName(names, integration_id)}</bdi>
        </Link>
      ),
    },
    {
      id: "size",
      header: "Size",
      width: "80px",
      align: "end",
      isWideOnly: true,
      cell: ({ body_bytes: bytes }) => <span className="ow-number">{formatBytes(bytes)}</span>,
    },
    {
      id: "from",
      header: "From",
      width: "minmax(90px, 130px)",
      isWideOnly: true,
      cell: ({ source_ip: address }) => <code title={address}>{address}</code>,
    },
    { id: "at", header: "Received", width: "100px", cell: ({ received_at: at }) => <Moment at={at} /> },
  ];
}
