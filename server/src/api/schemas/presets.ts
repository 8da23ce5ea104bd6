import { Type } from "typebox";
import { EVENT_TYPES } from "../../core/event.ts";
import { METHODS } from "../../core/method.ts";
import { EndpointView } from "./endpoints.ts";
import { AnyJson, nullable, oneOf, Rate, strict, TextMap } from "./shared.ts";

const endpointFields = {
  url_hint: Type.String({ description: "Words in capitals are the user's to replace" }),
  method: oneOf(METHODS),
  headers: TextMap,
  events: Type.Array(oneOf(EVENT_TYPES)),
  template: AnyJson,
  overrides: EndpointView.properties.overrides,
  capture: nullable(TextMap),
  rate_limit: nullable(Rate),
};

/** A starting point for endpoints: the first endpoint's fields, and all endpoints where a receiver needs several. */
export const PresetView = strict({
  name: Type.String(),
  title: Type.String(),
  ...endpointFields,
  variables: Type.Array(strict({ name: Type.String(), about: Type.String() })),
  notes: Type.Array(Type.String()),
  endpoints: Type.Array(strict({ title: Type.String(), ...endpointFields }), { minItems: 1 }),
});
