import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, CircleX, Hourglass, type LucideIcon } from "lucide-react";
import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";
import { DELIVERY_STATE_WORDS } from "../../lib/delivery-states.ts";
import { countOf, formatBytes, formatDuration } from "../../lib/numbers.ts";
import { usePreferences } from "../../lib/preferences.ts";
import { receiptReasonWords, verifiedWords } from "../../lib/receipt-words.ts";
import { formatClock, formatExact, parseTime } from "../../lib/time.ts";
import { IncidentLink } from "../../ui/incident-link.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import styles from "./receipts.module.css";

type Step = FullReceiptWire["lifecycle"]["steps"][number];

const NAMES = { received: "Received", verified: "Verified", read: "Read", decided: "Decided", delivered: "Delivered" };
const ICONS: Readonly<Record<Step["state"], LucideIcon>> = {
  done: CircleCheck,
  waiting: Hourglass,
  failed: CircleX,
  skipped: CircleDashed,
};
const STATE_WORDS = { done: "done", waiting: "waiting", failed: "failed", skipped: "nothing to do" } as const;

/** The way of a receipt: received, verified, read, decided, delivered; each with its time and where it led. */
export function LifecycleStrip({ receipt }: { readonly receipt: FullReceiptWire }) {
  return (
    <ol className={styles.strip} aria-label="The way of this receipt">
      {receipt.lifecycle.steps.map((step) => {
        const Icon = ICONS[step.state];
        return (
          <li key={step.step} data-state={step.state}>
            <span className={styles.stepHead}>
              <Icon size={15} aria-hidden="true" />
              <StepName step={step} receipt={receipt} />
              <span className="ow-hidden">: {STATE_WORDS[step.state]}</span>
              {step.duration_ms === null ? null : (
                <span className={styles.stepTime}>{formatDuration(step.duration_ms)}</span>
              )}
            </span>
            <StepText step={step} receipt={receipt} />
            <StepClock at={step.at} />
          </li>
        );
      })}
    </ol>
  );
}

/** The name of a step as a link to what it is about, where there is that yet. */
function StepName({ step, receipt }: { readonly step: Step; readonly receipt: FullReceiptWire }) {
  const name = NAMES[step.step];
  const { incident_ids: incidents, lifecycle, trace } = receipt;
  const [delivery, ...others] = lifecycle.deliveries;
  const tab = (id: "body" | "read") => (
    <Link to="." search={{ tab: id }} replace resetScroll={false}>
      {name}
    </Link>
  );
  switch (step.step) {
    case "received":
      return tab("body");
    case "verified":
      return trace === null ? name : <a href="#reading">{name}</a>;
    case "read":
      return step.state === "waiting" ? name : tab("read");
    case "decided":
      if (incidents.length === 1) return <InnerLink href={`/incidents/${incidents[0]}`}>{name}</InnerLink>;
      return trace === null ? name : <a href={incidents.length === 0 ? "#reading" : "#signals"}>{name}</a>;
    case "delivered":
      if (delivery === undefined) return name;
      if (others.length > 0) return <a href="#deliveries">{name}</a>;
      return <InnerLink href={`/deliveries/${delivery.id}`}>{name}</InnerLink>;
  }
}

/** When a step ended, by the clock and to the millisecond. */
function StepClock({ at }: { readonly at: string | null }) {
  const { clock } = usePreferences();
  const ms = parseTime(at);
  if (at === null || ms === null) return null;
  return (
    <time className={styles.stepText} dateTime={at} title={formatExact(ms, clock)}>
      {formatClock(ms, clock)}
    </time>
  );
}

function StepText({ step, receipt }: { readonly step: Step; readonly receipt: FullReceiptWire }) {
  return <span className={styles.stepText}>{textOf(step, receipt)}</span>;
}

function textOf(step: Step, receipt: FullReceiptWire) {
  const { incident_ids: incidents, lifecycle } = receipt;
  const [first] = incidents;
  switch (step.step) {
    case "received":
      return `${formatBytes(receipt.body_bytes)} from ${receipt.source_ip}`;
    case "verified":
      return verifiedWords(receipt.verified_by);
    case "read":
      if (step.state === "waiting") return "Waits to be read";
      return step.state === "failed" ? receiptReasonWords(step.text) : step.text === null ? "Read" : `As ${step.text}`;
    case "decided":
      if (step.state === "waiting") return "Waits";
      if (first === undefined) return step.text === null ? "No incident" : receiptReasonWords(step.text);
      return (
        <>
          {step.text === null ? null : `${receiptReasonWords(step.text)}: `}
          <IncidentLink id={first} />
          {incidents.length > 1 ? ` and ${incidents.length - 1} more` : ""}
        </>
      );
    case "delivered": {
      const [delivery] = lifecycle.deliveries;
      if (delivery === undefined) return step.state === "waiting" ? "Waits" : "Nobody was to be told";
      if (lifecycle.deliveries.length === 1) {
        return (
          <InnerLink href={`/deliveries/${delivery.id}`}>
            {DELIVERY_STATE_WORDS[delivery.status]}: <bdi>{delivery.endpoint_name}</bdi>
          </InnerLink>
        );
      }
      return <a href="#deliveries">{step.text ?? countOf(lifecycle.deliveries.length, "delivery", "deliveries")}</a>;
    }
  }
}
