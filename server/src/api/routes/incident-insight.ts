import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import type { Incident } from "../../core/incident.ts";
import { viewIncident, wireTime } from "../../core/incident-view.ts";
import { likenessOf } from "../../core/similar.ts";
import { findIncidentsByIds, listComparable, listLastNotes } from "../../store/incident-likes.ts";
import { findIncident } from "../../store/incidents.ts";
import type { ApiDeps } from "../deps.ts";
import { explainIncident } from "../incident-why.ts";
import { defineRoute, type Route } from "../route.ts";
import { SimilarView, WhyView } from "../schemas/incident-lists.ts";
import { strict, whole } from "../schemas/shared.ts";

const tag = "incidents";

/** What helps to understand an incident: earlier ones like it, and why it exists. */
export function incidentInsightRoutes(deps: ApiDeps): readonly Route[] {
  return [similar(deps), why()];
}

function similar(deps: ApiDeps): Route {
  return defineRoute("GET", "/incidents/{id}/similar", {
    role: "viewer",
    tag,
    summary: "List earlier incidents like this one",
    description:
      "Those of the same group first, then those of the same integration whose titles or labels are alike, among its " +
      "newest 500; with how they ended and their last notes.",
    query: strict({ limit: Type.Optional(whole(1, 20, "How many at most; 5 when not given")) }),
    answers: { 200: SimilarView },
    handle: async ({ caller, params, query, database }) => {
      const { organizationId } = caller;
      const incident = await findIncident(database, organizationId, params.id);
      if (incident === null) throw new OverwatchError("NOT_FOUND");
      const likes = (await listComparable(database, incident))
        .flatMap((other) => {
          const likeness = likenessOf(incident, other);
          return likeness === null ? [] : [{ id: other.id, ...likeness }];
        })
        .sort((one, other) => other.score - one.score || (one.id < other.id ? 1 : -1))
        .slice(0, query.limit ?? 5);
      const ids = likes.map((one) => one.id);
      const [rows, notes] = await Promise.all([
        findIncidentsByIds(database, organizationId, ids),
        listLastNotes(database, organizationId, ids),
      ]);
      const data = likes.flatMap(({ id, match, score }) => {
        const row = rows.find((one) => one.id === id);
        if (row === undefined) return [];
        const own = notes.filter((note) => note.incidentId === id);
        return [
          {
            match,
            score,
            incident: viewIncident(row, deps.publicUrl()),
            duration_seconds: durationOf(row),
            notes: own.map((note) => ({ at: wireTime(note.at), actor: note.actor, text: note.text })),
          },
        ];
      });
      return { body: { data } };
    },
  });
}

function durationOf({ createdAt, resolvedAt }: Incident): number | null {
  return resolvedAt === null ? null : Math.max(0, Math.round((resolvedAt - createdAt) / 1_000));
}

function why(): Route {
  return defineRoute("GET", "/incidents/{id}/why", {
    role: "viewer",
    tag,
    summary: "Explain why an incident exists",
    description: "The receipt that opened it, the dedup key and the fields it was made of, the grouping.",
    answers: { 200: WhyView },
    handle: async ({ caller, params, database }) => {
      const incident = await findIncident(database, caller.organizationId, params.id);
      if (incident === null) throw new OverwatchError("NOT_FOUND");
      return { body: await explainIncident(database, incident) };
    },
  });
}
