import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import { measureAccepting } from "./measure-accepting.ts";
import { measureConsole } from "./measure-console.ts";
import { measureFairness } from "./measure-fairness.ts";
import { measureIdle } from "./measure-idle.ts";
import { measureKill } from "./measure-kill.ts";
import { measureLatency } from "./measure-latency.ts";
import { measureStart } from "./measure-start.ts";
import { measureStorm } from "./measure-storm.ts";
import { measureSustained } from "./measure-sustained.ts";
import { type Figure, formatReport } from "./report.ts";

// Prints Overwatch's figures as ratios against a bare server that this run measures itself. Everything stays on the
// loopback interface and ends by itself.

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "B1,B2,B3,B5,B7,B8,B10" },
    quick: { type: "boolean", default: false },
  },
});

const folders: string[] = [];
const bench: Bench = {
  isQuick: values.quick,
  makeDataDir() {
    const folder = mkdtempSync(join(tmpdir(), "overwatch-bench-"));
    folders.push(folder);
    return folder;
  },
  say: (line) => process.stderr.write(`${line}\n`),
};

const measurements: readonly (readonly [string, (bench: Bench) => Promise<readonly Figure[]>])[] = [
  ["B1", measureAccepting],
  ["B2", measureLatency],
  ["B3", measureSustained],
  ["B5", measureStorm],
  ["B7", measureIdle],
  ["B8", measureStart],
  ["B10", measureKill],
  ["B11", measureFairness],
  ["B12", measureConsole],
];

const wanted = new Set(values.only.split(","));
const figures: Figure[] = [];
try {
  for (const [id, measure] of measurements) {
    if (!wanted.has(id)) continue;
    bench.say(`${id} …`);
    figures.push(...(await measure(bench)));
  }
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${formatReport(figures)}\n`);
