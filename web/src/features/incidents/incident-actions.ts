import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import type { IncidentBulkWire, IncidentWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { explainError } from "../../lib/data-safety.ts";
import { countOf } from "../../lib/numbers.ts";
import { painted } from "../../lib/painted.ts";
import { showToast } from "../../lib/toasts.ts";
import { showIncidents, shownIncidents } from "./incident-cache.ts";
import { type PartsResult, sendInParts } from "./send-in-parts.ts";

/** What can be done to one incident or many. */
export type IncidentAct =
  | { readonly action: "acknowledge" | "unacknowledge" | "resolve" | "reopen" | "unsnooze" | "unmerge" }
  | { readonly action: "assign"; readonly assignee: string | null }
  | { readonly action: "snooze"; readonly until: string }
  | { readonly action: "merge"; readonly into_id: string };

const DONE_WORDS: Readonly<Record<IncidentAct["action"], string>> = {
  acknowledge: "acknowledged",
  unacknowledge: "no longer acknowledged",
  resolve: "resolved",
  reopen: "reopened",
  assign: "assigned",
  snooze: "snoozed",
  unsnooze: "no longer snoozed",
  merge: "merged",
  unmerge: "apart again",
};

/** Acts on incidents and offers to take it back; true when all of them could be acted on. */
export function useIncidentActions(): (ids: readonly string[], act: IncidentAct) => Promise<boolean> {
  const client = useQueryClient();
  return (ids, act) => actOnIncidents(client, ids, act, post);
}

/** Sends an action on at most as many incidents as the API takes at once. */
type Send = (ids: readonly string[], act: IncidentAct) => Promise<IncidentBulkWire>;

const post: Send = (ids, act) => change<IncidentBulkWire>("POST", "/incidents/bulk", { ids, ...act });

/** Acts, shows what was done, and says what was not; true when all of them could be acted on. */
export async function actOnIncidents(
  client: QueryClient,
  ids: readonly string[],
  act: IncidentAct,
  send: Send,
): Promise<boolean> {
  if (ids.length === 0) return true;
  const before = shownIncidents(client, ids);
  // Only an acknowledgement is shown before the server has said yes: nothing is lost when it says no.
  if (act.action === "acknowledge") {
    showIncidents(client, before.filter(isOpen).map(asAcknowledged));
    await painted();
  }
  const result = await sendInParts(ids, (some) => send(some, act));
  const unsent = new Set(result.unsent);
  showIncidents(client, [
    ...before.filter(({ id }) => unsent.has(id)),
    ...result.results.flatMap(({ incident }) => incident ?? []),
  ]);
  void client.invalidateQueries({ predicate: ({ queryKey }) => STALE.has(String(queryKey[0])) });
  tell(client, { act, result, before, send });
  return result.failed === 0 && result.error === null;
}

const STALE: ReadonlySet<string> = new Set(["overview", "facets", "timeline"]);

type Done = {
  readonly act: IncidentAct;
  readonly result: PartsResult;
  readonly before: readonly IncidentWire[];
  readonly send: Send;
};

function tell(client: QueryClient, { act, result, before, send }: Done): void {
  const refused = result.results.find(({ ok }) => !ok);
  if (refused !== undefined) {
    const others = result.failed > 1 ? ` (and ${result.failed - 1} more)` : "";
    showToast(`Not ${DONE_WORDS[act.action]}: ${refused.error?.message ?? "refused"}${others}`, { tone: "bad" });
  }
  const changedIds = result.results.filter((one) => one.is_changed).map(({ id }) => id);
  const isCut = result.error !== null;
  const failure = isCut ? failureOf(result) : "";
  if (changedIds.length === 0) {
    if (isCut) showToast(failure, { tone: "bad" });
    else if (refused === undefined) showToast(`Already ${DONE_WORDS[act.action]}`);
    return;
  }
  const done = `${countOf(changedIds.length, "incident")} ${DONE_WORDS[act.action]}`;
  const inverse = inverseOf(act, changedIds, before);
  showToast(isCut ? `${done}, ${failure}` : done, {
    tone: isCut ? "bad" : "good",
    ...(inverse.length === 0 ? {} : { undo: () => void takeBack(client, inverse, send) }),
  });
}

/** Why the rest was not done, and with parts that were how many that are. */
function failureOf({ error, unsent, results }: PartsResult): string {
  const { title, message } = explainError(error);
  const why = `${title}: ${message}`;
  return results.length === 0 ? why : `${countOf(unsent.length, "other")} not. ${why}`;
}

type Step = { readonly ids: readonly string[]; readonly act: IncidentAct };

/** What takes an action back; nothing for what cannot be. */
function inverseOf(act: IncidentAct, ids: readonly string[], before: readonly IncidentWire[]): readonly Step[] {
  switch (act.action) {
    case "acknowledge":
      return [{ ids, act: { action: "unacknowledge" } }];
    case "unacknowledge":
      return [{ ids, act: { action: "acknowledge" } }];
    case "resolve":
      return [{ ids, act: { action: "reopen" } }];
    case "reopen":
      return [{ ids, act: { action: "resolve" } }];
    case "assign": {
      const byAssignee = Map.groupBy(
        before.filter(({ id }) => ids.includes(id)),
        ({ assignee }) => assignee,
      );
      return [...byAssignee].map(([assignee, incidents]) => ({
        ids: incidents.map(({ id }) => id),
        act: { action: "assign", assignee },
      }));
    }
    case "snooze":
    case "unsnooze": {
      const byEnd = Map.groupBy(
        before.filter(({ id }) => ids.includes(id)),
        ({ snoozed_until: until }) => until,
      );
      return [...byEnd].map(([until, incidents]) => ({
        ids: incidents.map(({ id }) => id),
        act: until === null ? { action: "unsnooze" } : { action: "snooze", until },
      }));
    }
    case "merge":
      return [{ ids, act: { action: "unmerge" } }];
    default:
      return [];
  }
}

async function takeBack(client: QueryClient, steps: readonly Step[], send: Send): Promise<void> {
  try {
    for (const { ids, act } of steps) {
      const result = await sendInParts(ids, (some) => send(some, act));
      showIncidents(
        client,
        result.results.flatMap(({ incident }) => incident ?? []),
      );
      if (result.error !== null) throw result.error;
      const refused = result.results.find(({ ok }) => !ok);
      if (refused !== undefined) throw new Error(refused.error?.message ?? "refused");
    }
    void client.invalidateQueries({ predicate: ({ queryKey }) => STALE.has(String(queryKey[0])) });
    showToast("Taken back");
  } catch (error) {
    showToast(`It could not be taken back: ${explainError(error).message}`, { tone: "bad" });
  }
}

function isOpen({ status }: IncidentWire): boolean {
  return status === "open";
}

function asAcknowledged(incident: IncidentWire): IncidentWire {
  return { ...incident, status: "acknowledged" };
}
