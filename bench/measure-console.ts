import type { Page } from "playwright-core";
import type { Bench } from "./bench.ts";
import { INTERACTIONS, type Interaction } from "./console-interactions.ts";
import { startConsoleScene } from "./console-scene.ts";
import type { Figure } from "./report.ts";

const SCALE = { incidents: 100_000, unresolved: 20_000 };
const TARGET_MS = 100;

/** Milliseconds from the input: to the paint that shows it, to the paint with the data, and the longest event. */
type Taken = { readonly shownMs: number; readonly dataMs: number; readonly eventMs: number };

/**
 * B12: how long the console takes over a hundred thousand incidents, in a real browser, from the input to the paint that
 * shows that it was taken, and to the one with the data.
 */
export async function measureConsole(bench: Bench): Promise<readonly Figure[]> {
  const scene = await startConsoleScene(bench, SCALE);
  try {
    const taken = new Map<Interaction, Taken[]>(INTERACTIONS.map((interaction) => [interaction, []]));
    const rounds = bench.isQuick ? 3 : 12;
    for (let round = 0; round <= rounds; round++) {
      bench.say(`  round ${round} of ${rounds} …`);
      for (const [interaction, results] of taken) {
        const result = await take(scene.page, interaction);
        // The first round fills the caches of the browser and the plans of the database.
        if (round > 0) results.push(result);
      }
    }
    return [...taken].map(([interaction, results]) => figureOf(interaction.what, results));
  } finally {
    await scene.stop();
  }
}

async function take(page: Page, { event, shown, data, before, act }: Interaction): Promise<Taken> {
  await page.goto("/incidents?status=open");
  await page.locator("[data-row]").first().waitFor();
  await page.getByRole("complementary").getByText("Critical").waitFor();
  await page.getByRole("button", { name: "Live", exact: true }).waitFor();
  await before?.(page);
  await page.evaluate("new Promise((done) => requestIdleCallback(done))");
  await page.evaluate(`window.probe.arm(${JSON.stringify(event)}, () => ${shown}, () => ${data})`);
  await act(page);
  return page.evaluate<Taken>("window.probe.done()");
}

function figureOf(what: string, results: readonly Taken[]): Figure {
  const shown = spread(results.map(({ shownMs }) => shownMs));
  const data = spread(results.map(({ dataMs }) => dataMs));
  const event = spread(results.map(({ eventMs }) => eventMs));
  const spell = ({ p50, p95 }: { readonly p50: number; readonly p95: number }): string =>
    `${p50.toFixed(0)}/${p95.toFixed(0)}`;
  return {
    id: "B12",
    what,
    measured: `shown ${spell(shown)} ms, data ${spell(data)} ms, event ${spell(event)} ms (p50/p95)`,
    target: `shown and event ≤ ${TARGET_MS} ms`,
    isReached: shown.p95 <= TARGET_MS && event.p95 <= TARGET_MS,
  };
}

function spread(values: readonly number[]): { readonly p50: number; readonly p95: number } {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
