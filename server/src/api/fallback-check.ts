import type { Endpoint } from "../core/endpoint.ts";
import { OverwatchError } from "../core/errors.ts";
import { fallbackProblem } from "../core/fallback.ts";
import type { Queryable } from "../runtime/database.ts";
import { listFallbackUsers, lockFallbacks } from "../store/failovers.ts";
import { invalidField } from "./error-answer.ts";

/** Refuses a fallback that the organization does not have, or that would lead back to the endpoint. */
export async function requireFallback(
  tx: Queryable,
  { organizationId, id }: Pick<Endpoint, "organizationId" | "id">,
  fallbackId: string,
): Promise<void> {
  const fallbacks = await lockFallbacks(tx, organizationId);
  if (!fallbacks.has(fallbackId))
    throw new OverwatchError("NOT_FOUND", {}, "There is no such endpoint to fall back to");
  const problem = fallbackProblem(id, fallbackId, (endpointId) => fallbacks.get(endpointId) ?? null);
  if (problem !== null) throw invalidField("fallback.endpoint_id", problem);
}

/** Refuses to delete endpoints that others fall back to, and names those; the ones to be deleted may name each other. */
export async function requireNotFallback(
  tx: Queryable,
  organizationId: string,
  endpointIds: readonly string[],
): Promise<void> {
  if (endpointIds.length === 0) return;
  await lockFallbacks(tx, organizationId);
  const users = await listFallbackUsers(tx, organizationId, endpointIds);
  if (users.length > 0) throw new OverwatchError("ENDPOINT_IN_USE", { used_by: users });
}
