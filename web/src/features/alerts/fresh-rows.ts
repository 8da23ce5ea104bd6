import { useEffect, useEffectEvent, useRef } from "react";
import type { AlertWire, Page } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import type { List } from "../../lib/list.ts";
import { useLiveEvents } from "../../lib/live.ts";

const PAUSE_MS = 1_000;
const MOST_INCIDENTS = 20;
const LIMIT = 200;

/**
 * Has rows that are shown say how they stand now: when something happens to their incident its alerts are read again, at
 * most once a second. That a row may belong elsewhere by then is seen at the next look.
 */
export function useFreshRows({ rows, patch }: Pick<List<AlertWire>, "rows" | "patch">): void {
  const waiting = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const flush = useEffectEvent(async () => {
    timer.current = null;
    const ids = [...waiting.current].slice(0, MOST_INCIDENTS);
    waiting.current.clear();
    const reads = ids.map((id) => get<Page<AlertWire>>("/alerts", { query: { incident_id: id, limit: LIMIT } }));
    // What cannot be read now is read with the next event.
    const pages = (await Promise.allSettled(reads)).flatMap((read) =>
      read.status === "fulfilled" ? [read.value] : [],
    );
    const fresh = new Map(pages.flatMap(({ data }) => data).map((alert) => [alert.id, alert]));
    if (fresh.size > 0) patch((row) => fresh.get(row.id) ?? null);
  });
  useLiveEvents(["incident."], ({ data }) => {
    const id = incidentIdIn(data);
    if (id === null || !(rows ?? []).some((row) => row.incident_id === id)) return;
    waiting.current.add(id);
    timer.current ??= setTimeout(() => void flush(), PAUSE_MS);
  });
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
}

function incidentIdIn(data: string): string | null {
  const { incident_id: id } = JSON.parse(data) as { readonly incident_id?: string | null };
  return id ?? null;
}
