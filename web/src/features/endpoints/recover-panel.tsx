import { Button, Checkbox, Group, SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BulkPreviewWire, BulkRunWire, EndpointWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { failureWords } from "../../lib/failure-words.ts";
import { countOfAtLeast, formatCount, formatDuration } from "../../lib/numbers.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { Select } from "../../ui/select.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./endpoints.module.css";
import { SPANS, sinceOf } from "./time-span.ts";

type Choice = {
  readonly ids: "same" | "fresh";
  readonly hours: string;
  /** When the span was chosen, so that what was counted is what is done. */
  readonly chosenAt: number;
  readonly perSecond: number;
  readonly limit: number | null;
  readonly withSucceeded: boolean;
  readonly reason: string | null;
};

const IDS_WORDS = {
  same: "The receiver may know these webhook-ids and ignores what it has already: right when only answers were lost.",
  fresh: "Each is sent under a new webhook-id, so that the receiver takes it for new: right when its data was lost.",
} as const;

function bodyOf({ ids, hours, chosenAt, perSecond, limit, withSucceeded, reason }: Choice) {
  return {
    ids,
    per_second: perSecond,
    since: sinceOf(hours, chosenAt),
    ...(limit === null ? {} : { limit }),
    ...(reason === null ? {} : { reason }),
    ...(ids === "fresh" && withSucceeded ? { status: ["exhausted", "parked", "succeeded"] } : {}),
  };
}

/** Brings back exhausted deliveries, after a look at how much that is. */
export function RecoverPanel({ endpoint }: { readonly endpoint: EndpointWire }) {
  const client = useQueryClient();
  const [choice, setChoice] = useState<Choice>(() => ({
    ids: "same",
    hours: "all",
    chosenAt: Date.now(),
    perSecond: 10,
    limit: null,
    withSucceeded: false,
    reason: null,
  }));
  const set = (part: Partial<Choice>): void => setChoice((before) => ({ ...before, ...part, chosenAt: Date.now() }));
  const path = `/endpoints/${endpoint.id}/recover`;
  const preview = useQuery({
    queryKey: ["endpoint", endpoint.id, "recover", choice],
    queryFn: ({ signal }) => change<BulkPreviewWire>("POST", path, { ...bodyOf(choice), dry_run: true }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const submission = useSubmission(
    () => change<BulkRunWire>("POST", path, bodyOf(choice)),
    ["per_second", "limit", "since"],
  );
  const start = async (): Promise<void> => {
    if (!(await submission.submit())) return;
    showToast("The recovery has begun; it goes on when you leave this page.", { tone: "good" });
    await Promise.all([
      client.invalidateQueries({ queryKey: ["bulk-runs"] }),
      client.invalidateQueries({ queryKey: ["endpoint", endpoint.id] }),
    ]);
  };
  const isNothing = preview.data === undefined || (preview.data.matched === 0 && preview.data.is_exact);
  return (
    <Panel title="Bring back exhausted deliveries">
      <div className={styles.two}>
        <RecoverFields choice={choice} set={set} preview={preview.data} problemOf={submission.problemOf} />
        <div className={styles.tight} aria-live="polite">
          {preview.error !== null ? (
            <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />
          ) : preview.data === undefined ? (
            <PanelSkeleton label="what would be sent" lines={4} />
          ) : (
            <RecoverPreview preview={preview.data} />
          )}
          {submission.error === null ? null : <ErrorPanel error={submission.error} />}
          <Group gap="sm">
            {/* Not `disabled`, which would take the focus from it once all is recovered. */}
            <Button
              aria-disabled={isNothing}
              data-disabled={isNothing}
              loading={submission.isSending}
              onClick={() => void (isNothing || start())}
            >
              {isNothing || preview.data === undefined
                ? "Nothing to recover"
                : `Recover ${countOfAtLeast(preview.data, "delivery", "deliveries")}`}
            </Button>
          </Group>
        </div>
      </div>
    </Panel>
  );
}

type FieldsProps = {
  readonly choice: Choice;
  readonly set: (part: Partial<Choice>) => void;
  readonly preview: BulkPreviewWire | undefined;
  readonly problemOf: (path: string) => string | undefined;
};

function RecoverFields({ choice, set, preview, problemOf }: FieldsProps) {
  const reasons = new Set(preview?.by_reason.flatMap(({ reason }) => (reason === null ? [] : [reason])) ?? []);
  if (choice.reason !== null) reasons.add(choice.reason);
  return (
    <div className={styles.tight}>
      <div>
        <SegmentedControl
          aria-label="Webhook-ids"
          data={[
            { value: "same", label: "Same ids" },
            { value: "fresh", label: "Fresh ids" },
          ]}
          value={choice.ids}
          onChange={(ids) => set({ ids: ids === "fresh" ? "fresh" : "same" })}
        />
        <p className="ow-dim">{IDS_WORDS[choice.ids]}</p>
      </div>
      {choice.ids === "fresh" ? (
        <Checkbox
          label="Succeeded ones as well"
          description="The receiver has it already; only when it lost its data."
          checked={choice.withSucceeded}
          onChange={(event) => set({ withSucceeded: event.currentTarget.checked })}
        />
      ) : null}
      <div className={styles.three}>
        <Select
          label="Made in"
          data={[{ value: "all", label: "all of the time" }, ...SPANS]}
          value={choice.hours}
          allowDeselect={false}
          onChange={(hours) => set({ hours: hours ?? "all" })}
          error={problemOf("since")}
        />
        <Select
          label="Failed by"
          placeholder="any reason"
          clearable
          data={[...reasons].map((reason) => ({ value: reason, label: failureWords(reason) }))}
          value={choice.reason}
          onChange={(reason) => set({ reason })}
        />
        <NumberField
          label="How many a second"
          min={0.1}
          max={1_000}
          value={choice.perSecond}
          onChange={(value) => set({ perSecond: value ?? 10 })}
          error={problemOf("per_second")}
        />
        <NumberField
          label="At most"
          placeholder="all of them"
          min={1}
          isWhole
          value={choice.limit}
          onChange={(limit) => set({ limit })}
          error={problemOf("limit")}
        />
      </div>
    </div>
  );
}

function RecoverPreview({ preview }: { readonly preview: BulkPreviewWire }) {
  if (preview.matched === 0 && preview.is_exact)
    return <p className="ow-dim">Nothing fits: no delivery was exhausted in this span.</p>;
  return (
    <DefinitionList
      entries={[
        ["Would be sent", countOfAtLeast(preview, "delivery", "deliveries")],
        ...(preview.parked === 0 ? [] : [["Parked there in all", formatCount(preview.parked)] as const]),
        ...(preview.would_collapse === 0
          ? []
          : [["Folded into later ones", formatCount(preview.would_collapse)] as const]),
        ...(preview.seconds === null ? [] : [["Takes about", formatDuration(preview.seconds * 1_000)] as const]),
        ...preview.by_reason.map(
          ({ reason, matched }) =>
            [reason === null ? "Never failed" : `Failed: ${failureWords(reason)}`, formatCount(matched)] as const,
        ),
      ]}
    />
  );
}
