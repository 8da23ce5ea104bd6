import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import type { IncidentBulkWire, IncidentWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { explainError } from "../../lib/data-safety.ts";
import { countOf } from "../../lib/numbers.ts";
import { showToast } from "../../lib/toasts.ts";
import { showIncidents, shownIncidents } from "./incident-cache.ts";

/** What can be done to one incident or many. */
export type IncidentAct =
  | { readonly action: "acknowledge" | "unacknowledge" | "resolve" | "reopen" | "unsnooze" | "unmerge" }
  | { readonly action: "assign"; readonly assignee: string | null }
  | { readonly action: "snooze"; readonly until: string }
  | { readonly action: "merge"; readonly into_id: string };

/** The most ids of one request. */
const MOST_AT_ONCE = 200;

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
  return (ids, act) => perform(client, ids, act);
}

async function perform(client: QueryClient, ids: readonly string[], act: IncidentAct): Promise<boolean> {
  if (ids.length === 0) return true;
  const before = shownIncidents(client, ids);
  // Only an acknowledgement is shown before the server has said yes: nothing is lost when it says no.
  if (act.action === "acknowledge") showIncidents(client, before.filter(isOpen).map(asAcknowledged));
  try {
    const result = await send(ids, act);
    const changed = result.results.flatMap(({ incident }) => incident ?? []);
    showIncidents(client, changed);
    void client.invalidateQueries({ predicate: ({ queryKey }) => STALE.has(String(queryKey[0])) });
    tell(client, act, result, before);
    return result.failed === 0;
  } catch (error) {
    showIncidents(client, before);
    const { title, message } = explainError(error);
    showToast(`${title}: ${message}`, { tone: "bad" });
    return false;
  }
}

/** Sends as many at a time as the API takes. */
async function send(ids: readonly string[], act: IncidentAct): Promise<IncidentBulkWire> {
  const answers: IncidentBulkWire[] = [];
  for (let first = 0; first < ids.length; first += MOST_AT_ONCE) {
    const some = ids.slice(first, first + MOST_AT_ONCE);
    answers.push(await change<IncidentBulkWire>("POST", "/incidents/bulk", { ids: some, ...act }));
  }
  const sum = (of: "changed" | "unchanged" | "failed"): number => answers.reduce((before, one) => before + one[of], 0);
  return {
    changed: sum("changed"),
    unchanged: sum("unchanged"),
    failed: sum("failed"),
    results: answers.flatMap(({ results }) => results),
  };
}

const STALE: ReadonlySet<string> = new Set(["overview", "facets", "timeline"]);

function tell(client: QueryClient, act: IncidentAct, result: IncidentBulkWire, before: readonly IncidentWire[]): void {
  const refused = result.results.find(({ ok }) => !ok);
  if (refused !== undefined) {
    const others = result.failed > 1 ? ` (and ${result.failed - 1} more)` : "";
    showToast(`Not ${DONE_WORDS[act.action]}: ${refused.error?.message ?? "refused"}${others}`, { tone: "bad" });
  }
  const changedIds = result.results.filter((one) => one.is_changed).map(({ id }) => id);
  if (changedIds.length === 0) {
    if (refused === undefined) showToast(`Already ${DONE_WORDS[act.action]}`);
    return;
  }
  const words = `${countOf(changedIds.length, "incident")} ${DONE_WORDS[act.action]}`;
  const inverse = inverseOf(act, changedIds, before);
  if (inverse.length === 0) showToast(words, { tone: "good" });
  else showToast(words, { tone: "good", undo: () => void takeBack(client, inverse) });
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
    case "snooze": {
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

async function takeBack(client: QueryClient, steps: readonly Step[]): Promise<void> {
  try {
    for (const { ids, act } of steps) {
      const result = await send(ids, act);
      showIncidents(
        client,
        result.results.flatMap(({ incident }) => incident ?? []),
      );
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
