import { getRouteApi, Link } from "@tanstack/react-router";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { usePresets } from "./endpoint-queries.ts";
import styles from "./endpoints.module.css";

const route = getRouteApi("/console/endpoints/new");

const ABOUT: Readonly<Record<string, string>> = {
  slack: "A message in a channel",
  microsoft_teams: "A card in a channel or chat",
  discord: "An embed in a channel",
  mattermost: "An attachment in a channel",
  google_chat: "A card in a space",
  pagerduty_events_v2: "Triggers, acknowledges and resolves alerts",
  opsgenie: "Creates, acknowledges and closes alerts",
  servicenow: "Records of the incident table",
  jira: "Issues of a project",
  cloudevents: "Event buses, CloudEvents 1.0",
  generic: "Every field there is, for your own service",
};

/** The starting points for an endpoint. */
export function PresetPicker() {
  const search = route.useSearch();
  const presets = usePresets();
  if (presets.error !== null) return <ErrorPanel error={presets.error} onRetry={() => void presets.refetch()} />;
  if (presets.data === undefined) return <PanelSkeleton label="presets" lines={6} />;
  const cards = [
    ...presets.data.map(({ name, title }) => ({ name, title, about: ABOUT[name] ?? "" })),
    { name: "blank", title: "Blank", about: "Start from nothing; the standard body is sent" },
  ];
  return (
    <nav className={styles.presets} aria-label="Starting points">
      {cards.map(({ name, title, about }) => (
        <Link key={name} to="/endpoints/new" search={{ ...search, preset: name }} className={styles.preset}>
          <strong>{title}</strong>
          <span>{about}</span>
        </Link>
      ))}
    </nav>
  );
}
