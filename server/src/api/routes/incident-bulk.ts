import type { Static } from "typebox";
import { type ActResult, actOnIncident } from "../../announce/act-on-incident.ts";
import { OverwatchError } from "../../core/errors.ts";
import type { IncidentAction } from "../../core/incident-actions.ts";
import { viewIncident } from "../../core/incident-view.ts";
import { findIncident } from "../../store/incidents.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import { readMoment } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { IncidentBulkRequest, IncidentBulkView } from "../schemas/incident-lists.ts";
import { actorOf } from "./incidents.ts";

type Result = Static<typeof IncidentBulkView>["results"][number];

/** `POST /incidents/bulk`. */
export function incidentBulkRoutes(deps: ApiDeps): readonly Route[] {
  return [bulk(deps)];
}

// So many transactions at a time: the others of this node need connections too.
const LANES = 4;

function bulk(deps: ApiDeps): Route {
  return defineRoute("POST", "/incidents/bulk", {
    role: "responder",
    tag: "incidents",
    summary: "Act on up to 200 incidents",
    description:
      "Each in a transaction of its own, so that one that cannot be acted on keeps none from it. Safe to repeat: what is " +
      "so already stays.",
    body: IncidentBulkRequest,
    answers: { 200: IncidentBulkView },
    isIdempotent: false,
    handle: async ({ caller, body }) => {
      const action = readAction(body);
      const { organizationId } = caller;
      if (action.kind === "merge" && (await findIncident(deps.database, organizationId, action.intoId)) === null) {
        throw new OverwatchError("NOT_FOUND", {}, "There is no incident to merge into");
      }
      const isMerging = action.kind === "merge" || action.kind === "unmerge";
      let hasDeliveries = false;
      const results = new Map<string, Result>();
      const waiting = [...body.ids];
      const work = async (): Promise<void> => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          const result = await actOnIncident(deps, organizationId, id, action, actorOf(caller));
          if (result.ok && result.hasDeliveries) hasDeliveries = true;
          results.set(id, viewResult(id, result, deps.publicUrl()));
        }
      };
      // Merges meet in one incident, where more than one at a time would only wait for each other.
      await Promise.all(Array.from({ length: isMerging ? 1 : LANES }, work));
      if (hasDeliveries) deps.wakeDeliver();
      const inOrder = body.ids.flatMap((id) => results.get(id) ?? []);
      return {
        body: {
          changed: inOrder.filter((one) => one.is_changed).length,
          unchanged: inOrder.filter((one) => one.ok && !one.is_changed).length,
          failed: inOrder.filter((one) => !one.ok).length,
          results: inOrder,
        },
      };
    },
  });
}

function readAction(body: IncidentBulkRequest): IncidentAction {
  const { action, assignee, until, into_id: intoId } = body;
  const wants = { assignee: action === "assign", until: action === "snooze", into_id: action === "merge" };
  for (const [name, isWanted] of Object.entries(wants)) {
    const isGiven = body[name as keyof typeof wants] !== undefined;
    if (isWanted && !isGiven) throw invalidField(name, `is required for ${action}`);
    if (!isWanted && isGiven) throw invalidField(name, `means nothing to ${action}`);
  }
  if (action === "assign") return { kind: "assign", assignee: assignee ?? null };
  if (action === "snooze") return { kind: "snooze", until: readMoment(until, "until") ?? 0 };
  if (action === "merge") return { kind: "merge", intoId: intoId ?? "" };
  return { kind: action };
}

function viewResult(id: string, result: ActResult, publicUrl: string): Result {
  if (result.ok) {
    const incident = viewIncident(result.incident, publicUrl) as Result["incident"];
    return { id, ok: true, is_changed: result.isChanged, incident, error: null };
  }
  const error =
    result.kind === "refused"
      ? { code: "CONFLICT", message: result.message }
      : { code: "NOT_FOUND", message: "There is no such incident here" };
  return { id, ok: false, is_changed: false, incident: null, error };
}
