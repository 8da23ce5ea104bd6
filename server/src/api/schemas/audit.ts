import { Type } from "typebox";
import { AnyJson, nullable, oneOf, strict, Timestamp, text, timeParameters, Uuid } from "./shared.ts";

const FieldChange = strict({ before: Type.Optional(AnyJson), after: Type.Optional(AnyJson) });

/** One thing that somebody did. */
export const AuditEntryView = strict({
  id: Uuid,
  at: Timestamp,
  actor: strict({
    kind: oneOf(["user", "api_key", "anonymous", "operator"]),
    id: nullable(Uuid),
    name: Type.String({ description: "As it was called then" }),
  }),
  address: Type.String(),
  request_id: Type.String(),
  action: Type.String({ examples: ["endpoint.update"] }),
  object: strict({ kind: Type.String(), id: nullable(Type.String()), name: nullable(Type.String()) }),
  changes: Type.Unsafe<Readonly<Record<string, { before?: unknown; after?: unknown }>>>({
    type: "object",
    additionalProperties: FieldChange,
    description: "Fields by their path; secrets are `***`",
  }),
  request: Type.Unsafe<unknown>({ description: "What was asked for, where the fields do not tell; else null" }),
});

/** What the list and the export are narrowed by. */
export const auditFilters = {
  ...timeParameters,
  actor: Type.Optional(Uuid),
  action: Type.Optional(text(100)),
  object_kind: Type.Optional(text(50)),
  object_id: Type.Optional(text(100)),
  q: Type.Optional(text(200, "Text in the names of actor and object, or in the action")),
};
