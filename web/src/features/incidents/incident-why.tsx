import { useQuery } from "@tanstack/react-query";
import type { IncidentWhyWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { Copyable, CopyButton } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./incident.module.css";

/** Why an incident exists: the receipt that opened it, its dedup key, the grouping. */
export function IncidentWhy({ incidentId }: { readonly incidentId: string }) {
  const why = useQuery({
    queryKey: ["why", incidentId],
    queryFn: ({ signal }) => get<IncidentWhyWire>(`/incidents/${incidentId}/why`, { signal }),
  });
  if (why.error !== null) return <ErrorPanel error={why.error} onRetry={() => void why.refetch()} />;
  if (why.data === undefined) return <PanelSkeleton label="why it exists" />;
  const { sentence, opened, receipt, signal, grouping, previous_incident: previous } = why.data;
  return (
    <div className={styles.why}>
      <Panel>
        <p className={styles.sentence}>{sentence}</p>
      </Panel>
      <Panel title="What opened it">
        <DefinitionList
          entries={[
            ["When", <Moment key="w" at={opened.at} />],
            ["What", opened.text],
            ...(receipt === null
              ? []
              : ([
                  [
                    "Receipt",
                    <EntityLink key="r" entity="receipt" id={receipt.id}>
                      The webhook of <Moment at={receipt.received_at} />
                    </EntityLink>,
                  ],
                  ["From", <code key="f">{receipt.source_ip}</code>],
                  ["Verified by", receipt.verified_by],
                ] as const)),
          ]}
        />
      </Panel>
      {signal === null ? null : (
        <Panel title="The signal">
          <DefinitionList
            entries={[
              ["Decision", `${signal.decision}: ${signal.why}`],
              ["Dedup key", <Copyable key="d" text={signal.dedup_key} label="Copy the dedup key" />],
              ["Made of", <code key="m">{signal.dedup_key_from.join(", ") || "the mapping"}</code>],
              ["Said", `${signal.status}, ${signal.severity}`],
            ]}
          />
        </Panel>
      )}
      <Panel title="The grouping">
        <DefinitionList
          entries={[
            ["Rule", grouping.sentence],
            ...grouping.fields.map(({ name, value }) => [name, <bdi key={name}>{value || "–"}</bdi>] as const),
            [
              "Group key",
              <span key="g" className={styles.rawKey}>
                <span>
                  The group as one text: <code>group_key</code> in the API and in templates
                </span>
                <CopyButton text={grouping.group_key} label="Copy the group key" />
              </span>,
            ],
            ...(previous === null
              ? []
              : ([
                  [
                    "Before it",
                    <EntityLink key="p" entity="incident" id={previous.id}>
                      #{previous.number}, resolved <Moment at={previous.resolved_at} />
                    </EntityLink>,
                  ],
                ] as const)),
          ]}
        />
      </Panel>
    </div>
  );
}
