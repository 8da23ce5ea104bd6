import type { SystemWire } from "../../../../server/src/api/contract.ts";
import { Badge } from "../../ui/badge.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Panel } from "../../ui/page-header.tsx";

type ChecksPanelProps = {
  readonly checks: SystemWire["checks"];
  readonly version: string;
  readonly node: string;
};

/** What has to be so before requests are sent to this node, and what it runs. */
export function ChecksPanel({ checks, version, node }: ChecksPanelProps) {
  return (
    <Panel title="This node">
      <DefinitionList
        entries={[
          ["Overwatch", version],
          ["Node.js", node],
          ...checks.map(
            ({ name, ok, message }) =>
              [
                name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " "),
                ok ? (
                  <Badge key={name} tone="good">
                    Fine
                  </Badge>
                ) : (
                  <span key={name}>
                    <Badge tone="critical">Failing</Badge> {message}
                  </span>
                ),
              ] as const,
          ),
        ]}
      />
    </Panel>
  );
}
