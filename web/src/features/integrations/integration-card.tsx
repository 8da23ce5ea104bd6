import { Link } from "@tanstack/react-router";
import { BellOff, CirclePause, OctagonX } from "lucide-react";
import type { IntegrationActivityWire, IntegrationWire } from "../../../../server/src/api/contract.ts";
import { countOf, formatCompact, formatDuration, formatPercent } from "../../lib/numbers.ts";
import { Badge } from "../../ui/badge.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Sparkline } from "../../ui/sparkline.tsx";
import { silentFor } from "./health.ts";
import styles from "./integrations.module.css";
import { PlatformMark } from "./platform-mark.tsx";

type IntegrationCardProps = {
  readonly integration: IntegrationWire;
  readonly activity: IntegrationActivityWire | undefined;
  readonly openCount: number;
  readonly now: number;
};

/** An integration in one look: when it last sent, how much, whether it is believed, what it has open. */
export function IntegrationCard({ integration, activity, openCount, now }: IntegrationCardProps) {
  const { id, name, platform, enabled, last_receipt_at: lastAt } = integration;
  const silent = silentFor(integration, now);
  const rate = activity?.accept_rate ?? null;
  return (
    <li className={styles.card}>
      <div className={styles.cardHead}>
        <PlatformMark platform={platform} />
        <div className={styles.cardName}>
          <Link to="/integrations/$integrationId" params={{ integrationId: id }}>
            <bdi>{name}</bdi>
          </Link>
          <span className="ow-dim">{platform}</span>
        </div>
        {openCount > 0 ? (
          <InnerLink href={`/incidents?integration=${id}`}>{countOf(openCount, "open incident")}</InnerLink>
        ) : null}
      </div>
      <div className={styles.cardLine}>
        <Sparkline
          values={activity?.buckets.map(({ accepted }) => accepted) ?? []}
          label="Accepted webhooks by the hour, last 24 hours"
          width={150}
        />
        <dl className={styles.figures}>
          <div>
            <dt>Accepted, 24 h</dt>
            <dd className="ow-number">{activity === undefined ? "–" : formatCompact(activity.accepted)}</dd>
          </div>
          <div>
            <dt>Accept rate</dt>
            <dd className="ow-number">{rate === null ? "–" : formatPercent(rate)}</dd>
          </div>
        </dl>
      </div>
      <div className={styles.cardFoot}>
        <span className="ow-dim">
          {lastAt === null ? (
            "No webhook yet"
          ) : (
            <>
              Last webhook <Moment at={lastAt} />
            </>
          )}
        </span>
        {enabled ? null : (
          <Badge tone="medium" icon={CirclePause}>
            Disabled
          </Badge>
        )}
        {silent === null || !enabled ? null : (
          <Badge tone="high" icon={BellOff}>
            Silent for {formatDuration(silent)}
          </Badge>
        )}
        {activity !== undefined && activity.refused > 0 ? (
          <Badge tone="critical" icon={OctagonX} isQuiet>
            {formatCompact(activity.refused)} refused
          </Badge>
        ) : null}
      </div>
    </li>
  );
}
