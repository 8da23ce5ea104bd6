import type { Bench } from "./bench.ts";
import { sendAtRate } from "./load.ts";
import { startPipeline } from "./pipeline.ts";
import { cpuSeconds, residentMiB } from "./process-figures.ts";
import type { Figure } from "./report.ts";

/** B7: memory at full load and at rest, processor time and statements at rest. */
export async function measureIdle(bench: Bench): Promise<readonly Figure[]> {
  const pipeline = await startPipeline(bench);
  try {
    const { pid } = pipeline.subject;
    const seconds = bench.isQuick ? 5 : 15;
    // Past the first heartbeats, and past the memory that a start leaves to be collected.
    await rest(6_000);
    const atRest = residentMiB(pid);
    const cpuBefore = cpuSeconds(pid);
    const statementsBefore = await statements(pipeline.subject);
    await rest(seconds * 1_000);
    const cpu = (cpuSeconds(pid) - cpuBefore) / seconds;
    const statementsPerSecond = ((await statements(pipeline.subject)) - statementsBefore) / seconds;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, residentMiB(pid));
    }, 100);
    const requests = Array.from({ length: 1_500 * seconds }, (_, index) => pipeline.firing(`load-${index}`));
    await sendAtRate(pipeline.subject.port, (index) => requests[index] ?? Buffer.alloc(0), {
      perSecond: 1_500,
      seconds,
      connections: 64,
      onSend: () => undefined,
    });
    clearInterval(watch);
    const figure = (what: string, measured: string, target: string, isReached: boolean): Figure => ({
      id: "B7",
      what,
      measured,
      target,
      isReached,
    });
    return [
      figure("memory at 1,500 alerts/s", `${most.toFixed(0)} MiB`, "≤ 250 MiB", most <= 250),
      figure("memory at rest", `${atRest.toFixed(0)} MiB`, "≤ 120 MiB", atRest <= 120),
      figure("processor at rest", `${(cpu * 100).toFixed(2)} %`, "≤ 1 %", cpu <= 0.01),
      figure("statements at rest", `${statementsPerSecond.toFixed(2)}/s`, "≤ 2/s", statementsPerSecond <= 2),
    ];
  } finally {
    await pipeline.stop();
  }
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function statements(subject: { readonly port: number }): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${subject.port}/metrics`)).text();
  return Number(/^overwatch_database_statements_total (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}
