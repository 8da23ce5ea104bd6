import { Select } from "../../ui/select.tsx";
import { useRecentIncidents } from "./endpoint-queries.ts";

type IncidentSelectProps = {
  readonly label: string;
  /** Null is the sample. */
  readonly value: string | null;
  readonly onChange: (incidentId: string | null) => void;
};

/** One of the newest incidents, or the sample that is there without any. */
export function IncidentSelect({ label, value, onChange }: IncidentSelectProps) {
  const { data } = useRecentIncidents();
  const incidents = data?.map(({ id, number, title }) => ({ value: id, label: `#${number} ${title}` })) ?? [];
  return (
    <Select
      label={label}
      searchable
      allowDeselect={false}
      data={[{ value: "sample", label: "the sample incident" }, ...incidents]}
      value={value ?? "sample"}
      onChange={(chosen) => onChange(chosen === "sample" ? null : chosen)}
      w="min(260px, 100%)"
    />
  );
}
