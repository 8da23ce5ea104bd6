import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { IncidentWire, Page } from "../../../../server/src/api/contract.ts";
import type { StreamEvent } from "../../lib/event-stream.ts";

type Pages = InfiniteData<Page<IncidentWire>, string | null>;

/** Shows incidents as they are now wherever they stand, without moving a row. */
export function showIncidents(client: QueryClient, incidents: readonly IncidentWire[]): void {
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  client.setQueriesData<Pages>(
    { queryKey: ["incidents"], predicate: ({ queryKey }) => queryKey[1] === "/incidents" },
    (data) =>
      data === undefined
        ? data
        : {
            ...data,
            pages: data.pages.map((page) => ({ ...page, data: page.data.map((row) => byId.get(row.id) ?? row) })),
          },
  );
  // Only what was read: an entry for each that passes by would cost more than drawing the list.
  for (const incident of incidents) {
    const key = ["incident", incident.id];
    if (client.getQueryData(key) !== undefined) client.setQueryData<IncidentWire>(key, incident);
  }
}

/** Shows incidents of the live stream, a frame's worth at a time: hundreds that change at once draw the list once. */
export function createIncidentFeed(client: QueryClient): (incident: IncidentWire) => void {
  const waiting = new Map<string, IncidentWire>();
  const flush = (): void => {
    showIncidents(client, [...waiting.values()]);
    waiting.clear();
  };
  return (incident) => {
    if (waiting.size === 0) requestAnimationFrame(flush);
    waiting.set(incident.id, incident);
  };
}

/** The incidents of these ids as far as a page shows them. */
export function shownIncidents(client: QueryClient, ids: readonly string[]): readonly IncidentWire[] {
  const wanted = new Set(ids);
  const found = new Map<string, IncidentWire>();
  for (const [, data] of client.getQueriesData<Pages>({ queryKey: ["incidents", "/incidents"] })) {
    for (const row of data?.pages.flatMap((page) => page.data) ?? []) if (wanted.has(row.id)) found.set(row.id, row);
  }
  for (const id of ids) {
    const incident = client.getQueryData<IncidentWire>(["incident", id]);
    if (incident !== undefined) found.set(id, incident);
  }
  return [...found.values()];
}

/** The incident that an event of the stream tells of, null when it tells of none. */
export function incidentOf(event: StreamEvent): IncidentWire | null {
  try {
    const { payload } = JSON.parse(event.data) as { readonly payload?: { readonly incident?: IncidentWire } };
    return payload?.incident ?? null;
  } catch {
    return null;
  }
}
