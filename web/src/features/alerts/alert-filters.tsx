import { useQuery } from "@tanstack/react-query";
import type { AlertFacetsWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { type Facet, FacetsPanel, FacetsToggle, valuesInOrder } from "../../ui/facets.tsx";
import { FilterBar, FilterMenu, labelChips, timeChips } from "../../ui/filter-bar.tsx";
import { OriginMenus, originFacets } from "../../ui/origin-filters.tsx";
import { SavedViews } from "../../ui/saved-views.tsx";
import { type AlertSearch, isFiltered, queryOf, statusesOf, statusParameter } from "./alert-search.ts";

type FilterProps = {
  readonly search: AlertSearch;
  readonly onChange: (changes: Partial<AlertSearch>) => void;
  readonly onClear: () => void;
};

const STATUS_WORDS = { firing: "Firing", resolved: "Resolved" } as const;

/** The search box, menus and chips over the list. */
export function AlertFilterBar({ search, onChange, onClear }: FilterProps) {
  const statuses = Object.entries(STATUS_WORDS) as [keyof typeof STATUS_WORDS, string][];
  return (
    <FilterBar
      placeholder="Search titles and dedup keys"
      text={search.q}
      onText={(q) => onChange({ q })}
      chips={[...labelChips(search.label, onChange), ...timeChips(search, onChange)]}
      onClear={isFiltered(search) ? onClear : undefined}
      end={
        <>
          <SavedViews page="alerts" search={search} />
          <FacetsToggle />
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
    </FilterBar>
  );
}

/** How many alerts have which value, beside the list. */
export function AlertFacets({ search, onChange }: Omit<FilterProps, "onClear">) {
  const sources = useIntegrationNames();
  const query = queryOf(search);
  const { data } = useQuery({
    queryKey: ["alert-facets", query],
    queryFn: ({ signal }) => get<AlertFacetsWire>("/alerts/facets", { query, signal }),
    placeholderData: (before) => before,
  });
  if (data === undefined) return null;
  const facets: readonly Facet[] = [
    { id: "status", label: "Status", chosen: statusesOf(search), values: valuesInOrder(STATUS_WORDS, data.status) },
    ...originFacets(search, data, sources),
  ];
  return (
    <FacetsPanel
      facets={facets}
      onChange={(id, chosen) => onChange(id === "status" ? { status: statusParameter(chosen) } : { [id]: chosen })}
    />
  );
}
