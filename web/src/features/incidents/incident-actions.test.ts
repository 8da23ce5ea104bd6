import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, it } from "vitest";
import type { IncidentBulkWire, IncidentWire, Page } from "../../../../server/src/api/contract.ts";
import { ApiFailure } from "../../lib/api.ts";
import { toasts } from "../../lib/toasts.ts";
import { actOnIncidents, type IncidentAct } from "./incident-actions.ts";

type Sent = { readonly ids: readonly string[]; readonly action: IncidentAct["action"] };
type Pages = { readonly pages: readonly Page<IncidentWire>[] };

const KEY = ["incidents", "/incidents", {}];
const IDS = Array.from({ length: 450 }, (_, index) => `incident-${index}`);
const STATUS_AFTER = { acknowledge: "acknowledged", unacknowledge: "open" } as const;

/** A list of 450 open incidents, and an API that does what it is told until it breaks at its part number `breaksAt`. */
function listOfMany(breaksAt = Number.POSITIVE_INFINITY) {
  const client = new QueryClient();
  const rows = IDS.map((id) => ({ id, status: "open" }) as IncidentWire);
  client.setQueryData(KEY, { pages: [{ data: rows, next_cursor: null }], pageParams: [null] });
  const sent: Sent[] = [];
  const statuses = () =>
    client.getQueryData<Pages>(KEY)?.pages.flatMap((page) => page.data.map(({ status }) => status)) ?? [];
  const send = async (ids: readonly string[], act: IncidentAct): Promise<IncidentBulkWire> => {
    sent.push({ ids, action: act.action });
    if (sent.length === breaksAt) throw new ApiFailure({ status: 0, code: "NETWORK", message: "No answer came" });
    const status = STATUS_AFTER[act.action as keyof typeof STATUS_AFTER];
    const results = ids.map((id) => ({
      ...{ id, ok: true, is_changed: true, error: null },
      incident: { id, status } as IncidentWire,
    }));
    return { changed: ids.length, unchanged: 0, failed: 0, results };
  };
  return { client, sent, statuses, send };
}

afterEach(() => toasts.set([]));

it("acts on more than fit into a request in parts, and takes that back in parts", async () => {
  const { client, sent, statuses, send } = listOfMany();
  expect(await actOnIncidents(client, IDS, { action: "acknowledge" }, send)).toBe(true);
  expect(sent.map(({ ids }) => ids.length)).toEqual([200, 200, 50]);
  expect(sent.flatMap(({ ids }) => ids)).toEqual(IDS);
  expect(new Set(statuses())).toEqual(new Set(["acknowledged"]));
  const [toast] = toasts.get();
  expect(toast).toMatchObject({ tone: "good", message: "450 incidents acknowledged" });
  toast?.undo?.();
  await expect.poll(() => toasts.get().at(-1)?.message).toBe("Taken back");
  expect(sent.slice(3).map(({ ids, action }) => [ids.length, action])).toEqual([
    [200, "unacknowledge"],
    [200, "unacknowledge"],
    [50, "unacknowledge"],
  ]);
  expect(new Set(statuses())).toEqual(new Set(["open"]));
});

it("shows what was done as done when a later part fails, says how many were and were not, and takes back only those", async () => {
  const { client, sent, statuses, send } = listOfMany(2);
  expect(await actOnIncidents(client, IDS, { action: "acknowledge" }, send)).toBe(false);
  expect(sent).toHaveLength(2);
  expect(statuses()).toEqual(IDS.map((_, index) => (index < 200 ? "acknowledged" : "open")));
  const [toast, ...others] = toasts.get();
  expect(others).toEqual([]);
  expect(toast).toMatchObject({
    tone: "bad",
    message: "200 incidents acknowledged, 250 others not. Overwatch cannot be reached: No answer came",
  });
  toast?.undo?.();
  await expect.poll(() => toasts.get().at(-1)?.message).toBe("Taken back");
  expect(sent.slice(2)).toEqual([{ ids: IDS.slice(0, 200), action: "unacknowledge" }]);
});

it("says why nothing was done when the first part fails already", async () => {
  const { client, statuses, send } = listOfMany(1);
  expect(await actOnIncidents(client, IDS, { action: "acknowledge" }, send)).toBe(false);
  expect(new Set(statuses())).toEqual(new Set(["open"]));
  expect(toasts.get()).toMatchObject([{ message: "Overwatch cannot be reached: No answer came", undo: null }]);
});
