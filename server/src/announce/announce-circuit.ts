import type { CircuitState, CircuitTransition } from "../core/circuit.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { EventType } from "../core/event.ts";
import type { Transaction } from "../runtime/database.ts";
import { announce } from "./announce.ts";

const EVENT_OF: Readonly<Record<Exclude<CircuitTransition, null>, EventType>> = {
  opened: "endpoint.circuit_opened",
  closed: "endpoint.circuit_closed",
  disabled: "endpoint.disabled",
};

/** Tells all endpoints but the one itself that its circuit opened, closed or was disabled, in the given transaction. */
export async function announceCircuit(
  tx: Transaction,
  deps: Parameters<typeof announce>[1],
  endpoint: Endpoint,
  circuit: CircuitState,
  transition: Exclude<CircuitTransition, null>,
  at: number,
): Promise<void> {
  const { organizationId, id, name, integrationId } = endpoint;
  const { state, diagnosis, disabledReason } = circuit;
  const payload = { endpoint: { id, name, state, diagnosis, disabled_reason: disabledReason } };
  await announce(tx, deps, organizationId, [
    { type: EVENT_OF[transition], incidentId: null, integrationId, endpointId: id, sequence: 0, payload, at },
  ]);
}
