import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ExpressionWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { Badge } from "../../ui/badge.tsx";
import { CodeEditor } from "../../ui/code-editor.tsx";
import { MultiSelect } from "../../ui/multi-select.tsx";
import { Select } from "../../ui/select.tsx";
import { SUBSCRIPTIONS } from "./endpoint-words.ts";
import styles from "./endpoints.module.css";
import { pathsOf, useExample } from "./example.ts";
import type { FormParts } from "./form-parts.ts";
import { IncidentSelect } from "./incident-select.tsx";

const PAUSE_MS = 300;

/** Which events go out, and of which incidents. */
export function EventFields({ draft, set, problemOf }: FormParts) {
  const known = [...new Set([...SUBSCRIPTIONS, ...draft.events])];
  return (
    <div className={styles.stack}>
      <MultiSelect
        label="Events"
        description="Wildcards such as incident.* cover what comes later as well."
        data={known}
        value={draft.events}
        onChange={(events) => set({ events })}
        error={problemOf("events")}
      />
      <FilterField value={draft.filter} onChange={(filter) => set({ filter })} problem={problemOf("filter")} />
    </div>
  );
}

type FilterFieldProps = {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem: string | undefined;
};

/** A filter that is checked while it is typed, and tried on an incident. */
function FilterField({ value, onChange, problem }: FilterFieldProps) {
  const [incidentId, setIncidentId] = useState<string | null>(null);
  const [typed] = useDebouncedValue(value.trim(), PAUSE_MS);
  const example = useExample(incidentId);
  const check = useQuery({
    queryKey: ["expression", "filter", typed, incidentId, example.data !== undefined],
    queryFn: ({ signal }) => {
      const context = example.data === undefined ? {} : { context: example.data };
      return change<ExpressionWire>(
        "POST",
        "/expressions/check",
        { expression: typed, use: "filter", ...context },
        { signal },
      );
    },
    enabled: typed !== "",
    placeholderData: keepPreviousData,
  });
  const result = typed === "" ? undefined : check.data;
  const error = result?.error ?? null;
  return (
    <div className={styles.tight}>
      <CodeEditor
        label="Filter"
        description={
          <>
            Empty lets every incident through. Such as{" "}
            <code>incident.severity in ['critical', 'high'] && incident.labels['team'] == 'payments'</code>
          </>
        }
        language="cel"
        minLines={2}
        value={value}
        onChange={onChange}
        completions={pathsOf(example.data, [])}
        problems={error === null ? [] : [{ position: error.position, message: error.message }]}
        error={error?.message ?? problem}
      />
      <div className={styles.row}>
        <IncidentSelect label="Try it on" value={incidentId} onChange={setIncidentId} />
        <span role="status">{result === undefined ? null : <Verdict result={result} />}</span>
      </div>
    </div>
  );
}

function Verdict({ result }: { readonly result: ExpressionWire }) {
  if (!result.ok) return <Badge tone="critical">Not right yet</Badge>;
  if (result.evaluation_error !== null) return <Badge tone="medium">No match: {result.evaluation_error}</Badge>;
  return result.value === true ? <Badge tone="good">It matches</Badge> : <Badge tone="info">It does not match</Badge>;
}

/** An event type to choose. */
export function EventSelect({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <Select
      label={label}
      data={SUBSCRIPTIONS.filter((type) => !type.includes("*"))}
      value={value}
      allowDeselect={false}
      w={210}
      onChange={(type) => onChange(type ?? value)}
    />
  );
}
