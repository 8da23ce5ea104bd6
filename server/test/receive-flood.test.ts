import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, createCluster, createSender, type Sender } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

// Senders that nobody has identified yet pour more than a node may hold; a real process, real sockets, all bounded.

const MEBIBYTE = 1_048_576;
const FLOODS = 100;
const FLOOD_BYTES = 100 * MEBIBYTE;

let cluster: Cluster;
let node: NodeProcess;
let sender: Sender;
beforeAll(async () => {
  cluster = await createCluster();
  node = await cluster.start();
  sender = await createSender(node);
});
afterAll(async () => {
  await cluster.close();
});

describe.runIf(process.platform === "linux")("a hundred floods of 100 MB at once (F46)", () => {
  test("are each answered 413 or 503 and cut, and add less than 32 MB to the process", {
    timeout: 60_000,
  }, async () => {
    const path = `/api/v1/webhooks/datadog/${sender.integrationId}`;
    // What any request makes the process load is not what a flood costs.
    await Promise.all(Array.from({ length: 20 }, () => flood(node.port, path, 2 * MEBIBYTE)));
    const before = residentBytes(node.pid);
    resetPeak(node.pid);
    const answers = await Promise.all(Array.from({ length: FLOODS }, () => flood(node.port, path, FLOOD_BYTES)));
    const added = peakBytes(node.pid) - before;
    expect(new Set(answers.map((answer) => answer.status)).difference(new Set([413, 503]))).toEqual(new Set());
    expect(added).toBeLessThan(32 * MEBIBYTE);
    expect(await sender.send("after the flood")).toBe(200);
  });
});

type FloodAnswer = { readonly status: number; readonly sent: number };

/** Pours chunks into a socket until the other side ends it; resolves with the status of the answer. */
function flood(port: number, path: string, most: number): Promise<FloodAnswer> {
  const chunk = Buffer.from(`10000\r\n${"x".repeat(65_536)}\r\n`);
  return new Promise((resolve) => {
    let text = "";
    let sent = 0;
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), sent }));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const pour = (): void => {
      while (sent < most && !socket.destroyed) {
        sent += 65_536;
        if (!socket.write(chunk)) return void socket.once("drain", pour);
      }
    };
    pour();
  });
}

function residentBytes(pid: number): number {
  return readStatus(pid, "VmRSS");
}

function peakBytes(pid: number): number {
  return readStatus(pid, "VmHWM");
}

/** Makes the kernel begin anew with the peak of resident memory. */
function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function readStatus(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0) * 1_024;
}
