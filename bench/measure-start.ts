import { startNodeProcess } from "../server/test/support/node-process.ts";
import type { Bench } from "./bench.ts";
import type { Figure } from "./report.ts";

/** B8: from the start of the process to the first 200 of /readyz, on a database that is there already. */
export async function measureStart(bench: Bench): Promise<readonly Figure[]> {
  const dataDir = bench.makeDataDir();
  const first = await startNodeProcess(dataDir);
  await first.stop();
  const times: number[] = [];
  for (let round = 0; round < (bench.isQuick ? 3 : 7); round++) {
    const subject = await startNodeProcess(dataDir);
    times.push(subject.readyMs);
    await subject.stop();
  }
  const median = times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
  return [
    {
      id: "B8",
      what: `restart to ready (first start ${first.readyMs.toFixed(0)} ms)`,
      measured: `${median.toFixed(0)} ms`,
      target: "≤ 1000 ms",
      isReached: median <= 1_000,
    },
  ];
}
