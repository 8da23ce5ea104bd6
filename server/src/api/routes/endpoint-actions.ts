import { announceCircuit } from "../../announce/announce-circuit.ts";
import { type CircuitAction, overrideCircuit } from "../../core/circuit.ts";
import type { Endpoint } from "../../core/endpoint.ts";
import { OverwatchError } from "../../core/errors.ts";
import { catchUp, FULL_PACE } from "../../core/pace.ts";
import type { Database, Transaction } from "../../runtime/database.ts";
import { generateSecret } from "../../runtime/webhook-signature.ts";
import { lockCircuit, saveCircuit } from "../../store/circuits.ts";
import { findEndpoint, lockEndpoint, updateEndpoint } from "../../store/endpoints.ts";
import { insertEvents } from "../../store/events.ts";
import { savePace } from "../../store/paces.ts";
import { expireSecret } from "../../store/secrets.ts";
import type { ApiDeps } from "../deps.ts";
import { defineRoute, describeCaller, type Route } from "../route.ts";
import { samplePayload } from "../sample-payload.ts";
import { EndpointRotate, EndpointView } from "../schemas/endpoints.ts";
import { Nothing, oneOf, strict, Uuid } from "../schemas/shared.ts";
import { addSecret } from "../sealing.ts";
import { requireSigningSecret } from "../verification-config.ts";
import { answerEndpoint } from "./endpoints.ts";

const tag = "endpoints";
const DEFAULT_OVERLAP_SECONDS = 86_400;

/** What people do to an endpoint: test, enable, disable, rotate its secret, act on its circuit. */
export function endpointActionRoutes(deps: ApiDeps): readonly Route[] {
  return [
    test(deps),
    override(deps, "enable", "Enable an endpoint", "What was parked goes out, a little at a time."),
    override(deps, "disable", "Disable an endpoint", "Its deliveries are parked until it is enabled."),
    circuit(deps),
    rotate(deps),
  ];
}

function test(deps: ApiDeps): Route {
  return defineRoute("POST", "/endpoints/{id}/test", {
    role: "responder",
    tag,
    summary: "Send a test",
    description: "Queues a `test.ping` with a sample incident, sent like any other delivery; read how it went there.",
    body: Nothing,
    answers: { 202: strict({ event_id: Uuid, delivery_id: Uuid }) },
    handle: async ({ caller, params, database, afterCommit }) => {
      const endpoint = await findEndpoint(database, caller.organizationId, params.id);
      if (endpoint === null) throw new OverwatchError("NOT_FOUND");
      const eventId = deps.ids.next();
      const deliveryId = deps.ids.next();
      await database.transaction((tx) => insertTest(deps, tx, endpoint, eventId, deliveryId));
      afterCommit(deps.wakeDeliver);
      return { status: 202, body: { event_id: eventId, delivery_id: deliveryId } };
    },
  });
}

async function insertTest(
  deps: ApiDeps,
  tx: Transaction,
  endpoint: Endpoint,
  eventId: string,
  deliveryId: string,
): Promise<void> {
  const now = deps.clock.now();
  const { organizationId } = endpoint;
  const payload = samplePayload({
    organizationId,
    incidentId: deps.ids.next(),
    alertId: deps.ids.next(),
    integration: { id: endpoint.integrationId ?? deps.ids.next(), name: "Sample", platform: "custom" },
    now,
    publicUrl: deps.publicUrl(),
  });
  const shared = { organizationId, incidentId: null, endpointId: endpoint.id, sequence: 0 };
  insertEvents(
    tx,
    [
      {
        ...shared,
        id: eventId,
        type: "test.ping",
        integrationId: endpoint.integrationId,
        payload,
        createdAt: now,
        matchedEndpointIds: [endpoint.id],
      },
    ],
    [
      {
        ...shared,
        id: deliveryId,
        eventId,
        eventType: "test.ping",
        eventAt: now,
        createdAt: now,
        isWaiting: false,
        canFailOver: false,
      },
    ],
  );
}

function override(deps: ApiDeps, action: "enable" | "disable", summary: string, description: string): Route {
  return defineRoute("POST", `/endpoints/{id}/${action}`, {
    role: "admin",
    tag,
    summary,
    description,
    body: Nothing,
    answers: { 200: EndpointView },
    handle: async ({ caller, params, database, afterCommit }) => {
      const by = describeCaller(caller);
      const endpoint = await act(deps, database, caller.organizationId, params.id, action, by);
      afterCommit(() => changed(deps, endpoint));
      return answerEndpoint(deps, database, endpoint, caller.role);
    },
  });
}

function circuit(deps: ApiDeps): Route {
  return defineRoute("POST", "/endpoints/{id}/circuit", {
    role: "admin",
    tag,
    summary: "Act on the circuit",
    description:
      "`close` sends again, `open` holds everything back until it is closed, `probe` lets one delivery through; what is " +
      "held open stays held whatever becomes of that one.",
    body: strict({ action: oneOf(["close", "open", "probe"]) }),
    answers: { 200: EndpointView },
    handle: async ({ caller, params, body, database, afterCommit }) => {
      const by = describeCaller(caller);
      const endpoint = await act(deps, database, caller.organizationId, params.id, body.action, by);
      afterCommit(() => changed(deps, endpoint));
      return answerEndpoint(deps, database, endpoint, caller.role);
    },
  });
}

function changed(deps: ApiDeps, endpoint: Endpoint): void {
  deps.onConfigChanged("endpoint", endpoint.id);
  deps.wakeDeliver();
}

/** Applies a person's decision to the circuit and the switch of an endpoint, and tells other endpoints of it. */
async function act(
  deps: ApiDeps,
  database: Database,
  organizationId: string,
  id: string,
  action: CircuitAction,
  by: string,
): Promise<Endpoint> {
  return database.transaction(async (tx) => {
    const locked = await lockEndpoint(tx, organizationId, id);
    const row = locked === null ? null : await lockCircuit(tx, organizationId, id);
    if (locked === null || row === null) throw new OverwatchError("NOT_FOUND");
    const now = deps.clock.now();
    const { circuit: next, transition } = overrideCircuit(row, action, by, now);
    if (next !== row) await saveCircuit(tx, organizationId, id, next, now);
    if (transition === "closed") await savePace(tx, organizationId, id, catchUp(locked.maxInFlight, now), now);
    else if (action === "close" || action === "enable") await savePace(tx, organizationId, id, FULL_PACE, now);
    if (transition !== null) await announceCircuit(tx, deps, locked, next, transition, now);
    const isEnabled = action === "enable" ? true : action === "disable" ? false : locked.enabled;
    if (isEnabled === locked.enabled) return locked;
    return (await updateEndpoint(tx, { ...locked, enabled: isEnabled }, now)) ?? locked;
  });
}

function rotate(deps: ApiDeps): Route {
  return defineRoute("POST", "/endpoints/{id}/rotate-secret", {
    role: "admin",
    tag,
    summary: "Rotate the signing secret",
    description:
      "Deliveries carry signatures of both secrets until the overlap ends. The answer shows the new one once.",
    body: EndpointRotate,
    answers: { 200: EndpointView },
    handle: async ({ caller, params, body, database, afterCommit }) => {
      const { organizationId } = caller;
      if (body.secret !== undefined) requireSigningSecret(body.secret, "secret");
      const secret = body.secret ?? generateSecret(deps.randomBytes);
      const endpoint = await database.transaction(async (tx) => {
        const locked = await lockEndpoint(tx, organizationId, params.id);
        if (locked === null) throw new OverwatchError("NOT_FOUND");
        const owner = { organizationId, ownerKind: "endpoint" as const, ownerId: params.id };
        const overlapMs = (body.overlap_seconds ?? DEFAULT_OVERLAP_SECONDS) * 1_000;
        await expireSecret(tx, owner, "signing_secret", deps.clock.now() + overlapMs);
        await addSecret(deps, tx, owner, "signing_secret", secret);
        return locked;
      });
      afterCommit(() => deps.onConfigChanged("endpoint", endpoint.id));
      return answerEndpoint(deps, database, endpoint, caller.role, secret);
    },
  });
}
