import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openReceiveKit, type ReceiveKit, signed, statusOfRaw, storedReceipts } from "./support/receive-kit.ts";

let kit: ReceiveKit;
let path = "";
let integrationId = "";
beforeAll(async () => {
  kit = await openReceiveKit();
  const integration = kit.add({});
  integrationId = integration.id;
  path = `/api/v1/webhooks/custom/${integration.id}`;
});
afterAll(async () => {
  await kit.close();
});

const BODY = JSON.stringify({ id: "a-1", title: "Disk full" });
const SIGNATURE = signed(BODY)["x-overwatch-signature"];
const MEBIBYTE = 1_048_576;
const CLOSED = /(?!)/;

/** A request with the given lines, ended by an empty one. */
const requestOf = (lines: readonly string[], body = ""): string => `${lines.join("\r\n")}\r\n\r\n${body}`;
const valid = (target = path, more: readonly string[] = []): string =>
  requestOf(
    [
      `POST ${target} HTTP/1.1`,
      "Host: overwatch.test",
      `X-Overwatch-Signature: ${SIGNATURE}`,
      `Content-Length: ${BODY.length}`,
      ...more,
    ],
    BODY,
  );
const answered = /\r\n\r\n[\s\S]*}$/;

/** Collects what a socket receives; `closed` resolves with all of it. */
function listen(socket: Socket): {
  readonly text: () => string;
  readonly closed: Promise<string>;
  until(pattern: RegExp): Promise<void>;
} {
  let text = "";
  const waiters: (() => void)[] = [];
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (const check of waiters) check();
  });
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  return {
    text: () => text,
    closed,
    until: (pattern) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (pattern.test(text)) resolve();
        };
        waiters.push(check);
        check();
      }),
  };
}

describe("a request that two parsers could read differently", () => {
  const base = [`POST ${"PATH"} HTTP/1.1`, "Host: overwatch.test"];
  const cases: readonly (readonly [string, () => string])[] = [
    [
      "a length and chunks (D01)",
      () => requestOf([...base, "Content-Length: 3", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
    ],
    ["two lengths (D01)", () => requestOf([...base, "Content-Length: 3", "Content-Length: 4"], "abcd")],
    ["two equal lengths (D01)", () => requestOf([...base, "Content-Length: 3, 3"], "abc")],
    ["chunks of chunks (D01)", () => requestOf([...base, "Transfer-Encoding: chunked, chunked"], "0\r\n\r\n")],
    [
      "chunks and something else (D01)",
      () => requestOf([...base, "Transfer-Encoding: chunked, identity"], "0\r\n\r\n"),
    ],
    ["a space before the colon (D01)", () => requestOf([...base, "Content-Length : 3"], "abc")],
    ["a folded header (D01)", () => requestOf([...base, "X-A: b", " c", "Content-Length: 3"], "abc")],
    ["a signed length (D01)", () => requestOf([...base, "Content-Length: +7"], "abcdefg")],
    ["a hexadecimal length (D01)", () => requestOf([...base, "Content-Length: 0x7"], "abcdefg")],
    ["a length beyond all numbers (D01)", () => requestOf([...base, `Content-Length: ${"9".repeat(40)}`], "abc")],
    ["bare line feeds (D01)", () => requestOf([...base, "Content-Length: 3"], "abc").replaceAll("\r\n", "\n")],
    ["two hosts (D02)", () => requestOf([...base, "Host: other.test", "Content-Length: 3"], "abc")],
    ["no host", () => requestOf(["POST PATH HTTP/1.1", "Content-Length: 3"], "abc")],
    [
      "an absolute target (D02)",
      () => requestOf(["POST http://overwatch.testPATH HTTP/1.1", "Host: overwatch.test", "Content-Length: 3"], "abc"),
    ],
    ["an asterisk for a target", () => requestOf(["OPTIONS * HTTP/1.1", "Host: overwatch.test"])],
    ["HTTP/0.9 (D02)", () => "GET PATH\r\n\r\n"],
    [
      "HTTP/2 that is none",
      () => requestOf(["POST PATH HTTP/2.0", "Host: overwatch.test", "Content-Length: 3"], "abc"),
    ],
    [
      "chunks in HTTP/1.0",
      () => requestOf(["POST PATH HTTP/1.0", "Host: a", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
    ],
    ["a header that is none", () => requestOf([...base, "no colon here"], "")],
    ["a NUL in a header", () => requestOf([...base, "X-A: a\0b", "Content-Length: 3"], "abc")],
    [
      "a NUL in the target",
      () => requestOf(["POST PATH\0 HTTP/1.1", "Host: overwatch.test", "Content-Length: 3"], "abc"),
    ],
    [
      "an upgrade (D12)",
      () => requestOf([...base, "Connection: Upgrade", "Upgrade: websocket", "Content-Length: 3"], "abc"),
    ],
  ];
  test.each(cases)("is refused with 400 and its connection closed: %s", async (_name, request) => {
    const text = await kit.raw(request().replaceAll("PATH", path), CLOSED);
    expect(statusOfRaw(text)).toBe(400);
    expect(text.toLowerCase()).toContain("connection: close");
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)).error.code).toBe("MALFORMED_REQUEST");
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toHaveLength(1);
  });

  test("may offer h2c, which is not taken up", async () => {
    const offer = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"];
    expect(statusOfRaw(await kit.raw(valid(path, offer), answered))).toBe(200);
  });

  test("has headers of at most 16 KiB: 431 (D06)", async () => {
    const text = await kit.raw(valid(path, [`X-Long: ${"x".repeat(17_000)}`]), CLOSED);
    expect(statusOfRaw(text)).toBe(431);
  });

  test("does not trace, connect or change its method (D11)", async () => {
    for (const first of [`TRACE ${path} HTTP/1.1`, "CONNECT overwatch.test:443 HTTP/1.1"]) {
      expect(statusOfRaw(await kit.raw(requestOf([first, "Host: overwatch.test"]), CLOSED))).toBe(405);
    }
    const override = requestOf([
      `GET ${path} HTTP/1.1`,
      "Host: a",
      "X-HTTP-Method-Override: POST",
      "Connection: close",
    ]);
    expect(statusOfRaw(await kit.raw(override, CLOSED))).toBe(405);
  });

  test("has one spelling of its path; others meet nothing (D10)", async () => {
    const others = [
      path.replace("/w", "/%77"),
      path.replace("/api", "//api"),
      path.replace("/api", "/./api"),
      `/x/..${path}`,
    ];
    for (const target of others) {
      expect(statusOfRaw(await kit.raw(valid(target, ["Connection: close"]), CLOSED))).toBe(404);
    }
  });

  test("cannot expect anything but to go on: 417", async () => {
    expect(statusOfRaw(await kit.raw(valid(path, ["Expect: magic"]), CLOSED))).toBe(417);
  });
});

describe("a body that is too large", () => {
  test("is refused from its length, before a byte of it is read (C01, F46)", async () => {
    const head = requestOf([`POST ${path} HTTP/1.1`, "Host: a", `Content-Length: ${100 * MEBIBYTE}`]);
    const text = await kit.raw(head, answered);
    expect(statusOfRaw(text)).toBe(413);
    expect(text).toContain("Connection: close");
  });

  test("is refused before it is sent when the sender asks first (D08)", async () => {
    const head = requestOf([
      `POST ${path} HTTP/1.1`,
      "Host: a",
      `Content-Length: ${100 * MEBIBYTE}`,
      "Expect: 100-continue",
    ]);
    const text = await kit.raw(head, CLOSED);
    expect(statusOfRaw(text)).toBe(413);
    expect(text).not.toContain("100 Continue");
  });

  test("is cut at the limit when it comes in chunks without end (C02, F46)", async () => {
    const socket = await kit.openSocket();
    const heard = listen(socket);
    socket.write(requestOf([`POST ${path} HTTP/1.1`, "Host: a", "Transfer-Encoding: chunked"]));
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    let sent = 0;
    const pour = (): void => {
      while (!socket.destroyed && sent < 100 * MEBIBYTE) {
        sent += 65_536;
        if (!socket.write(chunk)) {
          socket.once("drain", pour);
          return;
        }
      }
    };
    pour();
    const text = await heard.closed;
    expect(statusOfRaw(text)).toBe(413);
    expect(text).toContain("Connection: close");
    expect(await storedReceipts(kit, integrationId).then((rows) => rows.every((row) => row.body.length < 1_000))).toBe(
      true,
    );
  });

  test("leaves nothing behind that could be the next request (D09)", async () => {
    const smuggled = valid();
    const filler = "x".repeat(2 * MEBIBYTE);
    const head = requestOf([`POST ${path} HTTP/1.1`, "Host: a", `Content-Length: ${filler.length + smuggled.length}`]);
    const text = await kit.raw(head + filler + smuggled, CLOSED);
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 413"]);
  });
});

describe("a connection", () => {
  test("is told to go on once every check before the body is passed", async () => {
    const socket = await kit.openSocket();
    const heard = listen(socket);
    const [head = "", body = ""] = valid(path, ["Expect: 100-continue", "Connection: close"]).split("\r\n\r\n");
    socket.write(`${head}\r\n\r\n`);
    await heard.until(/100 Continue/);
    socket.write(body);
    expect(await heard.closed).toContain("HTTP/1.1 200 OK");
  });

  test("ends after a 401, and what was sent behind is not answered (D09)", async () => {
    const forged = valid().replace(SIGNATURE ?? "", `sha256=${"0".repeat(64)}`);
    const text = await kit.raw(forged + valid(), CLOSED);
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 401"]);
  });

  test("stays open after a 200 and after a small body that nobody wanted", async () => {
    const unknown = valid("/api/v1/webhooks/custom/01980000-0000-7000-8000-0000000000ff");
    const text = await kit.raw(valid() + unknown + valid(path, ["Connection: close"]), CLOSED);
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 404", "HTTP/1.1 200"]);
  });

  test("may carry a flood of requests at once, each answered in order (D07)", async () => {
    const flood = Array.from({ length: 200 }, (_, index) => valid(path, [`X-Request-ID: n-${index}`])).join("");
    const text = await kit.raw(flood + valid(path, ["X-Request-ID: last", "Connection: close"]), CLOSED);
    const ids = [...text.matchAll(/X-Request-ID: (\S+)/g)].map((match) => match[1]);
    expect(ids).toEqual([...Array.from({ length: 200 }, (_, index) => `n-${index}`), "last"]);
  });

  test("that sends its body too slowly is answered and cut after ten seconds (D04)", async () => {
    const socket = await kit.openSocket();
    const heard = listen(socket);
    const before = kit.receiver.inFlight();
    socket.write(requestOf([`POST ${path} HTTP/1.1`, "Host: a", "Content-Length: 100"], "{"));
    while (kit.receiver.inFlight() === before) await new Promise((resolve) => setImmediate(resolve));
    kit.advance(9_999);
    kit.receiver.sweep();
    expect(heard.text()).toBe("");
    kit.advance(1);
    kit.receiver.sweep();
    const text = await heard.closed;
    expect(statusOfRaw(text)).toBe(408);
    expect(kit.receiver.inFlight()).toBe(before);
  });

  test("that goes away in the middle of its body leaves nothing behind", async () => {
    const rows = (await storedReceipts(kit, integrationId)).length;
    const socket = await kit.openSocket();
    socket.write(requestOf([`POST ${path} HTTP/1.1`, "Host: a", "Content-Length: 100"], "{"));
    while (kit.receiver.inFlight() === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    while (kit.receiver.inFlight() > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await storedReceipts(kit, integrationId)).toHaveLength(rows);
  });
});
