import { type IntegrationNames, useIntegrationNames } from "../lib/integration-names.ts";
import { SEVERITY_WORDS } from "./badge.tsx";
import { type Facet, sourceValues, valuesInOrder } from "./facets.tsx";
import { FilterMenu } from "./filter-bar.tsx";
import { SourceName } from "./source-name.tsx";

type Severity = keyof typeof SEVERITY_WORDS;

/** What lists of alerts and of incidents are narrowed by alike: how bad it is, and who said so. */
type OriginSearch = {
  readonly severity?: readonly Severity[] | undefined;
  readonly integration?: readonly string[] | undefined;
};

type OriginMenusProps = { readonly search: OriginSearch; readonly onChange: (changes: OriginSearch) => void };

/** The menus of severities and of sources. */
export function OriginMenus({ search, onChange }: OriginMenusProps) {
  const sources = useIntegrationNames();
  const severities = Object.entries(SEVERITY_WORDS) as [Severity, string][];
  return (
    <>
      <FilterMenu
        label="Severity"
        options={severities.map(([value, label]) => ({ value, label }))}
        chosen={search.severity ?? []}
        onChange={(severity) => onChange({ severity })}
      />
      <FilterMenu
        label="Source"
        options={[...sources.values()].map((source) => ({ value: source.id, label: <SourceName source={source} /> }))}
        chosen={search.integration ?? []}
        onChange={(integration) => onChange({ integration })}
      />
    </>
  );
}

type Counts = {
  readonly severity: Parameters<typeof valuesInOrder>[1];
  readonly integration: Parameters<typeof sourceValues>[1];
};

/** How many there are of each severity and of each source. */
export function originFacets(search: OriginSearch, counts: Counts, sources: IntegrationNames): readonly Facet[] {
  return [
    {
      id: "severity",
      label: "Severity",
      chosen: search.severity ?? [],
      values: valuesInOrder(SEVERITY_WORDS, counts.severity),
    },
    {
      id: "integration",
      label: "Source",
      chosen: search.integration ?? [],
      values: sourceValues(sources, counts.integration),
    },
  ];
}
