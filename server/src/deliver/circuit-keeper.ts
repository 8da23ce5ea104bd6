import { announce } from "../announce/announce.ts";
import { type CircuitOutcome, type CircuitState, type CircuitTransition, recordOutcome } from "../core/circuit.ts";
import type { EventType } from "../core/event.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database, Queryable } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { lockCircuit, saveCircuit } from "../store/circuits.ts";
import type { Outgoing } from "./outgoing.ts";

/** Counts outcomes against the endpoints' shared breakers. */
export type CircuitKeeper = {
  /** Takes an outcome; several of one endpoint are written together, in their order. */
  note(outgoing: Outgoing, outcome: CircuitOutcome): void;
  /** True when this node has counted failures of the endpoint since its last success. */
  hasFailures(endpointId: string): boolean;
  /** Resolves when nothing is left to be written. */
  settle(): Promise<void>;
};

/** What the keeper needs. */
export type CircuitKeeperDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called after an endpoint stopped or began to accept deliveries again. */
  readonly onTransition: (endpointId: string, transition: Exclude<CircuitTransition, null>) => void;
};

const EVENT_OF: Readonly<Record<Exclude<CircuitTransition, null>, EventType>> = {
  opened: "endpoint.circuit_opened",
  closed: "endpoint.circuit_closed",
  disabled: "endpoint.disabled",
};

/** A keeper for one node; the row in the database is the truth that all nodes share. */
export function createCircuitKeeper(deps: CircuitKeeperDeps): CircuitKeeper {
  const waiting = new Map<string, { outgoing: Outgoing; outcomes: CircuitOutcome[] }>();
  const failing = new Set<string>();
  let running: Promise<void> | null = null;

  const drain = async (): Promise<void> => {
    for (;;) {
      const [entry] = waiting;
      if (entry === undefined) break;
      const [endpointId, { outgoing, outcomes }] = entry;
      waiting.delete(endpointId);
      try {
        const transition = await deps.database.transaction((tx) => apply(tx, deps, outgoing, outcomes));
        if (transition !== null) {
          deps.log.warn({ endpoint_id: endpointId, transition }, "the endpoint's circuit changed");
          deps.onTransition(endpointId, transition);
        }
      } catch (error) {
        // The next failures count again; an outcome lost here only delays the breaker.
        deps.log.error({ endpoint_id: endpointId, ...describeError(error) }, "the circuit could not be written");
      }
    }
    running = null;
  };

  return {
    hasFailures: (endpointId) => failing.has(endpointId),
    note(outgoing, outcome) {
      if (outcome.ok) failing.delete(outgoing.endpoint.id);
      else failing.add(outgoing.endpoint.id);
      const entry = waiting.get(outgoing.endpoint.id);
      if (entry === undefined) waiting.set(outgoing.endpoint.id, { outgoing, outcomes: [outcome] });
      else entry.outcomes.push(outcome);
      running ??= drain();
    },
    async settle() {
      while (running !== null) await running;
    },
  };
}

async function apply(
  tx: Queryable,
  deps: CircuitKeeperDeps,
  outgoing: Outgoing,
  outcomes: readonly CircuitOutcome[],
): Promise<CircuitTransition> {
  const { endpoint } = outgoing;
  const row = await lockCircuit(tx, endpoint.organizationId, endpoint.id);
  if (row === null) return null;
  const now = deps.clock.now();
  let circuit: CircuitState = row;
  let transition: CircuitTransition = null;
  for (const outcome of outcomes) {
    const step = recordOutcome(circuit, outcome, outgoing.circuit, now);
    circuit = step.circuit;
    transition = step.transition ?? transition;
  }
  if (circuit === row) return null;
  await saveCircuit(tx, endpoint.organizationId, endpoint.id, circuit, now);
  if (transition === null) return null;
  await announce(tx, deps, endpoint.organizationId, [
    {
      type: EVENT_OF[transition],
      incidentId: null,
      integrationId: endpoint.integrationId,
      endpointId: endpoint.id,
      sequence: 0,
      at: now,
      payload: {
        endpoint: {
          id: endpoint.id,
          name: endpoint.name,
          state: circuit.state,
          diagnosis: circuit.diagnosis,
          disabled_reason: circuit.disabledReason,
        },
      },
    },
  ]);
  return transition;
}
