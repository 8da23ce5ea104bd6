import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEgress, type Egress, type EgressRequest } from "../src/runtime/egress.ts";
import { type Play, type RawReceiver, saying, startRawReceiver } from "./support/raw-receiver.ts";

let target: RawReceiver;
let out: Egress;

beforeAll(async () => {
  target = await startRawReceiver(() => undefined);
  out = createEgress({ allowCidrs: ["127.0.0.0/8"], connectTimeoutMs: 2_000 });
});

afterAll(async () => {
  await out.close();
  await target.close();
});

let keys = 0;
/** A request over a connection of its own. */
function post(more: Partial<EgressRequest> = {}): EgressRequest {
  keys += 1;
  const poolKey = String(keys);
  return { url: target.url, method: "POST", headers: {}, body: '{"a":1}', timeoutMs: 10_000, poolKey, ...more };
}

async function sendTo(play: Play, more: Partial<EgressRequest> = {}) {
  target.playWith(play);
  const outcome = await out.send(post(more));
  return { ...outcome, kind: outcome.ok ? "ok" : outcome.reason };
}

/** Plays a receiver that writes one piece after the other, as fast as they are taken, and then goes on for ever with the last. */
const dripping =
  (pieces: readonly string[], last: string): Play =>
  async ({ request, socket }) => {
    await request;
    for (const piece of pieces) socket.write(piece);
    const timer = setInterval(() => socket.write(last), 2);
    socket.once("close", () => clearInterval(timer));
  };

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const HEAD = "HTTP/1.1 200 OK\r\n";

describe("a receiver that takes its time", () => {
  test.each([
    ["says nothing at all", () => undefined],
    ["drips its status line", dripping([], "H")],
    ["drips one header after the other", dripping([HEAD], "a: b\r\n")],
    ["drips a body", dripping([`${HEAD}content-length: 1000000\r\n\r\n`], "x")],
    ["drips chunks", dripping([`${HEAD}transfer-encoding: chunked\r\n\r\n`], "1\r\nx\r\n")],
    ["drips a chunk's length", dripping([`${HEAD}transfer-encoding: chunked\r\n\r\n`], "0")],
    ["drips the end of its chunks", dripping([`${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n`], "t: x\r\n")],
    ["drips a body without a length", dripping([`${HEAD}\r\n`], "x")],
    ["announces more than it sends", saying(`${HEAD}content-length: 10\r\n\r\nhalf`, "keep")],
  ] satisfies [string, Play][])("and %s is cut off and typed, and its connection is closed", async (_what, play) => {
    const outcome = await sendTo(play, { timeoutMs: 120 });
    // Drips of one byte can break the rules of HTTP before the deadline comes.
    expect(outcome.kind).toMatch(/^(timeout|reset)$/);
    await target.waitForNoConnections();
  });

  test("and drips a valid answer is a timeout with what came so far", async () => {
    const outcome = await sendTo(dripping([`${HEAD}content-length: 1000000\r\n\r\nstart`], "."), { timeoutMs: 120 });
    expect(outcome).toMatchObject({ kind: "timeout", status: 200, body: expect.stringMatching(/^start/) });
    expect(outcome).toMatchObject({ message: expect.stringContaining("unfinished answer") });
  });

  test("and never agrees on TLS is a timeout that says so", async () => {
    const hasty = createEgress({ allowCidrs: ["127.0.0.0/8"], connectTimeoutMs: 60 });
    target.playWith(() => undefined);
    const outcome = await hasty.send(post({ url: target.url.replace("http", "https") }));
    expect(outcome).toMatchObject({ ok: false, reason: "timeout", message: expect.stringContaining("agree on TLS") });
    await target.waitForNoConnections();
    await hasty.close();
  });
});

describe("a receiver that breaks off", () => {
  test.each([
    ["resets as soon as it is connected", ({ socket }) => socket.resetAndDestroy()],
    ["closes as soon as it is connected", ({ socket }) => socket.end()],
    ["resets instead of answering", saying("", "reset")],
    ["closes instead of answering", saying("")],
    ["closes within its head", saying("HTTP/1.1 200 OK\r\ncontent-le")],
    ["closes within its body", saying(`${HEAD}content-length: 10\r\n\r\nhalf`)],
    ["closes within its chunks", saying(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhal`)],
    ["closes before the last chunk", saying(`${HEAD}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n`)],
  ] satisfies [string, Play][])("and %s is a reset", async (_what, play) => {
    const outcome = await sendTo(play);
    expect(["reset", "connect"], outcome.ok ? "" : outcome.message).toContain(outcome.kind);
    await target.waitForNoConnections();
  });

  const answers = {
    "with a length": OK,
    "in chunks": `${HEAD}transfer-encoding: chunked\r\nx: y\r\n\r\n1\r\no\r\n1;a=b\r\nk\r\n0\r\n\r\n`,
    "after an interim one": `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}`,
    "of failure": "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbusy",
  };
  test.each(Object.entries(answers))(
    "at any byte of an answer %s is typed, and only the whole one counts",
    async (name, whole) => {
      for (const then of ["fin", "reset"] as const) {
        const ends = Array.from({ length: whole.length + 1 }, (_, length) => length);
        const outcomes = await Promise.all(ends.map((length) => cut(whole, length, then)));
        const expected = name === "of failure" ? "server_error" : "ok";
        // A reset can overtake the bytes before it; then the whole answer is one that broke off as well.
        const last = outcomes.at(-1);
        expect(then === "fin" ? [expected] : [expected, "reset"]).toContain(last);
        expect(new Set(outcomes.slice(0, -1))).toEqual(new Set(["reset"]));
      }
      await target.waitForNoConnections();
    },
  );

  /** Each connection is told by its own request where to stop, so that all can go at once. */
  async function cut(whole: string, length: number, then: "fin" | "reset"): Promise<string> {
    target.playWith(async (connection) => {
      const asked = /x-length: (\d+)/.exec(await connection.request)?.[1];
      saying(whole.slice(0, Number(asked)), then)(connection);
    });
    const outcome = await out.send(post({ headers: { "x-length": String(length) } }));
    return outcome.ok ? "ok" : outcome.reason;
  }
});

describe("a receiver that says what is not HTTP", () => {
  test.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["bytes without sense", Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10])],
    ["a version of its own", "HTTP/9.9 200 OK\r\n\r\n"],
    ["HTTP/2 without being asked", Buffer.from("505249202a20485454502f322e300d0a0d0a534d0d0a0d0a", "hex")],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["no status", "HTTP/1.1 OK\r\n\r\n"],
    ["a line without a colon", `${HEAD}nonsense\r\n\r\n`],
    ["a space before the colon", `${HEAD}content-length : 2\r\n\r\nok`],
    ["a header with a NUL", `${HEAD}a: b\0c\r\n\r\n`],
    ["a negative length", `${HEAD}content-length: -1\r\n\r\n`],
    ["a length with a sign", `${HEAD}content-length: +2\r\n\r\nok`],
    ["a length in words", `${HEAD}content-length: two\r\n\r\nok`],
    ["a length beyond counting", `${HEAD}content-length: 99999999999999999999999\r\n\r\nok`],
    ["two lengths", `${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\nok`],
    ["two lengths in one", `${HEAD}content-length: 2, 3\r\n\r\nok`],
    ["a length and chunks", `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
    ["a chunk of negative length", `${HEAD}transfer-encoding: chunked\r\n\r\n-1\r\n`],
    ["a chunk beyond counting", `${HEAD}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n`],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"],
  ])("%s is a reset", async (_what, answer) => {
    const outcome = await sendTo(saying(answer, "keep"), { timeoutMs: 3_000 });
    expect(outcome.kind, JSON.stringify(outcome)).toBe("reset");
    await target.waitForNoConnections();
  });

  test("a TLS connection that turns into something else is a failure of TLS", async () => {
    const url = target.url.replace("http", "https");
    for (const answer of [
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      Buffer.alloc(64, 7),
      Buffer.from("15030300020228", "hex"),
    ]) {
      target.playWith(({ socket }) => socket.once("data", () => socket.end(answer)));
      expect(await out.send(post({ url }))).toMatchObject({ ok: false, reason: "tls" });
    }
    target.playWith(({ socket }) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await out.send(post({ url }))).toMatchObject({ ok: false, reason: "tls" });
    await target.waitForNoConnections();
  });
});

describe("a receiver that lies about its answer", () => {
  test("never gets bytes beyond its length into the next answer", async () => {
    const poolKey = "one connection";
    const poisoned = `${OK}HTTP/1.1 200 OK\r\nx-forged: yes\r\ncontent-length: 6\r\n\r\nforged`;
    const first = await sendTo(saying(poisoned, "keep"), { poolKey });
    expect(first).toMatchObject({ kind: "ok", body: "ok" });
    const second = await sendTo(saying("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"), { poolKey });
    expect(second.headers?.["x-forged"]).toBeUndefined();
    expect(second.status).not.toBe(200);
  });
});

describe("a receiver that says too much", () => {
  test.each([
    ["headers without number", "name: value\r\n".repeat(100)],
    ["one header without end", "x".repeat(2_000)],
  ])("in %s is stopped at 16 KiB", async (_what, more) => {
    const before = target.bytesPoured();
    const outcome = await sendTo(async ({ request, socket, pour }) => {
      await request;
      socket.write(`${HEAD}name: `);
      pour(more);
    });
    expect(outcome).toMatchObject({ kind: "reset", message: expect.stringMatching(/16 KiB|HTTP/) });
    await target.waitForNoConnections();
    expect(target.bytesPoured() - before).toBeLessThan(30_000_000);
  });

  test("in trailers is stopped, too", async () => {
    const outcome = await sendTo(async ({ request, socket, pour }) => {
      await request;
      socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n`);
      pour(`${"t".repeat(100)}: x\r\n`.repeat(20));
    });
    expect(outcome.kind).toBe("reset");
    await target.waitForNoConnections();
  });

  test("in interim answers is stopped after a few", async () => {
    const outcome = await sendTo(async ({ request, pour }) => {
      await request;
      pour("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100));
    });
    expect(outcome).toMatchObject({ kind: "reset", message: expect.stringContaining("interim") });
    await target.waitForNoConnections();
  });

  test.each([
    ["a body of a gigabyte", `content-length: ${2 ** 30}\r\n\r\n`, "x".repeat(65_536)],
    ["a body without a length", "\r\n", "x".repeat(65_536)],
    ["chunks without end", "transfer-encoding: chunked\r\n\r\n", `ffff\r\n${"x".repeat(65_535)}\r\n`],
    ["chunks of one byte", "transfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n".repeat(1_000)],
  ])("in %s is stopped at 64 KiB, and its status counts", async (_what, head, more) => {
    const before = target.bytesPoured();
    const outcome = await sendTo(
      async ({ request, socket, pour }) => {
        await request;
        socket.write(HEAD + head);
        pour(more);
      },
      { keepBytes: 1_000_000 },
    );
    expect(outcome.kind).toBe("ok");
    expect(outcome.body?.length).toBe(65_536);
    await target.waitForNoConnections();
    expect(target.bytesPoured() - before).toBeLessThan(64_000_000);
  });

  test("by compression never gets it undone, whatever steps it names", async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000));
    const steps = Array.from({ length: 1_000 }, () => "gzip").join(", ");
    for (const encoding of ["gzip", steps, "br", "zstd", "deflate, gzip", "x".repeat(100)]) {
      let asked = "";
      const before = process.memoryUsage().arrayBuffers;
      const outcome = await sendTo(async ({ request, socket }) => {
        asked = await request;
        socket.write(`${HEAD}content-encoding: ${encoding}\r\ncontent-length: ${bomb.length}\r\n\r\n`);
        socket.end(bomb);
      });
      expect(asked.toLowerCase()).toContain("accept-encoding: identity\r\n");
      expect(outcome).toMatchObject({ kind: "ok", body: bomb.toString("utf8", 0, 4_096) });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    }
  });
});

test("a thousand failures of all kinds leave no connection and no memory behind", { timeout: 60_000 }, async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Each acts on the first bytes, since those of TLS hold no request.
  const answering =
    (answer: string): Play =>
    ({ socket }) =>
      socket.once("data", () => socket.end(answer));
  const plays: readonly Play[] = [
    ({ socket }) => socket.once("data", () => socket.resetAndDestroy()),
    answering("nonsense\r\n\r\n"),
    answering(`${HEAD}content-length: 10\r\n\r\nhalf`),
    answering("HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n"),
    ({ socket }) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"),
    ({ socket }) => socket.resetAndDestroy(),
  ];
  const fail = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 50) {
      target.playWith((connection) => plays[connection.index % plays.length]?.(connection));
      const urls = [target.url, target.url.replace("http", "https")];
      // The endpoints are a hundred, so that connections are kept for later ones as well.
      const sent = Array.from({ length: 50 }, (_, index) =>
        out.send(post({ url: urls[index % 2] ?? "", poolKey: `leak ${index}`, timeoutMs: 5_000 })),
      );
      for (const outcome of await Promise.all(sent)) expect(outcome.ok && outcome.status).not.toBe(200);
    }
    await target.waitForNoConnections();
    collect();
  };
  await fail(500);
  const before = process.memoryUsage();
  await fail(1_000);
  const after = process.memoryUsage();
  expect(after.heapUsed - before.heapUsed).toBeLessThan(4_000_000);
  expect(after.rss - before.rss).toBeLessThan(60_000_000);
  expect(target.openConnections()).toBe(0);
});
