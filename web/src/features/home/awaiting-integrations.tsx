import type { OverviewWire } from "../../../../server/src/api/contract.ts";
import { useLiveEvents, useLiveTopic } from "../../lib/live.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { readChanges } from "../../lib/tail-rows.ts";
import { EntityLink } from "../../ui/entity-link.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { SourceName } from "../../ui/source-name.tsx";
import styles from "./home.module.css";

type Awaiting = { readonly integrations: OverviewWire["awaiting_integrations"] };

/** Integrations whose sender has not sent anything yet. */
export function AwaitingIntegrations({ integrations }: Awaiting) {
  if (integrations.length === 0) return null;
  return (
    <Panel title="Waiting for the first webhook">
      <AwaitingList integrations={integrations} />
    </Panel>
  );
}

/** The same without a frame; each leads back to where its set-up was left. */
export function AwaitingList({ integrations }: Awaiting) {
  const isAdmin = useIsAllowed("admin");
  return (
    <ul className={styles.troubles}>
      {integrations.map(({ id, name, platform, created_at }) => (
        <li key={id}>
          <EntityLink entity="integration" id={id}>
            <SourceName source={{ id, name, platform }} />
          </EntityLink>
          <p>
            Made <Moment at={created_at} />, nothing has come yet.{" "}
            {isAdmin ? (
              <InnerLink href={`/integrations/new?platform=${platform}&integration=${id}`}>
                Go on with the set-up<span className="ow-hidden"> of {name}</span>
              </InnerLink>
            ) : null}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Calls back the moment that one of them has received something; shows nothing. */
export function FirstWebhookWatch({ integrations, onHeard }: Awaiting & { readonly onHeard: () => void }): null {
  useLiveTopic("receipts");
  useLiveEvents(["receipts"], ({ data }) => {
    // A flood is told without rows; the next look of the page is near enough then.
    const isOurs = readChanges(data)?.some(({ integration_id: of }) => integrations.some(({ id }) => id === of));
    if (isOurs === true) onHeard();
  });
  return null;
}
