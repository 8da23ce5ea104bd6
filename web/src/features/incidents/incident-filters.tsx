import { NativeSelect, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { IncidentFacetsWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { STATUS_WORDS } from "../../ui/badge.tsx";
import { type Facet, FacetsPanel, FacetsToggle, valuesInOrder } from "../../ui/facets.tsx";
import { FilterBar, FilterMenu, labelChips, timeChips } from "../../ui/filter-bar.tsx";
import { OriginMenus, originFacets } from "../../ui/origin-filters.tsx";
import { SavedViews } from "../../ui/saved-views.tsx";
import {
  type IncidentSearch,
  isFiltered,
  queryOf,
  type SORTS,
  STATUS_PARAMETERS,
  statusesOf,
} from "./incident-search.ts";

type FilterProps = {
  readonly search: IncidentSearch;
  readonly onChange: (changes: Partial<IncidentSearch>) => void;
  readonly onClear: () => void;
};

const SORT_WORDS: readonly { readonly value: (typeof SORTS)[number]; readonly label: string }[] = [
  { value: "newest", label: "Newest first" },
  { value: "oldest", label: "Oldest first" },
  { value: "severity", label: "Worst first" },
  { value: "updated", label: "Last changed first" },
];

/** The search box, menus and chips over the list. */
export function IncidentFilterBar({ search, onChange, onClear }: FilterProps) {
  const statuses = Object.entries(STATUS_WORDS) as [keyof typeof STATUS_WORDS, string][];
  return (
    <FilterBar
      placeholder="Search titles or a number"
      text={search.q}
      onText={(q) => onChange({ q })}
      chips={chipsOf({ search, onChange, onClear })}
      onClear={isFiltered(search) ? onClear : undefined}
      end={
        <>
          <SavedViews page="incidents" search={search} />
          <FacetsToggle />
          <NativeSelect
            size="xs"
            aria-label="Order"
            data={[...SORT_WORDS]}
            value={search.sort ?? "newest"}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              const sort = SORT_WORDS.find((word) => word.value === chosen)?.value;
              onChange({ sort: sort === "newest" ? undefined : sort });
            }}
          />
        </>
      }
    >
      <FilterMenu
        label="Status"
        options={statuses.map(([value, label]) => ({ value, label }))}
        chosen={statusesOf(search)}
        onChange={(chosen) => onChange({ status: statusParameter(chosen) })}
      />
      <OriginMenus search={search} onChange={onChange} />
      <Switch
        size="xs"
        label="Mine"
        checked={search.assignee?.includes("me") ?? false}
        onChange={(event) => onChange({ assignee: event.currentTarget.checked ? ["me"] : undefined })}
      />
    </FilterBar>
  );
}

/** The default is not written into the URL; all three states are one word there. */
function statusParameter(chosen: readonly string[] | undefined): IncidentSearch["status"] {
  if (chosen === undefined || chosen.length === 3) return ["all"];
  if (chosen.length === 2 && !chosen.includes("resolved")) return undefined;
  return STATUS_PARAMETERS.filter((word) => chosen.includes(word));
}

function chipsOf({ search, onChange }: FilterProps) {
  const people = (search.assignee ?? [])
    .filter((name) => name !== "me")
    .map((name) => ({
      label: name === "none" ? "Nobody assigned" : `Assigned to ${name}`,
      onRemove: () => {
        const others = search.assignee?.filter((other) => other !== name) ?? [];
        onChange({ assignee: others.length === 0 ? undefined : others });
      },
    }));
  const flapping =
    search.flapping === true ? [{ label: "Flapping", onRemove: () => onChange({ flapping: undefined }) }] : [];
  return [...labelChips(search.label, onChange), ...people, ...timeChips(search, onChange), ...flapping];
}

/** How many incidents have which value, beside the list. */
export function IncidentFacets({ search, onChange }: Omit<FilterProps, "onClear">) {
  const sources = useIntegrationNames();
  const query = queryOf(search);
  const { data } = useQuery({
    queryKey: ["facets", query],
    queryFn: ({ signal }) => get<IncidentFacetsWire>("/incidents/facets", { query, signal }),
    placeholderData: (before) => before,
  });
  if (data === undefined) return null;
  const facets: readonly Facet[] = [
    {
      id: "status",
      label: "Status",
      chosen: statusesOf(search),
      values: valuesInOrder(STATUS_WORDS, data.status),
    },
    ...originFacets(search, data, sources),
    {
      id: "assignee",
      label: "Assignee",
      chosen: search.assignee ?? [],
      values: data.assignee.map(({ value, count }) => ({ value: value ?? "none", label: value ?? "Nobody", count })),
    },
  ];
  return (
    <FacetsPanel
      facets={facets}
      onChange={(id, chosen) => onChange(id === "status" ? { status: statusParameter(chosen) } : { [id]: chosen })}
    />
  );
}
