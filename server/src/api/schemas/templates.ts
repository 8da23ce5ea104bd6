import { type Static, Type } from "typebox";
import { EVENT_TYPES } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { METHODS } from "../../core/method.ts";
import { EndpointCreate } from "./endpoints.ts";
import { AnyJson, nullable, oneOf, strict, TextMap, text, Uuid } from "./shared.ts";

/** `POST /templates/render`. */
export const RenderRequest = strict({
  template: Type.Optional(AnyJson),
  url: Type.Optional(text(2_048)),
  method: Type.Optional(oneOf(METHODS)),
  headers: Type.Optional(TextMap),
  overrides: Type.Optional(EndpointCreate.properties.overrides),
  link: Type.Optional(
    Type.Unsafe<JsonObject>({
      type: "object",
      additionalProperties: true,
      description: "What `capture` would have kept of earlier answers",
    }),
  ),
  variables: Type.Optional(TextMap),
  event_type: Type.Optional(oneOf(EVENT_TYPES)),
  incident_id: Type.Optional(Uuid),
});

/** What to render. */
export type RenderRequest = Static<typeof RenderRequest>;

const Problem = strict({ path: Type.String(), message: Type.String(), position: Type.Optional(Type.Integer()) });

/** What rendering gave, part by part; a part that was not asked for is null. */
export const RenderView = strict({
  ok: Type.Boolean(),
  body: nullable(Type.String()),
  content_type: nullable(Type.String()),
  url: nullable(Type.String()),
  method: oneOf(METHODS),
  override: nullable(Type.String({ description: "The name of the override that holds for the event" })),
  headers: nullable(TextMap),
  errors: Type.Array(Problem),
  warnings: Type.Array(Problem),
});

/** `POST /expressions/check`. */
export const ExpressionRequest = strict({
  expression: text(4_096),
  use: Type.Optional(oneOf(["filter", "template", "mapping", "mapping_element", "capture"])),
  variable_names: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 50 })),
  context: Type.Optional(
    Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object", additionalProperties: true }),
  ),
});

/** Whether an expression is right, and what it gives for a context. */
export const ExpressionView = strict({
  ok: Type.Boolean(),
  type: nullable(Type.String({ description: "The CEL type of its result" })),
  error: nullable(
    strict({ message: Type.String(), line: Type.Integer(), column: Type.Integer(), position: Type.Integer() }),
  ),
  value: AnyJson,
  evaluation_error: nullable(Type.String()),
});
