import type { Bench } from "./bench.ts";
import { saturate } from "./load.ts";
import { startPipeline } from "./pipeline.ts";
import type { Figure } from "./report.ts";

const SIGNALS = 20_000;

/** B5: a storm of one condition is one incident and one `incident.created`, and does not slow accepting. */
export async function measureStorm(bench: Bench): Promise<readonly Figure[]> {
  const pipeline = await startPipeline(bench);
  try {
    const distinct = Array.from({ length: SIGNALS }, (_, index) => pipeline.firing(`own-${index}`));
    const same = pipeline.firing("storm");
    const ordinary = await saturate(pipeline.subject.port, (index) => distinct[index] ?? same, {
      connections: 64,
      requests: SIGNALS,
    });
    await pipeline.receiver.waitFor(SIGNALS, 120_000);
    pipeline.receiver.reset();
    const storm = await saturate(pipeline.subject.port, () => same, { connections: 64, requests: SIGNALS });
    await pipeline.receiver.waitFor(1, 60_000);
    const signals = await waitForSignals(pipeline.subject, SIGNALS);
    const ratio = storm.accepted / storm.seconds / (ordinary.accepted / ordinary.seconds);
    return [
      {
        id: "B5",
        what: `${SIGNALS} signals of one group`,
        measured: `${ratio.toFixed(2)} × as fast as distinct ones, ${signals} signals in ${pipeline.receiver.received()} created webhook`,
        target: "≥ 0.90, one incident, one created",
        isReached: ratio >= 0.9 && signals === SIGNALS && pipeline.receiver.received() === 1,
      },
    ];
  } finally {
    await pipeline.stop();
  }
}

async function waitForSignals(
  subject: { call(method: string, path: string): Promise<Record<string, unknown>> },
  wanted: number,
): Promise<number> {
  const endsAt = performance.now() + 60_000;
  for (;;) {
    const list = await subject.call("GET", "/incidents?q=High%20CPU%20usage%20storm&limit=10");
    const rows = Array.isArray(list.data) ? (list.data as { signal_count?: number }[]) : [];
    const count = rows.length === 1 ? (rows[0]?.signal_count ?? 0) : 0;
    if (count >= wanted || performance.now() > endsAt) return count;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
