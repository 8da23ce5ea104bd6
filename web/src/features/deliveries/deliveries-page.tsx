import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Send } from "lucide-react";
import type { DeliveryWire } from "../../../../server/src/api/contract.ts";
import { apiCurl } from "../../lib/api-curl.ts";
import { DELIVERY_STATES } from "../../lib/delivery-states.ts";
import { type EndpointNames, useEndpointNames } from "../../lib/endpoint-names.ts";
import { FAILURE_REASONS, failureCode, failureHint, failureWords } from "../../lib/failure-words.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useTail } from "../../lib/tail.ts";
import type { Column } from "../../ui/data-table.tsx";
import { DeliveryBadge } from "../../ui/delivery-badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { FilterBar, FilterMenu, timeChips } from "../../ui/filter-bar.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Select } from "../../ui/select.tsx";
import { TailButton } from "../../ui/tail.tsx";
import { TailTable } from "../../ui/tail-table.tsx";
import { BulkButtons } from "./bulk-buttons.tsx";
import type { DeliverySearch } from "./delivery-search.ts";

const route = getRouteApi("/console/deliveries");
const NO_FILTER: Required<{ readonly [Name in keyof DeliverySearch]: undefined }> = {
  q: undefined,
  status: undefined,
  reason: undefined,
  endpoint: undefined,
  incident: undefined,
  type: undefined,
  since: undefined,
  until: undefined,
};

/** Every outgoing webhook and where it stands. */
export function DeliveriesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const names = useEndpointNames();
  const mayAct = useIsAllowed("responder");
  const { q, status, reason, endpoint, incident, type, since, until } = search;
  const tail = useTail<DeliveryWire>({
    noun: "deliveries",
    query: { q, status, reason, endpoint_id: endpoint, incident_id: incident, event_type: type, since, until },
  });
  const set = (changes: Partial<DeliverySearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true });
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  return (
    <>
      <PageHeader
        title="Deliveries"
        description="Each event to each endpoint, until it has arrived or somebody decides otherwise."
        actions={
          <>
            <TailButton tail={tail} noun="deliveries" />
            <Button component={Link} to="/bulk-runs" variant="subtle" size="xs">
              Bulk runs
            </Button>
            {mayAct ? <BulkButtons search={search} nameOf={names.nameOf} /> : null}
          </>
        }
      />
      <FilterBar
        placeholder="Search by id or message"
        text={q}
        onText={(text) => set({ q: text })}
        chips={chipsOf(search, set)}
        onClear={isFiltered ? () => set(NO_FILTER) : undefined}
      >
        <FilterMenu
          label="State"
          options={DELIVERY_STATES.map((value) => ({ value, label: <DeliveryBadge status={value} /> }))}
          chosen={status ?? []}
          onChange={(chosen) => set({ status: chosen })}
        />
        <FilterMenu
          label="Failed by"
          options={FAILURE_REASONS.map((value) => ({ value, label: `${failureWords(value)}: ${failureHint(value)}` }))}
          chosen={reason ?? []}
          onChange={(chosen) => set({ reason: chosen })}
        />
        <Select
          size="xs"
          w={180}
          aria-label="Endpoint"
          placeholder="All endpoints"
          clearable
          searchable
          data={names.all.map(({ id, name }) => ({ value: id, label: name }))}
          value={endpoint ?? null}
          onChange={(id) => set({ endpoint: id ?? undefined })}
        />
      </FilterBar>
      <TailTable
        tail={tail}
        label="Deliveries"
        columns={columnsOf(names, set)}
        rowName={(row) => `${row.event_type} to ${names.nameOf(row.endpoint_id)}`}
        nothing={<Nothing isFiltered={isFiltered} />}
      />
    </>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon={Send} title="No delivery fits these filters" mood="calm">
        Take a filter away to see more.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Send}
      title="Nothing has been sent yet"
      command={apiCurl("/endpoints/$ENDPOINT_ID/test")}
      action={
        <Button component={Link} to="/endpoints" size="xs">
          Go to the endpoints
        </Button>
      }
    >
      When something happens to an incident, every endpoint that subscribes to it gets a delivery. It stays here with
      every attempt, whatever becomes of it.
    </EmptyState>
  );
}

function chipsOf(search: DeliverySearch, set: (changes: Partial<DeliverySearch>) => void) {
  const { incident, type } = search;
  const chips: { readonly label: string; readonly onRemove: () => void }[] = [];
  if (incident !== undefined) {
    chips.push({ label: `Incident …${incident.slice(-8)}`, onRemove: () => set({ incident: undefined }) });
  }
  if (type !== undefined) chips.push({ label: type, onRemove: () => set({ type: undefined }) });
  return [...chips, ...timeChips(search, set)];
}

function columnsOf(
  names: EndpointNames,
  set: (changes: Partial<DeliverySearch>) => void,
): readonly Column<DeliveryWire>[] {
  return [
    {
      id: "event",
      header: "Event",
      width: "minmax(150px, 1fr)",
      isMain: true,
      cell: ({ id, event_type }) => (
        <EntityLink entity="delivery" id={id}>
          {event_type}
        </EntityLink>
      ),
    },
    { id: "status", header: "State", width: "120px", cell: ({ status }) => <DeliveryBadge status={status} /> },
    {
      id: "endpoint",
      header: "Endpoint",
      width: "minmax(110px, 1fr)",
      cell: ({ endpoint_id }) => (
        <button
          type="button"
          className="ow-plain"
          title="Show this endpoint's deliveries only"
          onClick={() => set({ endpoint: endpoint_id })}
        >
          <bdi>{names.nameOf(endpoint_id)}</bdi>
        </button>
      ),
    },
    { id: "tries", header: "Attempts", width: "76px", align: "end", cell: ({ attempt_count }) => attempt_count },
    {
      id: "error",
      header: "Last failure",
      width: "minmax(90px, 1.2fr)",
      cell: ({ last_error: error }) =>
        error === null ? (
          <span className="ow-dim">–</span>
        ) : (
          <span
            title={`${failureCode(error.reason, error.status_code)}: ${error.message ?? failureHint(error.reason)}`}
          >
            {failureWords(error.reason, error.status_code)}
          </span>
        ),
    },
    {
      id: "next",
      header: "Next",
      width: "100px",
      isWideOnly: true,
      // A parked one has a moment, too, but nothing happens then.
      cell: ({ status, next_attempt_at }) => <Moment at={status === "parked" ? null : next_attempt_at} />,
    },
    { id: "at", header: "Made", width: "100px", cell: ({ created_at }) => <Moment at={created_at} /> },
  ];
}
