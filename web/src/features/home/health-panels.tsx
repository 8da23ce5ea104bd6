import { CircleCheck, CircleX } from "lucide-react";
import type { OverviewWire } from "../../../../server/src/api/contract.ts";
import { countOf } from "../../lib/numbers.ts";
import { EntityLink } from "../../ui/entity-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { SourceName } from "../../ui/source-name.tsx";
import styles from "./home.module.css";

const STATE_WORDS = { open: "not called for now", half_open: "being tried again", disabled: "disabled" } as const;

/** Endpoints that cannot be told of anything now. */
export function BrokenEndpoints({ endpoints }: { readonly endpoints: OverviewWire["broken_endpoints"] }) {
  return (
    <Panel title="Broken endpoints">
      {endpoints.length === 0 ? <Fine>Every endpoint takes what it is sent.</Fine> : null}
      <ul className={styles.troubles}>
        {endpoints.map(({ id, name, state, diagnosis, next_probe_at }) => (
          <li key={id}>
            <EntityLink entity="endpoint" id={id}>
              {name}
            </EntityLink>
            <span className={styles.bad}>{STATE_WORDS[state]}</span>
            {diagnosis === null ? null : <p>{diagnosis}</p>}
            {next_probe_at === null ? null : (
              <p>
                Next try <Moment at={next_probe_at} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Integrations that should have sent something by now. */
export function SilentIntegrations({ integrations }: { readonly integrations: OverviewWire["silent_integrations"] }) {
  if (integrations.length === 0) return null;
  return (
    <Panel title="Silent integrations">
      <ul className={styles.troubles}>
        {integrations.map(({ id, name, platform, last_receipt_at }) => (
          <li key={id}>
            <EntityLink entity="integration" id={id}>
              <SourceName source={{ id, name, platform }} />
            </EntityLink>
            <p>
              Last webhook <Moment at={last_receipt_at} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Nodes, database, and what the node checks before it says that it is ready. */
export function SystemHealth({ overview }: { readonly overview: OverviewWire }) {
  const seen = overview.nodes.filter((node) => node.is_seen).length;
  return (
    <Panel title="Health">
      <ul className={styles.checks}>
        <Check isOk={seen === overview.nodes.length}>
          {countOf(seen, "node")} of {overview.nodes.length} seen
        </Check>
        <Check isOk>Database answers in {overview.database.latency_ms.toFixed(1)} ms</Check>
        {overview.ready
          .filter(({ ok }) => !ok)
          .map(({ name, ok, message }) => (
            <Check key={name} isOk={ok}>
              {name}: {message}
            </Check>
          ))}
      </ul>
    </Panel>
  );
}

function Check({ isOk, children }: { readonly isOk: boolean; readonly children: React.ReactNode }) {
  const Icon = isOk ? CircleCheck : CircleX;
  return (
    <li data-ok={isOk}>
      <Icon size={15} aria-label={isOk ? "Fine" : "Not fine"} />
      <span>{children}</span>
    </li>
  );
}

function Fine({ children }: { readonly children: React.ReactNode }) {
  return (
    <p className={styles.fine}>
      <CircleCheck size={15} aria-hidden="true" />
      {children}
    </p>
  );
}
