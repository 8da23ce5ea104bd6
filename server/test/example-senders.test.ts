import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readReceipt } from "../src/reading/read-receipt.ts";
import { commandOf, findPython, runToEnd } from "./support/example-program.ts";
import { openReceiveKit, type ReceiveKit, SECRET as SIGNING_SECRET, storedReceipts } from "./support/receive-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const python = findPython();
if (python === null) process.stderr.write("\nSKIPPED: Python 3.9 is not installed; send-alert.py is not tested.\n\n");

const KEPT = { status: 200, body: '{"success":true,"data":{"receipt_id":"01980000-0000-7000-8000-00000000000b"}}' };

const SENDERS = [
  { file: "send/send-alert.sh", isFound: true, platform: "datadog" as const, header: "x-datadog-signature" },
  { file: "send/send-alert.mjs", isFound: true, platform: "custom" as const, header: "x-overwatch-signature" },
  {
    file: "send/send-alert.py",
    isFound: python !== null,
    platform: "custom" as const,
    header: "x-overwatch-signature",
  },
];

const RUN = SENDERS.filter(({ isFound }) => isFound || process.env.REQUIRE_EXAMPLES === "1");

/** Runs a sender; the arguments after the first are those that only the custom ones read. */
function sendAlert(file: string, status: string, url: string, secret = SIGNING_SECRET) {
  const args = [status, "disk/db-1", 'Disk of "db-1" is full – 97 %', "critical"];
  return runToEnd(commandOf(file), { WEBHOOK_URL: url, SECRET: secret }, args);
}

describe.each(RUN)("the sender $file", ({ file, header }) => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver({ respond: KEPT });
  });
  afterAll(async () => {
    await receiver.close();
  });

  test("signs the very bytes that it sends", async () => {
    const ended = await sendAlert(
      file,
      "firing",
      `${receiver.url}/signed`,
      "a secret with 'quotes', $signs and – dashes",
    );
    expect(ended).toMatchObject({ code: 0, errors: "" });
    const request = await receiver.waitFor(({ url }) => url === "/signed");
    const mac = createHmac("sha256", "a secret with 'quotes', $signs and – dashes").update(request.body).digest("hex");
    expect(request.headers[header]).toBe(`sha256=${mac}`);
    expect(request).toMatchObject({ method: "POST", headers: { "content-type": "application/json" } });
  });

  test.each([
    ["a redirect", { status: 302, headers: { location: "/elsewhere" }, body: KEPT.body }],
    ["a refused signature", { status: 401, body: '{"error":{"code":"WEBHOOK_VALIDATION_FAILED"}}' }],
    ["the page of a proxy", { status: 200, body: "<html>Please log in</html>" }],
  ])("reports %s as a failure and does not try again", async (name, answer) => {
    const path = `/${encodeURIComponent(name)}`;
    receiver.respondWith(answer);
    const ended = await sendAlert(file, "firing", receiver.url + path);
    receiver.respondWith(KEPT);
    expect(ended.code).toBe(1);
    expect(receiver.requests.filter(({ url }) => url === path || url === "/elsewhere")).toHaveLength(1);
  });

  test("explains its use instead of sending anything without a status that it knows", async () => {
    const before = receiver.requests.length;
    const ended = await sendAlert(file, "sideways", receiver.url);
    expect(ended.code).toBe(2);
    expect(ended.errors).toContain("firing|resolved");
    expect(receiver.requests).toHaveLength(before);
  });
});

// curl waits a second at least, so its own retries are left to it.
describe.each(RUN.filter(({ platform }) => platform === "custom"))("the sender $file", ({ file }) => {
  test("tries again with the same bytes when it is told to, after the time that it is told", async () => {
    const busy = (status: number) => ({ status, headers: { "retry-after": "0" } });
    const answers = [busy(503), busy(429)];
    const receiver = await startReceiver({ respond: ({ index }) => answers[index] ?? KEPT });
    const ended = await sendAlert(file, "firing", receiver.url);
    await receiver.close();
    const bodies = receiver.requests.map(({ body }) => body.toString());
    expect(ended.code).toBe(0);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
  });
});

describe("the receiving stage", () => {
  let kit: ReceiveKit;
  beforeAll(async () => {
    kit = await openReceiveKit();
  });
  afterAll(async () => {
    await kit.close();
  });

  test.each(RUN)("takes what $file sends as one condition that fires and is resolved", async ({ file, platform }) => {
    const integration = kit.add({ platform });
    const url = `http://127.0.0.1:${kit.port}/api/v1/webhooks/${platform}/${integration.id}`;
    for (const status of ["firing", "resolved"]) {
      expect(await sendAlert(file, status, url)).toMatchObject({ code: 0, errors: "" });
    }
    const context = { headers: { "content-type": "application/json" }, receivedAt: Date.now() };
    const signals = (await storedReceipts(kit, integration.id)).flatMap(({ body }) => {
      const reading = readReceipt({ platform, mapping: null }, body, context);
      expect(reading).toMatchObject({ kind: "signals", warnings: [] });
      return reading.kind === "signals" ? reading.signals : [];
    });
    expect(signals.map(({ status }) => status)).toEqual(["firing", "resolved"]);
    expect(signals[0]?.severity).toBe("critical");
    expect(new Set(signals.map(({ dedupKey }) => dedupKey)).size).toBe(1);
  });

  test("refuses what a sender signed with another secret", async () => {
    const integration = kit.add({ platform: "datadog" });
    const url = `http://127.0.0.1:${kit.port}/api/v1/webhooks/datadog/${integration.id}`;
    const ended = await sendAlert("send/send-alert.sh", "firing", url, "another secret of good length");
    expect(ended).toMatchObject({ code: 1, output: expect.stringContaining("WEBHOOK_VALIDATION_FAILED") });
  });
});

test("the documented Datadog alert is the one that the shell sender sends", async () => {
  const receiver = await startReceiver({ respond: KEPT });
  await sendAlert("send/send-alert.sh", "firing", receiver.url);
  await receiver.close();
  const fixture = join(import.meta.dirname, "../src/platforms/datadog/fixtures/firing-documented.json");
  expect(JSON.parse(receiver.requests[0]?.body.toString() ?? "")).toEqual(
    JSON.parse(readFileSync(fixture, "utf8")).payload,
  );
});
