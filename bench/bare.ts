import { spawn } from "node:child_process";
import { join } from "node:path";
import { endChild } from "../server/test/support/node-process.ts";
import { createAlertSource } from "./alerts.ts";
import { percentile, saturate } from "./load.ts";

/** Accepts per second of a bare node:http server that checks the signature, parses and stores nothing. */
export async function measureBare(seconds: number): Promise<{ readonly perSecond: number; readonly p99Ms: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "bare-server.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const port = await new Promise<number>((resolve) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  const source = createAlertSource("/", "benchmark-secret-of-the-bare-server");
  const requests = Array.from({ length: 5_000 }, (_, index) => source.firing(`bare-${index}`));
  const next = (index: number): Buffer => requests[index % requests.length] ?? Buffer.alloc(0);
  await saturate(port, next, { connections: 64, seconds: 2 });
  const result = await saturate(port, next, { connections: 64, seconds });
  await endChild(child, "SIGTERM");
  return { perSecond: result.accepted / result.seconds, p99Ms: percentile(result.latenciesMs, 0.99) };
}
