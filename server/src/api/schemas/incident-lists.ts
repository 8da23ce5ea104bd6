import { type Static, type TSchema, Type } from "typebox";
import { SEVERITIES } from "../../core/severity.ts";
import { INCIDENT_SORTS } from "../../store/incidents-read.ts";
import { INCIDENT_STATUSES, IncidentView } from "./incidents.ts";
import {
  AnyObject,
  nullable,
  oneOf,
  pageParameters,
  repeated,
  several,
  strict,
  Timestamp,
  text,
  timeParameters,
  Uuid,
} from "./shared.ts";

/** What lists and counts of incidents are narrowed by. */
export const incidentFilters = {
  ...timeParameters,
  integration_id: several(Uuid),
  status: several(oneOf(INCIDENT_STATUSES)),
  severity: several(oneOf(SEVERITIES)),
  assignee: several(text(200), "Names; `none` for nobody, `me` for whoever asks"),
  flapping: Type.Optional(Type.Boolean()),
  label: Type.Optional(repeated(text(2_400), "`name:value`; given several times, all of them must be there")),
  q: Type.Optional(
    text(200, "Text of the title; of resolved incidents its words, the last from its beginning; or a number"),
  ),
};

/** `GET /incidents`. */
export const IncidentListQuery = strict({
  ...pageParameters,
  ...incidentFilters,
  sort: Type.Optional(
    oneOf(
      INCIDENT_SORTS,
      "`newest` when not given; `updated` takes unresolved incidents alone, and so does `q` with any other order",
    ),
  ),
});

/** `GET /incidents/facets`. */
export const IncidentFacetQuery = strict(incidentFilters);

const counts = <S extends TSchema>(value: S) => Type.Array(strict({ value, count: Type.Integer() }));

/** How many incidents have which value, each facet under what is chosen of the others. */
export const IncidentFacetsView = strict({
  total: Type.Integer(),
  is_exact: Type.Boolean({
    description: "False when the newest 10,000 unresolved and the newest 10,000 resolved incidents were counted only",
  }),
  status: counts(oneOf(INCIDENT_STATUSES)),
  severity: counts(oneOf(SEVERITIES)),
  integration: Type.Array(
    strict({ value: nullable(Uuid), name: nullable(Type.String()), count: Type.Integer() }, "A null value: by hand"),
  ),
  assignee: counts(nullable(Type.String())),
});

/** What can be done to many incidents at once. */
export const BULK_ACTIONS = [
  "acknowledge",
  "unacknowledge",
  "resolve",
  "reopen",
  "assign",
  "snooze",
  "unsnooze",
  "merge",
  "unmerge",
] as const;

/** `POST /incidents/bulk`. */
export const IncidentBulkRequest = strict({
  ids: Type.Array(Uuid, { minItems: 1, maxItems: 200, uniqueItems: true }),
  action: oneOf(BULK_ACTIONS),
  assignee: Type.Optional(nullable(text(200, "For `assign`, which needs it; null takes the assignment away"))),
  until: Type.Optional(Timestamp),
  into_id: Type.Optional(Uuid),
});

/** What `POST /incidents/bulk` takes. */
export type IncidentBulkRequest = Static<typeof IncidentBulkRequest>;

/** What became of each. */
export const IncidentBulkView = strict({
  changed: Type.Integer({ description: "Those that the action has changed" }),
  unchanged: Type.Integer({ description: "Those that were so already" }),
  failed: Type.Integer(),
  results: Type.Array(
    strict({
      id: Uuid,
      ok: Type.Boolean(),
      is_changed: Type.Boolean(),
      incident: nullable(IncidentView),
      error: nullable(strict({ code: Type.String(), message: Type.String() })),
    }),
  ),
});

/** Earlier incidents that resemble one, with how they ended. */
export const SimilarView = strict({
  data: Type.Array(
    strict({
      match: oneOf(["group", "title", "labels"]),
      score: Type.Number({ minimum: 0, maximum: 1 }),
      incident: IncidentView,
      duration_seconds: nullable(Type.Integer({ description: "From creation to resolution" })),
      notes: Type.Array(
        strict({ at: Timestamp, actor: Type.String(), text: Type.String() }, "The last three, newest first"),
      ),
    }),
  ),
});

/** Why an incident exists. */
export const WhyView = strict({
  sentence: Type.String(),
  opened: strict({ at: Timestamp, actor: Type.String(), text: Type.String() }),
  receipt: nullable(
    strict({
      id: Uuid,
      integration_id: Uuid,
      received_at: Timestamp,
      source_ip: Type.String(),
      verified_by: Type.String(),
    }),
  ),
  signal: nullable(
    strict({
      dedup_key: Type.String(),
      dedup_key_from: Type.Array(Type.String()),
      status: Type.String(),
      severity: Type.String(),
      decision: Type.String(),
      why: Type.String(),
    }),
  ),
  grouping: strict({
    group_key: Type.String(),
    rule: nullable(AnyObject),
    fields: Type.Array(strict({ name: Type.String(), value: Type.String() }), {
      description: "The fields that its alerts share, when it was grouped by any",
    }),
    sentence: Type.String(),
  }),
  previous_incident: nullable(strict({ id: Uuid, number: Type.Integer(), resolved_at: nullable(Timestamp) })),
});
