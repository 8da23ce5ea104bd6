import type { SystemWire } from "../../../../server/src/api/contract.ts";
import { formatCount, formatDuration } from "../../lib/numbers.ts";
import { Badge } from "../../ui/badge.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Panel } from "../../ui/page-header.tsx";

type QueuesPanelProps = {
  readonly queues: SystemWire["queues"];
  readonly circuits: SystemWire["circuits"];
};

// A healthy queue is seconds old; older than this, something holds it up.
const OLD_SECONDS = 30;

/** What waits, and for how long already. */
export function QueuesPanel({ queues, circuits }: QueuesPanelProps) {
  const broken = Object.entries(circuits).filter(([state, count]) => state !== "closed" && count > 0);
  return (
    <Panel title="Queues">
      <DefinitionList
        entries={[
          ["Webhooks unread", <Queue key="r" count={queues.receipts} seconds={queues.oldest_receipt_seconds} />],
          ["Deliveries due", <Queue key="d" count={queues.deliveries_pending} seconds={queues.oldest_due_seconds} />],
          ["In flight", formatCount(queues.deliveries_in_flight)],
          ["Parked", formatCount(queues.deliveries_parked)],
          [
            "Circuits",
            broken.length === 0 ? "all closed" : broken.map(([state, count]) => `${count} ${words(state)}`).join(", "),
          ],
        ]}
      />
    </Panel>
  );
}

function Queue({ count, seconds }: { readonly count: number; readonly seconds: number }) {
  if (count === 0) return <>none</>;
  return (
    <>
      {formatCount(count)}, oldest {formatDuration(seconds * 1_000)}{" "}
      {seconds > OLD_SECONDS ? <Badge tone="high">Behind</Badge> : null}
    </>
  );
}

function words(state: string): string {
  return state.replaceAll("_", " ");
}
