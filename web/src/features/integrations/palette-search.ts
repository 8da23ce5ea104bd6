import type { IntegrationWire, Page } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { isMatch, openPath, type PaletteEntry } from "../../lib/palette.ts";

/** Integrations whose name or platform begins with what was typed. */
export async function findIntegrations(text: string, signal: AbortSignal): Promise<readonly PaletteEntry[]> {
  if (text.trim().length < 2) return [];
  const { data } = await get<Page<IntegrationWire>>("/integrations", { query: { limit: 200 }, signal });
  return data
    .filter(({ name, platform }) => isMatch(`${name} ${platform}`, text))
    .slice(0, 6)
    .map(({ id, name, platform }) => ({
      id: `integration-${id}`,
      label: name,
      hint: platform,
      group: "Integrations",
      run: () => openPath(`/integrations/${id}`),
    }));
}
