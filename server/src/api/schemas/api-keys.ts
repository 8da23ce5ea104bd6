import { Type } from "typebox";
import { ROLES } from "../roles.ts";
import { nullable, oneOf, strict, Timestamp, text, Uuid } from "./shared.ts";

/** `POST /api-keys`. */
export const ApiKeyCreate = strict({
  name: text(200),
  role: oneOf(ROLES),
  expires_at: Type.Optional(nullable(Type.String({ format: "date-time" }))),
});

/** An API key as every answer shows it; the key itself only where it was just made. */
export const ApiKeyView = strict({
  id: Uuid,
  name: Type.String(),
  role: oneOf(ROLES),
  key_hint: Type.String(),
  created_at: Timestamp,
  expires_at: nullable(Timestamp),
  last_used_at: nullable(Timestamp),
  revoked_at: nullable(Timestamp),
  created_by: nullable(strict({ kind: oneOf(["user", "api_key"]), id: Uuid, name: Type.String() })),
  key: Type.Optional(Type.String({ description: "Only in the answer to its creation" })),
});

/** The tenant, and who asks. */
export const OrganizationView = strict({
  id: Uuid,
  name: Type.String(),
  created_at: Timestamp,
  caller: strict({ kind: oneOf(["user", "api_key"]), id: Uuid, name: Type.String(), role: oneOf(ROLES) }),
  api_key: nullable(strict({ id: Uuid, name: Type.String(), role: oneOf(ROLES) })),
});
