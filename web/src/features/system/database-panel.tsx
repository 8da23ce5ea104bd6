import type { SystemWire } from "../../../../server/src/api/contract.ts";
import { formatBytes, formatDuration } from "../../lib/numbers.ts";
import { Badge } from "../../ui/badge.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Age } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";

/** The database below everything. */
export function DatabasePanel({ database }: { readonly database: SystemWire["database"] }) {
  const isSafe = database.fsync === "on" && database.synchronous_commit !== "off";
  return (
    <Panel title="Database">
      <DefinitionList
        entries={[
          ["PostgreSQL", database.version],
          ["Where", database.is_embedded ? `embedded, for trial: ${database.place}` : database.place],
          [
            "Durable",
            isSafe ? (
              <Badge key="safe" tone="good">
                Yes
              </Badge>
            ) : (
              <span key="unsafe">
                <Badge tone="critical">No</Badge> fsync {database.fsync}, synchronous_commit{" "}
                {database.synchronous_commit}
              </span>
            ),
          ],
          ["Size", formatBytes(database.size_bytes)],
          ["Answers in", formatDuration(database.latency_ms)],
          ["Connections", `${database.connections} of ${database.max_connections}`],
          ["Pool", `${database.pool.total} open, ${database.pool.idle} idle, ${database.pool.waiting} waiting`],
          ["Up for", <Age key="up" since={database.started_at} />],
          ["Schema", database.migrations.at(-1) ?? "–"],
        ]}
      />
    </Panel>
  );
}
