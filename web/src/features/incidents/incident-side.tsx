import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { IncidentWire, SimilarIncidentsWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { formatCount, formatDuration } from "../../lib/numbers.ts";
import { StatusBadge } from "../../ui/badge.tsx";
import { Copyable } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ExternalLink } from "../../ui/external-link.tsx";
import { Age, Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { SourceName } from "../../ui/source-name.tsx";
import styles from "./incident.module.css";

/** The facts beside the history: what it is, its labels and links, earlier ones like it. */
export function IncidentSide({ incident }: { readonly incident: IncidentWire }) {
  return (
    <>
      <Facts incident={incident} />
      {incident.description === "" ? null : (
        <Panel title="Description">
          <p style={{ whiteSpace: "pre-wrap" }}>{incident.description}</p>
        </Panel>
      )}
      <Labels labels={incident.labels} />
      {incident.links.length === 0 ? null : (
        <Panel title="Links">
          <ul className={styles.links}>
            {incident.links.map(({ href, text }) => (
              <li key={`${text} ${href}`}>
                <ExternalLink href={href} text={text} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Similar incidentId={incident.id} />
    </>
  );
}

function Facts({ incident }: { readonly incident: IncidentWire }) {
  const sources = useIntegrationNames();
  const { integration_id: integrationId, previous_incident_id: previousId, merged_into_id: mergedIntoId } = incident;
  return (
    <Panel title="Facts">
      <DefinitionList
        entries={[
          ["Opened", <Moment key="o" at={incident.created_at} />],
          ...when(incident.status !== "resolved", ["Age", <Age key="a" since={incident.created_at} />]),
          ["Last event", <Moment key="l" at={incident.updated_at} />],
          ...when(incident.acknowledged_at !== null, [
            "Acknowledged",
            <span key="k">
              <Moment at={incident.acknowledged_at} /> by {actorWords(incident.acknowledged_by, sources)}
            </span>,
          ]),
          ...when(incident.resolved_at !== null, [
            "Resolved",
            <span key="r">
              <Moment at={incident.resolved_at} /> by {actorWords(incident.resolved_by, sources)}
            </span>,
          ]),
          ...when(incident.snoozed_until !== null, [
            "Snoozed until",
            // People plan by when it ends.
            <Moment key="s" at={incident.snoozed_until} isExact />,
          ]),
          ["Source", <SourceName key="i" source={integrationId === null ? null : sources.get(integrationId)} />],
          ["Assignee", incident.assignee ?? <span className="ow-dim">Nobody</span>],
          ["Alerts", `${formatCount(incident.firing_count)} firing of ${formatCount(incident.alert_count)}`],
          ["Signals", formatCount(incident.signal_count)],
          ...when(incident.flapping, ["Flapping", "Yes: it changes state all the time"]),
          ...when(previousId !== null, [
            "Before it",
            <EntityLink key="p" entity="incident" id={previousId ?? ""}>
              The last of its group
            </EntityLink>,
          ]),
          ...when(mergedIntoId !== null, [
            "Merged into",
            <EntityLink key="m" entity="incident" id={mergedIntoId ?? ""}>
              Another incident
            </EntityLink>,
          ]),
          ["Id", <Copyable key="c" text={incident.id} label="Copy the id" short={`${incident.id.slice(0, 13)}…`} />],
        ]}
      />
    </Panel>
  );
}

type Entry = readonly [string, React.ReactNode];

function when(isShown: boolean, entry: Entry): readonly Entry[] {
  return isShown ? [entry] : [];
}

/** Who acted, in words: a person's name, an integration's, or Overwatch itself. */
export function actorWords(actor: string | null, sources: ReturnType<typeof useIntegrationNames>): string {
  if (actor === null) return "somebody";
  if (actor === "overwatch") return "Overwatch";
  if (!actor.startsWith("integration:")) return actor;
  return sources.get(actor.slice("integration:".length))?.name ?? "its source";
}

function Labels({ labels }: { readonly labels: IncidentWire["labels"] }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <Panel title="Labels">
      <ul className={styles.labels} aria-label="Labels; each finds incidents with the same">
        {entries.map(([name, value]) => (
          <li key={name}>
            <Link to="/incidents" search={{ label: [`${name}:${value}`] }} title={`Incidents with ${name}: ${value}`}>
              <span className="ow-dim">{name}:</span> {value}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const MATCH_WORDS = { group: "Same group", title: "Similar title", labels: "Similar labels" } as const;

function Similar({ incidentId }: { readonly incidentId: string }) {
  const { data } = useQuery({
    queryKey: ["similar", incidentId],
    queryFn: ({ signal }) => get<SimilarIncidentsWire>(`/incidents/${incidentId}/similar`, { signal }),
    staleTime: 5 * 60_000,
  });
  if (data === undefined || data.data.length === 0) return null;
  return (
    <Panel title="Similar before">
      <ul className={styles.similar}>
        {data.data.map(({ incident, match, duration_seconds: seconds, notes }) => (
          <li key={incident.id}>
            <EntityLink entity="incident" id={incident.id}>{`#${incident.number} ${incident.title}`}</EntityLink>
            <span className="ow-dim">
              {MATCH_WORDS[match]} · <Moment at={incident.created_at} />
              {seconds === null ? "" : ` · took ${formatDuration(seconds * 1_000)}`}
            </span>
            {incident.status === "resolved" ? null : <StatusBadge status={incident.status} isQuiet />}
            {notes[0] === undefined ? null : (
              <span className={styles.similarNote}>
                {notes[0].actor}: {notes[0].text.slice(0, 200)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
