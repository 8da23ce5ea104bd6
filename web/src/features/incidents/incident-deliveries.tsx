import { Link } from "@tanstack/react-router";
import type { DeliveryWire } from "../../../../server/src/api/contract.ts";
import { useEndpointNames } from "../../lib/endpoint-names.ts";
import { useList } from "../../lib/list.ts";
import { countOf } from "../../lib/numbers.ts";
import { DeliveryBadge } from "../../ui/delivery-badge.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./incident.module.css";

/** What was sent about an incident, and whether it arrived. */
export function IncidentDeliveries({ incidentId }: { readonly incidentId: string }) {
  const list = useList<DeliveryWire>({ noun: "deliveries", path: "/deliveries", query: { incident_id: incidentId } });
  const { nameOf } = useEndpointNames();
  if (list.error !== null) return <ErrorPanel error={list.error} onRetry={list.retry} />;
  if (list.rows === null) return <PanelSkeleton label="its deliveries" />;
  if (list.rows.length === 0) {
    return (
      <Panel>
        <p className="ow-dim">
          Nobody was told of it: no endpoint subscribes to its events. <Link to="/endpoints">Endpoints</Link>
        </p>
      </Panel>
    );
  }
  return (
    <Panel isFlush>
      {list.rows.map((delivery) => (
        <div key={delivery.id} className={styles.alert}>
          <DeliveryBadge status={delivery.status} isQuiet />
          <EntityLink entity="delivery" id={delivery.id} className={styles.alertTitle}>
            {delivery.event_type}
            <span className="ow-dim"> to </span>
            <bdi>{nameOf(delivery.endpoint_id)}</bdi>
          </EntityLink>
          <span>{countOf(delivery.attempt_count, "attempt")}</span>
          <span className={styles.alertFacts}>
            <span>
              made <Moment at={delivery.created_at} />
            </span>
          </span>
        </div>
      ))}
      <LoadMore hasMore={list.hasMore} isReading={list.isReadingMore} onMore={list.readMore} />
    </Panel>
  );
}
