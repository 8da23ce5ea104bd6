import { announceCircuit } from "../announce/announce-circuit.ts";
import {
  type CircuitOutcome,
  type CircuitPolicy,
  type CircuitState,
  type CircuitTransition,
  circuitPolicyOf,
  expireCircuit,
  recordOutcome,
} from "../core/circuit.ts";
import type { Endpoint } from "../core/endpoint.ts";
import { adjustPace, catchUp, type Pace, type PaceSignal } from "../core/pace.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database, Transaction } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { listOverdueCircuits, lockCircuit, saveCircuit } from "../store/circuits.ts";
import { findEndpoint } from "../store/endpoints.ts";
import { readPace, savePace } from "../store/paces.ts";
import type { Outgoing } from "./outgoing.ts";

/** Counts outcomes against the endpoints' shared breakers and paces. */
export type CircuitKeeper = {
  /** Takes what one attempt says of each; several of one endpoint are written together, in their order. */
  note(outgoing: Counted, outcome: CircuitOutcome | null, signal: PaceSignal | null): void;
  /** True when this node has counted failures of the endpoint since its last success. */
  hasFailures(endpointId: string): boolean;
  /** Disables endpoints whose circuits have been open for too long, also where nothing is left to be sent. */
  expire(): Promise<void>;
  /** Resolves when nothing is left to be written. */
  settle(): Promise<void>;
};

/** The part of an endpoint that its breaker and pace need. */
export type Counted = Pick<Outgoing, "endpoint" | "circuit">;

/** What was written of an endpoint's state. */
export type StateChange = { readonly transition: CircuitTransition; readonly pace: Pace };

/** What the keeper needs. */
export type CircuitKeeperDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called after a breaker opened, closed or was disabled, or a pace has changed. */
  readonly onChange: (endpointId: string, change: StateChange) => void;
};

type Waiting = { readonly outgoing: Counted; readonly outcomes: CircuitOutcome[]; readonly signals: PaceSignal[] };

const EXPIRED_TOGETHER = 100;

/** A keeper for one node; the row in the database is the truth that all nodes share. */
export function createCircuitKeeper(deps: CircuitKeeperDeps): CircuitKeeper {
  const waiting = new Map<string, Waiting>();
  const failing = new Set<string>();
  let running: Promise<void> | null = null;

  const tell = (endpointId: string, change: StateChange | null): void => {
    if (change === null) return;
    if (change.transition !== null) {
      deps.log.warn({ endpoint_id: endpointId, transition: change.transition }, "the endpoint's circuit changed");
    }
    deps.onChange(endpointId, change);
  };

  const drain = async (): Promise<void> => {
    for (;;) {
      const [entry] = waiting;
      if (entry === undefined) break;
      const [endpointId, { outgoing, outcomes, signals }] = entry;
      waiting.delete(endpointId);
      try {
        const { endpoint, circuit: policy } = outgoing;
        const step = (circuit: CircuitState, now: number) => recordAll(circuit, outcomes, policy, now);
        tell(endpointId, await deps.database.transaction((tx) => apply(tx, deps, endpoint, step, signals)));
      } catch (error) {
        // The next failures count again; an outcome lost here only delays the breaker.
        deps.log.error({ endpoint_id: endpointId, ...describeError(error) }, "the circuit could not be written");
      }
    }
    running = null;
  };

  return {
    hasFailures: (endpointId) => failing.has(endpointId),
    note(outgoing, outcome, signal) {
      const { id } = outgoing.endpoint;
      if (outcome?.ok === true) failing.delete(id);
      if (outcome?.ok === false) failing.add(id);
      const entry = waiting.get(id) ?? { outgoing, outcomes: [], signals: [] };
      if (outcome !== null) entry.outcomes.push(outcome);
      if (signal !== null) entry.signals.push(signal);
      waiting.set(id, entry);
      running ??= drain();
    },
    async expire() {
      for (const { organizationId, endpointId } of await listOverdueCircuits(
        deps.database,
        deps.clock.now(),
        EXPIRED_TOGETHER,
      )) {
        const change = await deps.database.transaction(async (tx) => {
          const endpoint = await findEndpoint(tx, organizationId, endpointId);
          if (endpoint === null) return null;
          const policy = circuitPolicyOf(endpoint.circuit as Partial<CircuitPolicy>);
          return apply(tx, deps, endpoint, (circuit, now) => expireCircuit(circuit, policy, now), []);
        });
        tell(endpointId, change);
      }
    },
    async settle() {
      while (running !== null) await running;
    },
  };
}

function recordAll(
  circuit: CircuitState,
  outcomes: readonly CircuitOutcome[],
  policy: CircuitPolicy,
  now: number,
): { readonly circuit: CircuitState; readonly transition: CircuitTransition } {
  let transition: CircuitTransition = null;
  let present = circuit;
  for (const outcome of outcomes) {
    const step = recordOutcome(present, outcome, policy, now);
    present = step.circuit;
    transition = step.transition ?? transition;
  }
  return { circuit: present, transition };
}

/** Loads the state of an endpoint, decides, saves what has changed; null when nothing that a node must act on. */
async function apply(
  tx: Transaction,
  deps: CircuitKeeperDeps,
  endpoint: Endpoint,
  step: (circuit: CircuitState, now: number) => { circuit: CircuitState; transition: CircuitTransition },
  signals: readonly PaceSignal[],
): Promise<StateChange | null> {
  const { organizationId, id } = endpoint;
  const row = await lockCircuit(tx, organizationId, id);
  if (row === null) return null;
  const now = deps.clock.now();
  const { circuit, transition } = step(row, now);
  const before = await readPace(tx, organizationId, id);
  let pace = before;
  for (const signal of signals) pace = adjustPace(pace, signal, endpoint.maxInFlight, now);
  if (transition === "closed") pace = catchUp(endpoint.maxInFlight, now);
  if (circuit !== row) await saveCircuit(tx, organizationId, id, circuit, now);
  if (pace !== before) await savePace(tx, organizationId, id, pace, now);
  if (transition !== null) await announceCircuit(tx, deps, endpoint, circuit, transition, now);
  return transition === null && pace === before ? null : { transition, pace };
}
