import { type TSchema, Type } from "typebox";
import { SEVERITIES } from "../../core/severity.ts";
import { nullable, oneOf, pageParameters, repeated, several, strict, text, timeParameters, Uuid } from "./shared.ts";

const ALERT_STATUSES = ["firing", "resolved"] as const;

/** What lists and counts of alerts are narrowed by. */
const alertFilters = {
  ...timeParameters,
  integration_id: several(Uuid),
  incident_id: Type.Optional(Uuid),
  status: several(oneOf(ALERT_STATUSES)),
  severity: several(oneOf(SEVERITIES)),
  label: Type.Optional(repeated(text(2_400), "`name:value`; given several times, all of them must be there")),
  q: Type.Optional(text(200, "Text that the title or the dedup key hold")),
};

/** `GET /alerts`. */
export const AlertListQuery = strict({ ...pageParameters, ...alertFilters });

/** `GET /alerts/facets`. */
export const AlertFacetQuery = strict(alertFilters);

const counts = <S extends TSchema>(value: S) => Type.Array(strict({ value, count: Type.Integer() }));

/** How many alerts have which value, each facet under what is chosen of the others. */
export const AlertFacetsView = strict({
  total: Type.Integer(),
  is_exact: Type.Boolean({
    description: "False when the newest 10,000 firing and the newest 10,000 resolved alerts were counted only",
  }),
  status: counts(oneOf(ALERT_STATUSES)),
  severity: counts(oneOf(SEVERITIES)),
  integration: Type.Array(strict({ value: Uuid, name: nullable(Type.String()), count: Type.Integer() })),
});
