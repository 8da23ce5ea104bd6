import type { Bench } from "./bench.ts";
import { percentile, sendAtRate } from "./load.ts";
import { type Pipeline, startPipeline } from "./pipeline.ts";
import type { Figure } from "./report.ts";

const STEPS = [
  { perSecond: 100, p50Ms: 6, p99Ms: 20 },
  { perSecond: 500, p50Ms: 6, p99Ms: 30 },
  { perSecond: 1_000, p50Ms: 8, p99Ms: 60 },
] as const;

/** B2: signed alert in to signed webhook out, every alert its own incident, at fixed rates. */
export async function measureLatency(bench: Bench): Promise<readonly Figure[]> {
  const pipeline = await startPipeline(bench);
  try {
    await run(pipeline, "warm", 200, 5);
    const figures: Figure[] = [];
    for (const step of STEPS) {
      const seconds = bench.isQuick ? 6 : 20;
      const { latencies, missing } = await run(pipeline, `rate${step.perSecond}`, step.perSecond, seconds);
      const p50 = percentile(latencies, 0.5);
      const p99 = percentile(latencies, 0.99);
      figures.push({
        id: "B2",
        what: `alert in → webhook out at ${step.perSecond}/s`,
        measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${missing} missing`,
        target: `≤ ${step.p50Ms} / ${step.p99Ms} ms, 0 missing`,
        isReached: p50 <= step.p50Ms && p99 <= step.p99Ms && missing === 0,
      });
    }
    return figures;
  } finally {
    await pipeline.stop();
  }
}

/** Runs one rate and returns the sorted latencies from the moment each alert was due to its webhook's arrival. */
async function run(
  pipeline: Pipeline,
  name: string,
  perSecond: number,
  seconds: number,
): Promise<{ readonly latencies: Float64Array; readonly missing: number }> {
  const { receiver, subject } = pipeline;
  receiver.reset();
  const dueAt = new Map<string, number>();
  const total = perSecond * seconds;
  // Made and signed beforehand: the load should cost as little as it can while it runs.
  const requests = Array.from({ length: total }, (_, index) => pipeline.firing(`${name}-${index}`));
  await sendAtRate(subject.port, (index) => requests[index] ?? Buffer.alloc(0), {
    perSecond,
    seconds,
    connections: 64,
    onSend: (index, due) => dueAt.set(`${name}-${index}`, due),
  });
  await receiver.waitFor(total, 10_000);
  const latencies: number[] = [];
  for (const [key, due] of dueAt) {
    const arrivedAt = receiver.arrivals.get(key);
    if (arrivedAt !== undefined) latencies.push(arrivedAt - due);
  }
  return { latencies: Float64Array.from(latencies).sort(), missing: total - latencies.length };
}
