import type { Static } from "typebox";
import { NO_INTEGRATION } from "../core/incident.ts";
import { wireTime } from "../core/incident-view.ts";
import type { EventRow } from "../store/events.ts";
import type { EventView } from "./schemas/deliveries.ts";

/** An event on the wire. */
export function viewEvent(event: EventRow): Static<typeof EventView> {
  return {
    id: event.id,
    type: event.type,
    incident_id: event.incidentId,
    integration_id: event.integrationId === NO_INTEGRATION ? null : event.integrationId,
    endpoint_id: event.endpointId,
    sequence: event.sequence,
    payload: event.payload,
    created_at: wireTime(event.createdAt),
  };
}
