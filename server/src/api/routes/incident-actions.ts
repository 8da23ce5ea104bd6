import { type TSchema, Type } from "typebox";
import { actOnIncident } from "../../announce/act-on-incident.ts";
import { OverwatchError } from "../../core/errors.ts";
import type { IncidentAction } from "../../core/incident-actions.ts";
import { findIncident } from "../../store/incidents.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { readMoment } from "../paging.ts";
import { type Answer, type Call, defineRoute, type Route } from "../route.ts";
import { IncidentPatch, IncidentView } from "../schemas/incidents.ts";
import { Nothing, nullable, strict, text, Uuid } from "../schemas/shared.ts";
import { actorOf, answerIncident } from "./incidents.ts";

const tag = "incidents";

/** What people do to an incident; doing twice what can be done once changes nothing. */
export function incidentActionRoutes(deps: ApiDeps): readonly Route[] {
  return [
    change(deps),
    action(deps, "acknowledge", "Acknowledge an incident", Nothing, () => ({ kind: "acknowledge" })),
    action(deps, "unacknowledge", "Take an acknowledgement back", Nothing, () => ({ kind: "unacknowledge" })),
    action(deps, "resolve", "Resolve an incident", Nothing, () => ({ kind: "resolve" })),
    action(deps, "reopen", "Reopen a resolved incident", Nothing, () => ({ kind: "reopen" })),
    action(deps, "assign", "Assign an incident", strict({ assignee: nullable(text(200)) }), ({ assignee }) => ({
      kind: "assign",
      assignee,
    })),
    action(deps, "notes", "Add a note", strict({ text: text(20_000) }), (body) => ({ kind: "note", text: body.text })),
    action(deps, "snooze", "Hold updates back until a moment", snoozeBody, ({ until }) => ({
      kind: "snooze",
      until: readMoment(until, "until") ?? 0,
    })),
    action(deps, "unsnooze", "End a snooze before its time", Nothing, () => ({ kind: "unsnooze" })),
    action(deps, "merge", "Merge into another incident", strict({ into_id: Uuid }), (body) => ({
      kind: "merge",
      intoId: body.into_id,
    })),
    action(deps, "unmerge", "Take a merge back", Nothing, () => ({ kind: "unmerge" })),
  ];
}

const snoozeBody = strict({ until: Type.String({ format: "date-time" }) });

function action<Body extends TSchema>(
  deps: ApiDeps,
  name: string,
  summary: string,
  body: Body,
  read: (body: Type.Static<Body>) => IncidentAction,
): Route {
  return defineRoute("POST", `/incidents/{id}/${name}`, {
    role: "responder",
    tag,
    summary,
    body,
    answers: { 200: IncidentView },
    handle: async (call) => act(deps, call, read(call.body), null),
  });
}

function change(deps: ApiDeps): Route {
  return defineRoute("PATCH", "/incidents/{id}", {
    role: "responder",
    tag,
    summary: "Set title, description or severity by hand",
    description: "What is set by hand is not changed by later signals.",
    body: IncidentPatch,
    answers: { 200: IncidentView },
    handle: async (call) => {
      const { caller, params, body, ifMatch, database } = call;
      if (Object.keys(body).length === 0) throw invalidField("$", "names nothing to change");
      if (ifMatch === null) return act(deps, call, { kind: "edit", fields: body }, null);
      const incident = await findIncident(database, caller.organizationId, params.id);
      if (incident === null) throw new OverwatchError("NOT_FOUND");
      requireMatch(ifMatch, incident.version);
      return act(deps, call, { kind: "edit", fields: body }, incident.version);
    },
  });
}

async function act(
  deps: ApiDeps,
  { caller, params, database, afterCommit }: Call<{ readonly id: string }, unknown, unknown>,
  incidentAction: IncidentAction,
  expectedVersion: number | null,
): Promise<Answer> {
  const { organizationId } = caller;
  const target = incidentAction.kind === "merge" ? incidentAction.intoId : null;
  if (target !== null && (await findIncident(database, organizationId, target)) === null) {
    throw new OverwatchError("NOT_FOUND", {}, "There is no incident to merge into");
  }
  const result = await actOnIncident(
    { ...deps, database },
    organizationId,
    params.id,
    incidentAction,
    actorOf(caller),
    expectedVersion,
  );
  if (!result.ok) {
    if (result.kind === "not_found") throw new OverwatchError("NOT_FOUND");
    if (result.kind === "refused")
      throw new OverwatchError("CONFLICT", {}, `${result.message[0]?.toUpperCase() ?? ""}${result.message.slice(1)}`);
    throw new OverwatchError("PRECONDITION_FAILED", { current: etagOf(result.version) });
  }
  if (result.hasDeliveries) afterCommit(deps.wakeDeliver);
  return answerIncident(result.incident, deps.publicUrl());
}
