import { Checkbox } from "@mantine/core";
import { NumberField } from "../../ui/number-field.tsx";
import { Select } from "../../ui/select.tsx";
import type { EndpointDraft } from "./endpoint-draft.ts";
import styles from "./endpoints.module.css";
import type { FormParts } from "./form-parts.ts";

type Row<Group extends "retry" | "circuit"> = {
  readonly name: keyof EndpointDraft[Group];
  readonly label: string;
  readonly standard: string;
  readonly min: number;
  readonly max: number;
};

const RETRY: readonly Row<"retry">[] = [
  { name: "max_attempts", label: "Attempts at most", standard: "no limit", min: 1, max: 1_000 },
  { name: "base_seconds", label: "First wait (s)", standard: "1", min: 0.1, max: 3_600 },
  { name: "factor", label: "Each wait is longer by", standard: "2", min: 1, max: 10 },
  { name: "max_delay_seconds", label: "Longest wait (s)", standard: "3600", min: 1, max: 86_400 },
  { name: "give_up_after_seconds", label: "Give up after (s)", standard: "259200", min: 1, max: 2_592_000 },
  { name: "jitter", label: "Jitter (share)", standard: "0.2", min: 0, max: 1 },
];

const CIRCUIT: readonly Row<"circuit">[] = [
  { name: "failure_threshold", label: "Opens after failures", standard: "10", min: 1, max: 1_000 },
  { name: "first_probe_seconds", label: "First probe after (s)", standard: "30", min: 1, max: 3_600 },
  { name: "max_probe_seconds", label: "Probes at least every (s)", standard: "900", min: 1, max: 86_400 },
  { name: "disable_after_seconds", label: "Disables after (s)", standard: "259200", min: 60, max: 31_536_000 },
];

/** When a failed delivery is tried again and when the endpoint is left alone; empty is the default. */
export function PolicyFields({ draft, set, problemOf }: FormParts) {
  return (
    <div className={styles.stack}>
      <p className={styles.words}>Empty fields keep the default, which is shown in grey.</p>
      <p className={styles.caption}>Retries: when a failed delivery is tried again</p>
      <div className={styles.three}>
        <PolicyNumber
          label="Answer within (s)"
          standard="30"
          min={1}
          max={60}
          value={draft.timeoutSeconds}
          onChange={(timeoutSeconds) => set({ timeoutSeconds })}
          problem={problemOf("timeout_seconds")}
        />
        {RETRY.map(({ name, ...row }) => (
          <PolicyNumber
            key={name}
            {...row}
            value={draft.retry[name]}
            onChange={(value) => set({ retry: { ...draft.retry, [name]: value } })}
            problem={problemOf(`retry.${name}`)}
          />
        ))}
      </div>
      <p className={styles.caption}>Circuit: when the endpoint is left alone</p>
      <div className={styles.three}>
        {CIRCUIT.map(({ name, ...row }) => (
          <PolicyNumber
            key={name}
            {...row}
            value={draft.circuit[name]}
            onChange={(value) => set({ circuit: { ...draft.circuit, [name]: value } })}
            problem={problemOf(`circuit.${name}`)}
          />
        ))}
      </div>
    </div>
  );
}

/** How fast an endpoint is sent to, in which order, and what is folded. */
export function PaceFields({ draft, set, problemOf }: FormParts) {
  return (
    <div className={styles.stack}>
      <div className={styles.three}>
        <PolicyNumber
          label="Requests at a time"
          standard="10"
          min={1}
          max={1_000}
          value={draft.maxInFlight}
          onChange={(maxInFlight) => set({ maxInFlight })}
          problem={problemOf("max_in_flight")}
        />
        <PolicyNumber
          label="Rate limit: requests"
          standard="no limit"
          min={1}
          max={1_000_000}
          value={draft.rateRequests}
          onChange={(rateRequests) => set({ rateRequests })}
          problem={problemOf("rate_limit")}
        />
        <PolicyNumber
          label="in so many seconds"
          standard="1"
          min={1}
          max={86_400}
          value={draft.ratePerSeconds}
          onChange={(ratePerSeconds) => set({ ratePerSeconds })}
          problem={undefined}
        />
        <Select
          label="Order"
          data={[
            { value: "incident", label: "one after another within an incident" },
            { value: "none", label: "events may overtake each other" },
          ]}
          value={draft.order}
          allowDeselect={false}
          onChange={(order) => set({ order: order === "none" ? "none" : "incident" })}
          error={problemOf("order")}
        />
      </div>
      <Checkbox
        label="Fold what waits into the latest state of its incident"
        description="After an outage an incident costs at most three requests instead of all that happened."
        checked={draft.collapse}
        onChange={(event) => set({ collapse: event.currentTarget.checked })}
        error={problemOf("collapse")}
      />
    </div>
  );
}

type PolicyNumberProps = {
  readonly label: string;
  readonly standard: string;
  readonly min: number;
  readonly max: number;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly problem: string | undefined;
};

function PolicyNumber({ label, standard, min, max, value, onChange, problem }: PolicyNumberProps) {
  return (
    <NumberField
      label={label}
      placeholder={standard}
      min={min}
      max={max}
      value={value}
      onChange={onChange}
      error={problem}
    />
  );
}
