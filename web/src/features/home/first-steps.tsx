import { Check } from "lucide-react";
import type { OverviewWire } from "../../../../server/src/api/contract.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { AwaitingList } from "./awaiting-integrations.tsx";
import styles from "./home.module.css";

/** The way to the first incident, as long as something on it is missing. */
export function FirstSteps({ overview }: { readonly overview: OverviewWire }) {
  const { integrations, heard, endpoints } = overview.configured;
  const isAdmin = useIsAllowed("admin");
  const hasIntegration = integrations > 0;
  if (!isAdmin || (heard > 0 && endpoints > 0)) return null;
  return (
    <div className={styles.first}>
      <Panel title="First steps">
        <ol className={styles.steps}>
          <Step isDone={hasIntegration} title="Connect a monitoring platform">
            <p>It gets a webhook URL and a secret of its own; nothing that is not signed gets in.</p>
            <LinkButton to="/integrations/new" size="xs">
              Connect a platform
            </LinkButton>
          </Step>
          <Step isDone={heard > 0} title="See its first webhook">
            {hasIntegration ? (
              <>
                <p>Waiting for it. This step is ticked the moment it comes.</p>
                <AwaitingList integrations={overview.awaiting_integrations} />
              </>
            ) : (
              <p>It shows here the moment it comes, and becomes the first incident.</p>
            )}
          </Step>
          <Step isDone={endpoints > 0} title="Tell somebody">
            <p>An endpoint hears of incidents: Slack, Teams, PagerDuty, your own service.</p>
            <LinkButton to="/endpoints" size="xs" variant={hasIntegration ? "filled" : "default"}>
              Add an endpoint
            </LinkButton>
          </Step>
        </ol>
      </Panel>
    </div>
  );
}

type StepProps = { readonly isDone: boolean; readonly title: string; readonly children: React.ReactNode };

function Step({ isDone, title, children }: StepProps) {
  return (
    <li data-done={isDone}>
      <span className={styles.tick}>{isDone ? <Check size={14} aria-label="Done" /> : null}</span>
      <div>
        <p className={styles.stepTitle}>{title}</p>
        {isDone ? null : children}
      </div>
    </li>
  );
}
