import { Button, Group, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { BulkPreviewWire, BulkRunWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { failureHint, failureWords } from "../../lib/failure-words.ts";
import { countOfAtLeast, formatDuration } from "../../lib/numbers.ts";
import { useSubmission } from "../../lib/submission.ts";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import type { DeliverySearch } from "./delivery-search.ts";

type Kind = "retry" | "cancel";

const ALLOWED = {
  retry: ["exhausted", "cancelled", "parked", "pending"],
  cancel: ["pending", "parked", "exhausted"],
} as const satisfies Record<Kind, readonly string[]>;

const WORDS = {
  retry: { title: "Retry deliveries", action: "Retry", other: "Every exhausted delivery is retried." },
  cancel: { title: "Cancel deliveries", action: "Cancel them", other: "Everything that waits is called off." },
} as const;

type BulkDialogProps = {
  readonly isOpen: boolean;
  readonly kind: Kind;
  readonly search: DeliverySearch;
  readonly nameOf: (endpointId: string) => string;
  readonly onClose: () => void;
};

/** Retries or calls off everything that fits the filters, after a look at how much that is. */
export function BulkDialog({ isOpen, ...props }: BulkDialogProps) {
  return (
    <Dialog isOpen={isOpen} onClose={props.onClose} title={WORDS[props.kind].title} size="lg">
      <BulkForm {...props} />
    </Dialog>
  );
}

function selectionOf(kind: Kind, search: DeliverySearch) {
  const allowed: readonly string[] = ALLOWED[kind];
  const statuses = search.status?.filter((status) => allowed.includes(status)) ?? [];
  return {
    endpoint_id: search.endpoint,
    incident_id: search.incident,
    event_type: search.type,
    since: search.since,
    until: search.until,
    // The API takes one reason; with several of them in the list, all are meant.
    ...(search.reason?.length === 1 ? { reason: search.reason[0] } : {}),
    ...(statuses.length > 0 ? { status: statuses } : {}),
  };
}

/** Filters of the list that a bulk run cannot take over, so that nobody thinks that they hold. */
function leftOut(kind: Kind, search: DeliverySearch): readonly string[] {
  const allowed: readonly string[] = ALLOWED[kind];
  const words: string[] = [];
  if (search.q !== undefined) words.push(`the text “${search.q}”`);
  if ((search.reason?.length ?? 0) > 1) words.push("several reasons at once");
  const others = search.status?.filter((status) => !allowed.includes(status)) ?? [];
  if (others.length > 0) words.push(`the ${others.length === 1 ? "state" : "states"} ${others.join(", ")}`);
  return words;
}

function BulkForm({ kind, search, nameOf, onClose }: Omit<BulkDialogProps, "isOpen">) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [perSecond, setPerSecond] = useState(10);
  const body = { ...selectionOf(kind, search), ...(kind === "retry" ? { per_second: perSecond } : {}) };
  const preview = useQuery({
    queryKey: ["bulk-preview", kind, body],
    queryFn: () => change<BulkPreviewWire>("POST", `/deliveries/${kind}`, { ...body, dry_run: true }),
    staleTime: 0,
  });
  const submission = useSubmission(() => change<BulkRunWire>("POST", `/deliveries/${kind}`, body), ["per_second"]);
  const start = async (): Promise<void> => {
    if (!(await submission.submit())) return;
    await client.invalidateQueries({ queryKey: ["bulk-runs"] });
    onClose();
    await navigate({ to: "/bulk-runs" });
  };
  const ignored = leftOut(kind, search);
  const matched = preview.data?.matched ?? 0;
  return (
    <Stack gap="md">
      {ignored.length === 0 ? null : (
        <p role="note">
          {WORDS[kind].title} cannot be narrowed by {ignored.join(" and ")}; the figures below say what is meant.
        </p>
      )}
      {search.status === undefined ? <p>{WORDS[kind].other}</p> : null}
      {preview.error !== null ? (
        <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />
      ) : preview.data === undefined ? (
        <PanelSkeleton label="what would be done" />
      ) : (
        <Preview preview={preview.data} nameOf={nameOf} />
      )}
      {kind === "retry" ? (
        <NumberField
          label="Pace"
          description="How many a second in all. Endpoints keep their own limits beside it."
          min={0.1}
          max={1_000}
          value={perSecond}
          onChange={(value) => setPerSecond(value ?? 10)}
          error={submission.problemOf("per_second")}
        />
      ) : null}
      {submission.error === null ? null : <ErrorPanel error={submission.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Leave it
        </Button>
        <Button
          {...(kind === "cancel" ? { color: "red" } : {})}
          disabled={matched === 0 && preview.data?.is_exact !== false}
          loading={submission.isSending}
          onClick={() => void start()}
        >
          {WORDS[kind].action}:{" "}
          {preview.data === undefined ? "…" : countOfAtLeast(preview.data, "delivery", "deliveries")}
        </Button>
      </Group>
    </Stack>
  );
}

function Preview({ preview, nameOf }: { readonly preview: BulkPreviewWire } & Pick<BulkDialogProps, "nameOf">) {
  if (preview.matched === 0 && preview.is_exact) return <p>Nothing fits, so there is nothing to do.</p>;
  const endpoints = preview.by_endpoint.slice(0, 8);
  return (
    <DefinitionList
      entries={[
        ["In all", countOfAtLeast(preview, "delivery", "deliveries")],
        ...(preview.seconds === null ? [] : [["Takes about", formatDuration(preview.seconds * 1_000)] as const]),
        ...(preview.parked === 0 ? [] : [["Parked there in all", String(preview.parked)] as const]),
        ...(preview.would_collapse === 0 ? [] : [["Fold into later ones", String(preview.would_collapse)] as const]),
        ...endpoints.map(
          ({ endpoint_id, name, matched }) =>
            [`At ${name === "" ? nameOf(endpoint_id) : name}`, String(matched)] as const,
        ),
        ...preview.by_reason.map(
          ({ reason, matched }) =>
            [
              reason === null ? "Never failed" : `Failed: ${failureWords(reason)}`,
              <span key={reason} title={reason ?? undefined}>
                {matched} {hintOf(reason)}
              </span>,
            ] as const,
        ),
      ]}
    />
  );
}

function hintOf(reason: string | null): string {
  const hint = reason === null ? "" : failureHint(reason);
  return hint === "" ? "" : `(${hint})`;
}
