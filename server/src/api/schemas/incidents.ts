import { type Static, Type } from "typebox";
import { SEVERITIES } from "../../core/severity.ts";
import { AnyObject, nullable, oneOf, strict, TextMap, Timestamp, text, Uuid } from "./shared.ts";

/** A link shown to people. */
export const LinkView = strict({ href: Type.String(), text: Type.String() });

/** The states of an incident. */
export const INCIDENT_STATUSES = ["open", "acknowledged", "resolved"] as const;

/** An incident as every answer shows it. */
export const IncidentView = strict({
  id: Uuid,
  number: Type.Integer(),
  url: Type.String({ description: "Its page in the console" }),
  title: Type.String(),
  description: Type.String(),
  severity: oneOf(SEVERITIES),
  status: oneOf(INCIDENT_STATUSES),
  flapping: Type.Boolean(),
  integration_id: nullable(Uuid),
  group_key: Type.String(),
  alert_count: Type.Integer(),
  firing_count: Type.Integer(),
  signal_count: Type.Integer(),
  labels: TextMap,
  links: Type.Array(LinkView),
  assignee: nullable(Type.String()),
  edited_fields: Type.Array(Type.String()),
  previous_incident_id: nullable(Uuid),
  merged_into_id: nullable(Uuid),
  snoozed_until: nullable(Timestamp),
  created_at: Timestamp,
  updated_at: Timestamp,
  acknowledged_at: nullable(Timestamp),
  acknowledged_by: nullable(Type.String()),
  resolved_at: nullable(Timestamp),
  resolved_by: nullable(Type.String()),
});

/** An alert as every answer shows it. */
export const AlertView = strict({
  id: Uuid,
  integration_id: Uuid,
  incident_id: nullable(Uuid),
  dedup_key: Type.String(),
  external_id: Type.String(),
  status: oneOf(["firing", "resolved"]),
  acknowledged: Type.Boolean(),
  severity: oneOf(SEVERITIES),
  title: Type.String(),
  description: Type.String(),
  labels: TextMap,
  links: Type.Array(LinkView),
  signal_count: Type.Integer(),
  first_seen_at: Timestamp,
  last_seen_at: Timestamp,
  firing_since: nullable(Timestamp),
  last_fired_at: nullable(Timestamp),
  resolved_at: nullable(Timestamp),
});

/** A line of an incident's timeline. */
export const TimelineView = strict({
  id: Uuid,
  at: Timestamp,
  kind: Type.String(),
  actor: Type.String(),
  text: Type.String(),
  details: AnyObject,
});

/** `POST /incidents`. */
export const IncidentCreate = strict({
  title: text(500),
  severity: Type.Optional(oneOf(SEVERITIES)),
  description: Type.Optional(Type.String({ maxLength: 20_000 })),
  labels: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      type: "object",
      maxProperties: 64,
      propertyNames: { minLength: 1, maxLength: 256 },
      additionalProperties: { type: "string", maxLength: 2_048 },
    }),
  ),
  integration_id: Type.Optional(Uuid),
});

/** `PATCH /incidents/{id}`. */
export const IncidentPatch = strict({
  title: Type.Optional(text(500)),
  description: Type.Optional(Type.String({ maxLength: 20_000 })),
  severity: Type.Optional(oneOf(SEVERITIES)),
});

/** What `PATCH /incidents/{id}` takes. */
export type IncidentPatch = Static<typeof IncidentPatch>;
