import type { Role } from "../store/api-keys.ts";

/** The roles from the least to the most; each may do what those before it may. */
export const ROLES = ["viewer", "responder", "admin"] as const satisfies readonly Role[];

/** True when the bearer's role covers the one that is asked for. */
export function isRoleEnough(held: Role, asked: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(asked);
}
