import type { IncidentWire, Page } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { openPath, type PaletteEntry } from "../../lib/palette.ts";

/** The newest incidents of any state with that number, or with what was typed in their titles. */
export async function findIncidents(text: string, signal: AbortSignal): Promise<readonly PaletteEntry[]> {
  const q = text.trim().replace(/^#/, "");
  if (q.length < 2 && !/^\d+$/.test(q)) return [];
  const { data } = await get<Page<IncidentWire>>("/incidents", { query: { q, limit: 6 }, signal });
  return data.map(({ id, number, title, status }) => ({
    id: `incident-${id}`,
    label: `#${number} ${title}`,
    hint: status,
    group: "Incidents",
    run: () => openPath(`/incidents/${id}`),
  }));
}
