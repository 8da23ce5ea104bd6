import type { EndpointWire, Page } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { isMatch, openPath, type PaletteEntry } from "../../lib/palette.ts";

/** Endpoints of which a word of the name begins with what was typed. */
export async function findEndpoints(text: string, signal: AbortSignal): Promise<readonly PaletteEntry[]> {
  if (text.trim().length < 2) return [];
  const { data } = await get<Page<EndpointWire>>("/endpoints", { query: { limit: 200 }, signal });
  return data
    .filter(({ name }) => isMatch(name, text))
    .slice(0, 6)
    .map(({ id, name }) => ({
      id: `endpoint-${id}`,
      label: name,
      group: "Endpoints",
      run: () => openPath(`/endpoints/${id}`),
    }));
}
