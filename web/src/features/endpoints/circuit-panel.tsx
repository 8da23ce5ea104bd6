import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change } from "../../lib/api.ts";
import { useFocusAfter } from "../../lib/keep-focus.ts";
import { formatCount } from "../../lib/numbers.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { type EndpointState, PACE_WORDS, STATE_SENTENCES, stateOf } from "./endpoint-words.ts";
import styles from "./endpoints.module.css";

type Act = "close" | "open" | "probe" | "enable" | "disable";

const CLOSED: readonly EndpointState[] = ["sending", "slowed", "catching_up"];

const DONE: Readonly<Record<Act, string>> = {
  close: "The circuit is closed; what waits goes out, a little at a time.",
  open: "Paused; deliveries are parked until the circuit is closed.",
  probe: "One delivery goes out to see whether the receiver is back.",
  enable: "The endpoint is enabled; what was parked goes out.",
  disable: "The endpoint is disabled; its deliveries are parked.",
};

const UNDO: Readonly<Partial<Record<Act, Act>>> = {
  open: "close",
  close: "open",
  enable: "disable",
  disable: "enable",
};

/** The circuit of an endpoint in words: what is wrong, what to change, what happens next, and what a person can do. */
export function CircuitPanel({ endpoint }: { readonly endpoint: EndpointWire }) {
  const isAdmin = useIsAllowed("admin");
  const state = stateOf(endpoint);
  const { circuit, pace } = endpoint;
  const isClosed = CLOSED.includes(state);
  const advice = state === "disabled" ? (circuit.disabled_reason ?? circuit.diagnosis) : circuit.diagnosis;
  return (
    <Panel title="Circuit">
      <div className={styles.tight}>
        <p>{STATE_SENTENCES[state]}</p>
        {advice === null ? null : (
          <div className={styles.callout}>
            <strong>{isClosed ? "The last attempts failed" : "What is wrong"}</strong>
            <bdi>{advice}</bdi>
          </div>
        )}
        {pace.reason === null || !isClosed ? null : <p>{PACE_WORDS[pace.reason]}</p>}
        <DefinitionList entries={factsOf(endpoint)} />
        {isAdmin ? <CircuitActions endpoint={endpoint} /> : null}
      </div>
    </Panel>
  );
}

function factsOf({ circuit, pace, max_in_flight, fallback }: EndpointWire): readonly (readonly [string, ReactNode])[] {
  const entries: (readonly [string, ReactNode])[] = [];
  if (circuit.opened_at !== null) entries.push(["Opened", <Moment key="opened" at={circuit.opened_at} />]);
  if (circuit.next_probe_at !== null) entries.push(["Next try", <Moment key="next" at={circuit.next_probe_at} />]);
  if (circuit.consecutive_failures > 0) entries.push(["Failures in a row", formatCount(circuit.consecutive_failures)]);
  const limit =
    pace.in_flight_limit < max_in_flight
      ? `${pace.in_flight_limit} of ${max_in_flight} requests at a time`
      : `up to ${max_in_flight} requests at a time`;
  entries.push(["Pace", limit]);
  if (pace.slowed_until !== null) entries.push(["Held back until", <Moment key="held" at={pace.slowed_until} />]);
  if (fallback?.in_use === true) entries.push(["Fallback", "hears in its place now"]);
  return entries;
}

function CircuitActions({ endpoint }: { readonly endpoint: EndpointWire }) {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [running, setRunning] = useState<Act | null>(null);
  const state = stateOf(endpoint);
  useFocusAfter(state);
  const send = async (act: Act): Promise<void> => {
    const path = `/endpoints/${endpoint.id}`;
    if (act === "enable" || act === "disable") await change("POST", `${path}/${act}`, {});
    else await change("POST", `${path}/circuit`, { action: act });
    await Promise.all([
      client.invalidateQueries({ queryKey: ["endpoint"] }),
      client.invalidateQueries({ queryKey: ["endpoints"] }),
    ]);
  };
  const run = async (act: Act, isUndo = false): Promise<void> => {
    setRunning(act);
    try {
      await send(act);
      const back = UNDO[act];
      const undo = back === undefined || isUndo ? {} : { undo: () => void run(back, true) };
      showToast(DONE[act], { tone: "good", ...undo });
    } catch (error) {
      showToast(error instanceof ApiFailure ? error.message : "That did not work; try again.", { tone: "bad" });
    } finally {
      setRunning(null);
    }
  };
  const button = (act: Act, label: string, isMain = false) => (
    <Button
      size="xs"
      variant={isMain ? "filled" : "default"}
      loading={running === act}
      onClick={() => (act === "disable" ? setAsking(true) : void run(act))}
    >
      {label}
    </Button>
  );
  return (
    <Group gap="xs">
      {state === "disabled" ? button("enable", "Enable", true) : null}
      {state === "open" || state === "trying" ? button("probe", "Try one delivery now", true) : null}
      {state === "open" || state === "trying" || state === "held"
        ? button("close", "Close the circuit", state === "held")
        : null}
      {CLOSED.includes(state) ? button("open", "Pause") : null}
      {state === "open" || state === "trying" ? button("open", "Hold it open") : null}
      {state === "disabled" ? null : button("disable", "Disable")}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Disable ${endpoint.name}`}
        action="Disable"
        onConfirm={() => run("disable")}
      >
        {endpoint.fallback === null
          ? "What waits is parked and kept. Events from now on are not matched, so this endpoint misses them; they can be replayed later."
          : "What waits is parked and kept, and the fallback hears in its place at once."}
      </ConfirmDialog>
    </Group>
  );
}
