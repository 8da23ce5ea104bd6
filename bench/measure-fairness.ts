import type { Bench } from "./bench.ts";
import { type Scene, startScene, type Target } from "./fairness-scene.ts";
import type { Figure } from "./report.ts";

const TICK_MS = 50;

type Scale = {
  readonly healthy: number;
  readonly waiting: number;
  readonly seconds: number;
  readonly churnSeconds: number;
};

const FULL: Scale = { healthy: 1_000, waiting: 1_000_000, seconds: 30, churnSeconds: 600 };
const QUICK: Scale = { healthy: 300, waiting: 200_000, seconds: 10, churnSeconds: 60 };

/**
 * B11: what one endpoint with a million waiting deliveries costs the others, what claims cost, whether tables and indexes
 * grow under churn, and what a noisy organization costs a quiet one.
 */
export async function measureFairness(bench: Bench): Promise<readonly Figure[]> {
  const scale = bench.isQuick ? QUICK : FULL;
  const scene = await startScene(bench);
  try {
    const [{ id: home } = { id: "" }] = (await scene.database.query<{ id: string }>("select id from organizations"))
      .rows;
    const healthy = await scene.makeEndpoints(home, scale.healthy, 0);
    const [large] = await scene.makeEndpoints(home, 1, 50);
    if (large === undefined) throw new Error("no endpoint was made");
    await trickle(scene, healthy, 5, 4);
    bench.say("  alone …");
    const alone = await trickle(scene, healthy, scale.seconds, 5);
    bench.say(`  ${scale.waiting.toLocaleString("en")} deliveries for one endpoint …`);
    await scene.pileUp(large, scale.waiting);
    await scene.database.query("checkpoint");
    const claimsBefore = await claimFigures(scene);
    const beside = await trickle(scene, healthy, scale.seconds, 5);
    const claims = difference(claimsBefore, await claimFigures(scene));
    bench.say(`  churn for ${scale.churnSeconds} s …`);
    const before = await storage(scene);
    const churned = await trickle(scene, healthy, scale.churnSeconds, 10);
    const after = await storage(scene);
    bench.say("  a noisy organization …");
    const quiet = await measureQuiet(scene, healthy, scale.seconds);
    const ratio = percentile(beside.latencies, 0.95) / percentile(alone.latencies, 0.95);
    const growth = after.indexMiB / before.indexMiB;
    return [
      figure(
        `p95 of ${scale.healthy} endpoints beside one with ${scale.waiting.toLocaleString("en")} waiting ÷ alone`,
        `${ratio.toFixed(2)} (${spell(alone)} alone, ${spell(beside)} beside)`,
        "≤ 1.2, none lost",
        ratio <= 1.2 && alone.lost + beside.lost === 0,
      ),
      figure(
        "one look for what is due, claim included",
        `mean ${claims.meanMs.toFixed(1)} ms, ${(100 * claims.within10Ms).toFixed(0)} % within 10 ms of ${claims.count}`,
        "≤ 10 ms",
        claims.meanMs <= 10,
      ),
      figure(
        `indexes of deliveries after ${scale.churnSeconds} s of churn (${churned.latencies.length} sent beside the large one)`,
        `${before.indexMiB.toFixed(0)} → ${after.indexMiB.toFixed(0)} MiB, ${after.deadRows} dead of ${after.liveRows} rows, p95 ${percentile(churned.latencies, 0.95).toFixed(0)} ms`,
        "≤ 1.2 ×, dead ≤ 10 %",
        growth <= 1.2 && after.deadRows <= 0.1 * after.liveRows,
      ),
      figure(
        "a quiet organization beside one with 10,000 deliveries a second",
        `p99 ${percentile(quiet.latencies, 0.99).toFixed(0)} ms of ${quiet.latencies.length}`,
        "< 1,000 ms",
        percentile(quiet.latencies, 0.99) < 1_000 && quiet.lost === 0,
      ),
    ];
  } finally {
    await scene.stop();
  }
}

type Trickle = { readonly latencies: readonly number[]; readonly lost: number };

/** Gives `each` endpoints one delivery at every tick, round robin, and waits up to ten seconds for the last. */
async function trickle(scene: Scene, targets: readonly Target[], seconds: number, each: number): Promise<Trickle> {
  const sent = new Map<string, number>();
  const endsAt = performance.now() + seconds * 1_000;
  let next = 0;
  for (let tick = performance.now(); tick < endsAt; tick += TICK_MS) {
    const group = Array.from({ length: each }, () => targets[next++ % targets.length]).filter(
      (one) => one !== undefined,
    );
    const at = performance.now();
    for (const id of await scene.deliver(group)) sent.set(id, at);
    await rest(tick + TICK_MS - performance.now());
  }
  const givesUpAt = performance.now() + 10_000;
  while (performance.now() < givesUpAt && !sent.keys().every((id) => scene.arrivals.has(id))) await rest(20);
  const latencies = [...sent].flatMap(([id, at]) => {
    const arrivedAt = scene.arrivals.get(id);
    return arrivedAt === undefined ? [] : [arrivedAt - at];
  });
  return { latencies: latencies.toSorted((one, other) => one - other), lost: sent.size - latencies.length };
}

/** A quiet organization gets five deliveries a second while the other gets ten thousand. */
async function measureQuiet(scene: Scene, noisy: readonly Target[], seconds: number): Promise<Trickle> {
  const quiet = await scene.makeEndpoints(await scene.makeOrganization(), 1, 0);
  let isOver = false;
  const noise = (async () => {
    for (let tick = performance.now(); !isOver; tick += 100) {
      await scene.deliver(
        Array.from({ length: 1_000 }, (_, index) => noisy[index % noisy.length]).filter((one) => one !== undefined),
      );
      await rest(tick + 100 - performance.now());
    }
  })();
  const latencies: number[] = [];
  let lost = 0;
  for (let round = 0; round < seconds * 5; round++) {
    const at = performance.now();
    const [id = ""] = await scene.deliver(quiet);
    const givesUpAt = at + 10_000;
    while (!scene.arrivals.has(id) && performance.now() < givesUpAt) await rest(2);
    const arrivedAt = scene.arrivals.get(id);
    if (arrivedAt === undefined) lost += 1;
    else latencies.push(arrivedAt - at);
    await rest(200 - (performance.now() - at));
  }
  isOver = true;
  await noise;
  return { latencies: latencies.toSorted((one, other) => one - other), lost };
}

type Claims = { readonly sum: number; readonly count: number; readonly within: number };

async function claimFigures(scene: Scene): Promise<Claims> {
  const text = await (await fetch(`${scene.node.url}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  return {
    sum: value("overwatch_claim_seconds_sum"),
    count: value("overwatch_claim_seconds_count"),
    within: value('overwatch_claim_seconds_bucket\\{le="0.01"\\}'),
  };
}

function difference(before: Claims, after: Claims): { meanMs: number; within10Ms: number; count: number } {
  const count = after.count - before.count;
  return {
    count,
    meanMs: (1_000 * (after.sum - before.sum)) / count,
    within10Ms: (after.within - before.within) / count,
  };
}

async function storage(scene: Scene): Promise<{ indexMiB: number; deadRows: number; liveRows: number }> {
  await scene.database.query("select pg_stat_clear_snapshot()");
  const { rows } = await scene.database.query<{ mib: number; dead: string; live: string }>(`
    select pg_indexes_size('deliveries') / 1048576.0::float8 as mib, n_dead_tup as dead, n_live_tup as live
    from pg_stat_user_tables
    where relname = 'deliveries'`);
  return { indexMiB: rows[0]?.mib ?? 0, deadRows: Number(rows[0]?.dead ?? 0), liveRows: Number(rows[0]?.live ?? 0) };
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.POSITIVE_INFINITY;
}

function spell(run: Trickle): string {
  return `${percentile(run.latencies, 0.95).toFixed(0)} ms of ${run.latencies.length}`;
}

function figure(what: string, measured: string, target: string, isReached: boolean): Figure {
  return { id: "B11", what, measured, target, isReached };
}
