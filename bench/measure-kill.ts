import { startNodeProcess } from "../server/test/support/node-process.ts";
import type { Bench } from "./bench.ts";
import { sendAtRate } from "./load.ts";
import { connectTo } from "./pipeline.ts";
import { startReceiver } from "./receiver.ts";
import type { Figure } from "./report.ts";

const ALERTS = 1_000;
const WITHIN_MS = 5_000;
const PATIENCE_MS = 60_000;
// Long enough for a second send of anything to show itself.
const AFTERMATH_MS = 3_000;

/**
 * B10: 1,000 alerts are acknowledged while the receiver answers 503, the process is killed, and started again with the
 * receiver back: how many webhooks arrive, how soon after it is ready, and how many of them twice.
 */
export async function measureKill(bench: Bench): Promise<readonly Figure[]> {
  const receiver = await startReceiver();
  const dataDir = bench.makeDataDir();
  try {
    receiver.refuse(true);
    const first = await startNodeProcess(dataDir);
    const { firing } = await connectTo(first, receiver);
    const requests = Array.from({ length: ALERTS }, (_, index) => firing(`kill-${index}`));
    const { accepted } = await sendAtRate(first.port, (index) => requests[index] ?? Buffer.alloc(0), {
      perSecond: ALERTS / 2,
      seconds: 2,
      connections: 64,
      onSend: () => undefined,
    });
    await first.kill("SIGKILL");
    receiver.refuse(false);
    const second = await startNodeProcess(dataDir);
    const readyAt = performance.now();
    await receiver.waitFor(accepted, PATIENCE_MS);
    const lastAt = Math.max(readyAt, ...receiver.arrivals.values());
    await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
    const delivered = receiver.arrivals.size;
    const repeated = receiver.received() - delivered;
    await second.stop();
    return [
      {
        id: "B10",
        what: `killed after acknowledging ${accepted} alerts, delivered after the next start`,
        measured: `${delivered} within ${((lastAt - readyAt) / 1_000).toFixed(1)} s of ready, ${repeated} of them twice`,
        target: `${ALERTS} within ${WITHIN_MS / 1_000} s, 0 twice`,
        isReached: accepted === ALERTS && delivered === ALERTS && lastAt - readyAt <= WITHIN_MS && repeated === 0,
      },
    ];
  } finally {
    await receiver.close();
  }
}
