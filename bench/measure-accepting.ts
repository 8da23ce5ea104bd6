import { startNodeProcess } from "../server/test/support/node-process.ts";
import { createAlertSource } from "./alerts.ts";
import { measureBare } from "./bare.ts";
import type { Bench } from "./bench.ts";
import { percentile, saturate } from "./load.ts";
import type { Figure } from "./report.ts";

/** B1: durable accepts per second as a share of the bare server's, receiving alone and with everything running. */
export async function measureAccepting(bench: Bench): Promise<readonly Figure[]> {
  const seconds = bench.isQuick ? 4 : 10;
  const bareBefore = await measureBare(seconds);
  const alone = await accepts(bench, "receive", seconds);
  const together = await accepts(bench, "all", seconds);
  const bareAfter = await measureBare(seconds);
  const bare = (bareBefore.perSecond + bareAfter.perSecond) / 2;
  const figure = (what: string, result: Accepts, target: number): Figure => ({
    id: "B1",
    what,
    measured: `${(result.perSecond / bare).toFixed(2)} (${Math.round(result.perSecond)}/s, p99 ${result.p99Ms.toFixed(0)} ms)`,
    target: `≥ ${target.toFixed(2)}`,
    isReached: result.perSecond / bare >= target,
  });
  return [
    {
      id: "B1",
      what: "bare node:http, before and after",
      measured: `${Math.round(bareBefore.perSecond)}/s, ${Math.round(bareAfter.perSecond)}/s (p99 ${bareAfter.p99Ms.toFixed(0)} ms)`,
      target: "",
      isReached: null,
    },
    figure("accepts ÷ bare, role receive", alone, 0.4),
    figure("accepts ÷ bare, role all", together, 0.3),
  ];
}

type Accepts = { readonly perSecond: number; readonly p99Ms: number };

async function accepts(bench: Bench, role: string, seconds: number): Promise<Accepts> {
  const subject = await startNodeProcess(bench.makeDataDir(), { OVERWATCH_ROLE: role });
  try {
    const integration = await subject.call("POST", "/integrations", { name: "bench", platform: "datadog" });
    const path = new URL(String(integration.webhook_url)).pathname;
    const source = createAlertSource(path, String(integration.signing_secret));
    // Every alert its own condition, so that triage has all of its work to do.
    const requests = Array.from({ length: 20_000 }, (_, index) => source.firing(`accept-${index}`));
    const next = (index: number): Buffer => requests[index % requests.length] ?? Buffer.alloc(0);
    await saturate(subject.port, next, { connections: 64, seconds: 2 });
    const result = await saturate(subject.port, next, { connections: 64, seconds });
    if (result.refused > 0) bench.say(`  ${result.refused} of ${result.refused + result.accepted} were refused`);
    return { perSecond: result.accepted / result.seconds, p99Ms: percentile(result.latenciesMs, 0.99) };
  } finally {
    await subject.stop();
  }
}
