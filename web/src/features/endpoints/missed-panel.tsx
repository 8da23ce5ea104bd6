import { Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BulkRunWire, EndpointWire, MissedPreviewWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { countOf, formatCount, formatDuration } from "../../lib/numbers.ts";
import { showToast } from "../../lib/toasts.ts";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { Select } from "../../ui/select.tsx";
import styles from "./endpoints.module.css";
import { SPANS, sinceOf } from "./time-span.ts";

type Counted = { readonly preview: MissedPreviewWire; readonly since: string; readonly perSecond: number };

/** Delivers the events that an endpoint has no delivery of: those before it was made, or while it was disabled. */
export function MissedPanel({ endpoint }: { readonly endpoint: EndpointWire }) {
  const client = useQueryClient();
  const [hours, setHours] = useState("24");
  const [perSecond, setPerSecond] = useState(10);
  const path = `/endpoints/${endpoint.id}/replay-missing`;
  const count = useMutation({
    mutationFn: async (): Promise<Counted> => {
      const since = sinceOf(hours, Date.now()) ?? "";
      const body = { since, per_second: perSecond, dry_run: true };
      return { preview: await change<MissedPreviewWire>("POST", path, body), since, perSecond };
    },
  });
  const start = useMutation({
    mutationFn: ({ since, perSecond: pace }: Counted) => change<BulkRunWire>("POST", path, { since, per_second: pace }),
    onSuccess: async () => {
      count.reset();
      showToast("The replay has begun; it goes on when you leave this page.", { tone: "good" });
      await client.invalidateQueries({ queryKey: ["bulk-runs"] });
    },
  });
  const counted = count.data;
  const error = start.error ?? count.error;
  return (
    <Panel title="Deliver what it has missed">
      <div className={styles.tight}>
        <p className={styles.words}>
          Events that the present subscription and filter want but that have no delivery to this endpoint: those from
          before it was made, or from while it was disabled or subscribed to less.
        </p>
        <div className={styles.row}>
          <Select
            label="Events of"
            data={[...SPANS]}
            value={hours}
            allowDeselect={false}
            onChange={(value) => {
              setHours(value ?? hours);
              count.reset();
            }}
          />
          <NumberField
            label="How many a second"
            min={0.1}
            max={1_000}
            value={perSecond}
            onChange={(value) => {
              setPerSecond(value ?? 10);
              count.reset();
            }}
          />
          <Button variant="default" loading={count.isPending} onClick={() => count.mutate()}>
            Count them
          </Button>
        </div>
        {error === null ? null : <ErrorPanel error={error} />}
        {counted === undefined ? null : (
          <div className={styles.tight} role="status">
            <Missed preview={counted.preview} />
            <Group>
              <Button
                disabled={counted.preview.matched === 0}
                loading={start.isPending}
                onClick={() => start.mutate(counted)}
              >
                {counted.preview.matched === 0
                  ? "Nothing was missed"
                  : `Deliver ${countOf(counted.preview.matched, "event")}`}
              </Button>
            </Group>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Missed({ preview }: { readonly preview: MissedPreviewWire }) {
  return (
    <DefinitionList
      entries={[
        ["Without a delivery", `${formatCount(preview.looked_at)}${preview.is_complete ? "" : " and more"}`],
        ["Wanted by the filter", formatCount(preview.matched)],
        ...(preview.failed === 0 ? [] : [["The filter fails for", formatCount(preview.failed)] as const]),
        ...(preview.seconds === null ? [] : [["Takes about", formatDuration(preview.seconds * 1_000)] as const]),
      ]}
    />
  );
}
