import { hearsMissed, missedFilter } from "../../announce/missed.ts";
import { durationOf, type Selection } from "../../core/bulk-run.ts";
import type { Endpoint } from "../../core/endpoint.ts";
import type { Queryable } from "../../runtime/database.ts";
import { firstUuidAt } from "../../runtime/id.ts";
import { countMissedEvents, listMissedEvents } from "../../store/missed-events.ts";
import { DEFAULT_PER_SECOND, readSelection, requireEndpoint, storeRun } from "../bulk-start.ts";
import type { ApiDeps } from "../deps.ts";
import { defineRoute, type Route } from "../route.ts";
import { BulkRunView, MissedPreviewView, ReplayMissingRequest } from "../schemas/bulk-runs.ts";

const READ_TOGETHER = 200;
const MOST_JUDGED = 10_000;

/** `POST /endpoints/{id}/replay-missing`. */
export function replayMissingRoutes(deps: ApiDeps): readonly Route[] {
  return [replayMissing(deps)];
}

function replayMissing(deps: ApiDeps): Route {
  return defineRoute("POST", "/endpoints/{id}/replay-missing", {
    role: "responder",
    tag: "endpoints",
    summary: "Deliver events that an endpoint has missed",
    description:
      "Events of a span that match its present subscription and filter but have no delivery to it, such as those " +
      "older than it. `dry_run` counts them; otherwise the answer is the bulk run that makes the deliveries.",
    body: ReplayMissingRequest,
    answers: { 200: MissedPreviewView, 202: BulkRunView },
    handle: async (call) => {
      const { caller, params, body, database } = call;
      const endpoint = await requireEndpoint(database, caller.organizationId, params.id);
      const selection = readSelection({ ...body, endpoint_id: endpoint.id }, [], deps.clock.now());
      const perSecond = body.per_second ?? DEFAULT_PER_SECOND;
      if (body.dry_run !== true) {
        const { count: matched, isExact } = await countMissedEvents(database, missedFilter(endpoint, selection));
        const plan = { kind: "replay_missing", selection, perSecond, matched, isMatchedExact: isExact } as const;
        return storeRun(deps, call, plan, body);
      }
      const judged = await judge(database, endpoint, selection);
      const seconds = durationOf(Math.min(judged.matched, body.limit ?? judged.matched), perSecond);
      return { body: { dry_run: true, ...judged, seconds } };
    },
  });
}

async function judge(db: Queryable, endpoint: Endpoint, selection: Selection) {
  const filter = missedFilter(endpoint, selection);
  const judged = { looked_at: 0, matched: 0, failed: 0, is_complete: false };
  let after = firstUuidAt(selection.since);
  while (judged.looked_at < MOST_JUDGED) {
    const events = await listMissedEvents(db, filter, after, READ_TOGETHER);
    for (const event of events) {
      const hearing = hearsMissed(endpoint, event);
      judged.looked_at += 1;
      if (hearing === "heard") judged.matched += 1;
      if (hearing === "failed") judged.failed += 1;
    }
    if (events.length < READ_TOGETHER) return { ...judged, is_complete: true };
    after = events.at(-1)?.id ?? after;
  }
  return judged;
}
