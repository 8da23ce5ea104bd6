import { Link } from "@tanstack/react-router";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./integrations.module.css";
import { PlatformMark } from "./platform-mark.tsx";
import { usePlatforms } from "./platforms.ts";

const ABOUT: Readonly<Record<string, string>> = {
  datadog: "Monitors, by its webhooks integration",
  newrelic: "Workflows, by a webhook destination",
  pagerduty: "Incidents, by webhooks v3",
  grafana: "Alerting, by a webhook contact point",
  elasticsearch: "Kibana rules and Watcher",
  signoz: "Alerts, by a webhook channel",
  prometheus: "Alertmanager, by a webhook receiver",
  custom: "Scripts, cron jobs, anything that sends JSON",
};

/** The platforms to choose from; each leads into the set-up walk. */
export function PlatformGrid({ isLinked }: { readonly isLinked: boolean }) {
  const platforms = usePlatforms();
  if (platforms === null) return <PanelSkeleton label="the platforms" />;
  return (
    <ul className={styles.platforms} aria-label="Platforms">
      {platforms.map(({ name, title }) => {
        const words = (
          <>
            <PlatformMark platform={name} />
            <span className={styles.platformWords}>
              <strong>{title}</strong>
              <span className="ow-dim">{ABOUT[name] ?? ""}</span>
            </span>
          </>
        );
        return (
          <li key={name}>
            {isLinked ? (
              <Link to="/integrations/new" search={{ platform: name }} className={styles.platform}>
                {words}
              </Link>
            ) : (
              <span className={styles.platform}>{words}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
