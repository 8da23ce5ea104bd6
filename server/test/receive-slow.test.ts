import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SERVER_OPTIONS } from "../src/receive/http-guard.ts";
import { openReceiveKit, type ReceiveKit, signed, statusOfRaw } from "./support/receive-kit.ts";

const BODY = JSON.stringify({ id: "a-1", title: "Disk full" });
const SLOW_SOCKETS = 1_000;

describe("a sender that never finishes its headers (D03)", () => {
  let kit: ReceiveKit;
  beforeAll(async () => {
    // The listener's own ten seconds, in a small measure.
    kit = await openReceiveKit({}, { headersTimeout: 50, connectionsCheckingInterval: 10 });
  });
  afterAll(async () => {
    await kit.close();
  });

  test("has ten seconds for them, and all of its request is bounded", () => {
    expect(SERVER_OPTIONS.headersTimeout).toBe(10_000);
    expect(SERVER_OPTIONS.requestTimeout).toBe(30_000);
  });

  test("is answered 408 and cut when that time is over", async () => {
    const text = await kit.raw("POST /api/v1/webhooks/custom/x HTTP/1.1\r\nHost: a\r\nX-Slow: ", /(?!)/);
    expect(statusOfRaw(text)).toBe(408);
    expect(text).toContain("MALFORMED_REQUEST");
  });

  test("cannot gain time by sending a little now and then", async () => {
    const socket = await kit.openSocket();
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.write("POST /api/v1/webhooks/custom/x HTTP/1.1\r\nHost: a\r\n");
    const drip = setInterval(() => socket.write("X-Slow: 1\r\n"), 5);
    await closed;
    clearInterval(drip);
  });
});

describe("a thousand slow senders (D05)", () => {
  let kit: ReceiveKit;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    kit = await openReceiveKit();
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await kit.close();
  });

  test("do no harm to a webhook that comes while they crawl", async () => {
    const path = `/api/v1/webhooks/custom/${kit.add({}).id}`;
    const starts = [
      // Headers without end, a body declared small, one declared large, and chunks.
      `POST ${path} HTTP/1.1\r\nHost: a\r\nX-Slow: `,
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n{`,
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n{`,
      `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
    ];
    for (let index = 0; index < SLOW_SOCKETS; index += 1) {
      const socket = await kit.openSocket();
      socket.on("error", () => undefined);
      socket.write(starts[index % starts.length] ?? "");
      sockets.push(socket);
    }
    while (kit.receiver.inFlight() < (SLOW_SOCKETS * 3) / 4) await new Promise((resolve) => setImmediate(resolve));
    for (let index = 0; index < 20; index += 1) {
      const answer = await kit.send({ path, headers: signed(BODY), body: BODY });
      expect(answer.status).toBe(200);
    }
    const large = JSON.stringify({ id: "a-2", title: "Disk full", description: "x".repeat(500_000) });
    expect((await kit.send({ path, headers: signed(large), body: large })).status).toBe(200);
    expect(sockets.filter((socket) => socket.destroyed)).toEqual([]);
  });
});
