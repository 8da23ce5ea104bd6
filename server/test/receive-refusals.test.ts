import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ReceivingIntegration } from "../src/receive/integration-cache.ts";
import {
  type Answer,
  openedSecret,
  openReceiveKit,
  type ReceiveKit,
  SECRET,
  type SentRequest,
  signed,
  storedReceipts,
} from "./support/receive-kit.ts";

let kit: ReceiveKit;
let isDraining = false;
let liveNodes = 1;
beforeAll(async () => {
  kit = await openReceiveKit({
    isDraining: () => isDraining,
    liveNodes: () => liveNodes,
    trustedProxies: ["127.0.0.0/8"],
  });
});
afterEach(() => {
  isDraining = false;
  liveNodes = 1;
});
afterAll(async () => {
  await kit.close();
});

const BODY = JSON.stringify({ id: "a-1", title: "Disk full" });
type Target = { readonly id: string; readonly platform: string };
const pathOf = (integration: Target): string => `/api/v1/webhooks/${integration.platform}/${integration.id}`;
const sendTo = (integration: Target, more: Partial<SentRequest> = {}): Promise<Answer> =>
  kit.send({ path: pathOf(integration), headers: signed(BODY), body: BODY, ...more });

async function expectNothingStored(integration: Target): Promise<void> {
  expect(await storedReceipts(kit, integration.id)).toEqual([]);
}

describe("an integration that cannot be told from none", () => {
  test("answers the same 404 when unknown, malformed, or of another platform (A14, A15)", async () => {
    const integration = kit.add({});
    const targets = [
      "/api/v1/webhooks/custom/01980000-0000-7000-8000-0000000000ff",
      "/api/v1/webhooks/custom/not-a-uuid",
      `/api/v1/webhooks/custom/${integration.id}/`,
      `/api/v1/webhooks/custom/${integration.id.toUpperCase()}`,
      `/api/v1/webhooks/datadog/${integration.id}`,
      `/api/v1/webhooks/opsgenie/${integration.id}`,
      "/api/v1/webhooks/custom",
    ];
    for (const path of targets) {
      const answer = await kit.send({ path, headers: { ...signed(BODY), "x-request-id": "same" }, body: BODY });
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual({
        error: {
          code: "INTEGRATION_NOT_FOUND",
          message: "No integration of this platform has this id",
          details: {},
          request_id: "same",
        },
      });
    }
    await expectNothingStored(integration);
  });

  test("counts under one label, so that strangers cannot grow the metrics (K03)", async () => {
    const before = await kit.metrics.read("webhook_requests_total", { platform: "unknown", status: "404" });
    for (const name of ["x", "y", "z"]) await kit.send({ path: `/api/v1/webhooks/${name}/1`, body: BODY });
    expect(await kit.metrics.read("webhook_requests_total", { platform: "unknown", status: "404" })).toBe(before + 3);
  });
});

describe("the checks before the body", () => {
  test("refuse a disabled integration with 403", async () => {
    const integration = kit.add({ enabled: false });
    const answer = await sendTo(integration);
    expect([answer.status, answer.json.error?.code]).toEqual([403, "INTEGRATION_DISABLED"]);
    await expectNothingStored(integration);
  });

  test("compare addresses as numbers, and believe only what the trusted proxy adds (B02, B05, B06)", async () => {
    const integration = kit.add({ allowedIps: ["1.1.1.1", "2001:db8::/32"] });
    const from = async (forwarded: string): Promise<number> =>
      (await sendTo(integration, { headers: { ...signed(BODY), "x-forwarded-for": forwarded } })).status;
    expect(await from("1.1.1.1")).toBe(200);
    expect(await from("::ffff:1.1.1.1")).toBe(200);
    expect(await from("2001:db8:1::5")).toBe(200);
    expect(await from("11.1.1.1")).toBe(403);
    expect(await from("1.1.1.11")).toBe(403);
    expect(await from("1.1.1.1, 9.9.9.9")).toBe(403);
    expect(await from("1.1.1.1:80")).toBe(403);
    const own = await sendTo(integration, {
      headers: { ...signed(BODY), "x-real-ip": "1.1.1.1", forwarded: "for=1.1.1.1" },
    });
    expect([own.status, own.json.error?.code]).toEqual([403, "SOURCE_NOT_ALLOWED"]);
    expect((await storedReceipts(kit, integration.id)).map((receipt) => receipt.source_ip)).toEqual([
      "1.1.1.1",
      "1.1.1.1",
      "2001:db8:1::5",
    ]);
  });

  test("let custom integrations have 100 webhooks a minute and say when the next may come", async () => {
    const integration = kit.add({ rateLimit: null });
    const answers = await Promise.all(Array.from({ length: 105 }, () => sendTo(integration)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(100);
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]?.json.error?.code).toBe("RATE_LIMITED");
    const seconds = Number(refused[0]?.headers.get("retry-after"));
    expect(seconds).toBeGreaterThanOrEqual(60);
    kit.advance(seconds * 1_000);
    expect((await sendTo(integration)).status).toBe(200);
  });

  test("divide a limit among the nodes that live (B11)", async () => {
    liveNodes = 3;
    const integration = kit.add({ rateLimit: { requests: 6, per_seconds: 60 } });
    const answers = [];
    for (let index = 0; index < 4; index += 1) answers.push((await sendTo(integration)).status);
    expect(answers).toEqual([200, 200, 429, 429]);
  });

  test.each([
    ["datadog", 503],
    ["newrelic", 503],
    ["pagerduty", 429],
    ["grafana", 503],
    ["signoz", 503],
    ["prometheus", 503],
    ["custom", 429],
  ])("tell %s to slow down with the status that it tries again: %i", async (platform, status) => {
    const integration = kit.add({
      platform,
      verification: { type: "none" },
      rateLimit: { requests: 1, per_seconds: 60 },
    });
    await sendTo(integration);
    const answer = await sendTo(integration);
    expect([answer.status, answer.json.error?.code]).toEqual([status, "RATE_LIMITED"]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("have no limit for platforms but custom", async () => {
    const integration = kit.add({ platform: "datadog", rateLimit: null, verification: { type: "none" } });
    const body = '{"id":"1","alert_name":"x"}';
    const answers = await Promise.all(Array.from({ length: 120 }, () => sendTo(integration, { body })));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
  });

  test("refuse encodings that nobody asked for with 415", async () => {
    const integration = kit.add({});
    for (const encoding of ["br", "deflate", "gzip, gzip", "zstd", "compress"]) {
      const answer = await sendTo(integration, { headers: { ...signed(BODY), "content-encoding": encoding } });
      expect([answer.status, answer.json.error?.code]).toEqual([415, "UNSUPPORTED_ENCODING"]);
    }
    await expectNothingStored(integration);
  });

  test("hold a body to the integration's own limit, to the byte", async () => {
    const integration = kit.add({ bodyLimitBytes: 100, verification: { type: "none" } });
    expect((await sendTo(integration, { body: Buffer.alloc(100, 0x20) })).status).toBe(200);
    const answer = await sendTo(integration, { body: Buffer.alloc(101, 0x20) });
    expect([answer.status, answer.json.error?.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(answer.json.error?.details).toEqual({ limit_bytes: 100 });
  });

  test("answer other methods with 405 and those that are allowed, whether the integration exists or not", async () => {
    const integration = kit.add({});
    for (const path of [pathOf(integration), "/api/v1/webhooks/custom/01980000-0000-7000-8000-0000000000ff"]) {
      for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const answer = await kit.send({ path, method });
        expect(answer.status).toBe(405);
        expect(answer.headers.get("allow")).toBe("POST");
      }
    }
  });
});

describe("a webhook that is not believed", () => {
  test("gets the documented 401, which does not tell the expected MAC", async () => {
    const integration = kit.add({ platform: "datadog" });
    const answer = await sendTo(integration, {
      headers: { "x-datadog-signature": `sha256=${"0".repeat(64)}`, "x-request-id": "r-1" },
    });
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual({
      error: {
        code: "WEBHOOK_VALIDATION_FAILED",
        message: "Webhook signature validation failed",
        details: {
          expected_signature: "sha256=…",
          received_signature: `sha256=${"0".repeat(64)}`,
          reason: "mismatch",
        },
        request_id: "r-1",
      },
    });
    const expected = signed(BODY, "x-datadog-signature")["x-datadog-signature"]?.slice(7);
    expect(JSON.stringify([answer.json, kit.lines])).not.toContain(expected);
    await expectNothingStored(integration);
  });

  test("is told that its signature is missing", async () => {
    const integration = kit.add({});
    const answer = await sendTo(integration, { headers: {} });
    expect(answer.json.error?.details).toEqual({
      expected_signature: "sha256=…",
      received_signature: null,
      reason: "missing",
    });
  });

  test("is refused by an integration without a secret, and by one with another's (A02, A13)", async () => {
    const bare = kit.add({ secrets: [] });
    expect((await sendTo(bare)).status).toBe(401);
    expect((await sendTo(bare, { headers: {} })).status).toBe(401);
    const other = kit.add({ secrets: [openedSecret("the-secret-of-somebody-else")] });
    expect((await sendTo(other)).status).toBe(401);
    await expectNothingStored(bare);
    await expectNothingStored(other);
  });

  test("is refused with 503 when the secret cannot be read: nothing is accepted, and the sender tries again", async () => {
    const integration = kit.add({});
    const { secrets: _secrets, ...settings } = integration as ReceivingIntegration & { readonly secrets: unknown };
    kit.integrations.set(integration.id, { ...settings, secretsUnreadable: true });
    kit.receiver.invalidate(integration.id);
    const answer = await sendTo(integration);
    expect([answer.status, answer.json.error?.code]).toEqual([503, "STORAGE_UNAVAILABLE"]);
    expect(answer.headers.get("retry-after")).toBe("2");
    await expectNothingStored(integration);
  });

  test("never sees its token or password again, in the answer or in the log (I01)", async () => {
    const token = openedSecret("canary-token-0123456789", { purpose: "token" });
    const byToken = kit.add({
      platform: "prometheus",
      verification: { type: "token", header: "Authorization", prefix: "Bearer " },
      secrets: [token],
    });
    const password = openedSecret("canary-password-0123", { purpose: "password" });
    const byPassword = kit.add({
      platform: "signoz",
      verification: { type: "basic", username: "signoz" },
      secrets: [password],
    });
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
    const answers = [
      await sendTo(byToken, { headers: { authorization: "Bearer canary-token-0123456780" } }),
      await sendTo(byPassword, { headers: { authorization: basic("signoz:canary-password-0124") } }),
      await sendTo(byPassword, { headers: {} }),
    ];
    expect(answers.map((answer) => [answer.status, answer.headers.get("www-authenticate")])).toEqual([
      [401, 'Bearer realm="overwatch"'],
      [401, 'Basic realm="overwatch"'],
      [401, 'Basic realm="overwatch"'],
    ]);
    const good = [
      await sendTo(byToken, { headers: { authorization: "Bearer canary-token-0123456789" } }),
      await sendTo(byPassword, { headers: { authorization: basic("signoz:canary-password-0123") } }),
    ];
    expect(good.map((answer) => answer.status)).toEqual([200, 200]);
    const stored = [...(await storedReceipts(kit, byToken.id)), ...(await storedReceipts(kit, byPassword.id))];
    const everything = JSON.stringify([answers, good, kit.lines, stored.map((receipt) => receipt.headers)]);
    expect(everything).not.toContain("canary");
    expect(everything).not.toContain(Buffer.from("canary").toString("base64").slice(0, 7));
  });
});

describe("quarantine", () => {
  test("is bounded: the oldest are kept, what comes after the last place is refused with 422", async () => {
    const integration = kit.add({ quarantineLimit: 2 });
    const send = async (body: string): Promise<Answer> => sendTo(integration, { headers: signed(body), body });
    expect((await send("not json 1")).json.data).toMatchObject({ processing_status: "quarantined" });
    expect((await send("not json 2")).status).toBe(200);
    kit.advance(6_000);
    const full = await send("not json 3");
    expect([full.status, full.json.error?.code]).toEqual([422, "QUARANTINE_FULL"]);
    expect((await sendTo(integration)).status).toBe(200);
    const bodies = (await storedReceipts(kit, integration.id)).map((receipt) => receipt.body.toString());
    expect(bodies).toEqual(["not json 1", "not json 2", BODY]);
  });

  test("counts what the database holds already", async () => {
    const integration = kit.add({ quarantineLimit: 1 });
    const answer = await sendTo(integration, { headers: signed("x"), body: "x" });
    await kit.database.rows({
      text: `insert into receipt_outcomes (organization_id, receipt_id, integration_id, status, trace, processed_at)
        values ($1, $2, $3, 'quarantined', '{}', $4)`,
      values: [integration.organizationId, answer.json.data?.receipt_id, integration.id, new Date(kit.clock.now())],
    });
    kit.advance(60_000);
    expect((await sendTo(integration, { headers: signed("y"), body: "y" })).status).toBe(422);
  });
});

describe("a node that stops", () => {
  test("sends new webhooks elsewhere and closes their connections", async () => {
    const integration = kit.add({});
    isDraining = true;
    const answer = await sendTo(integration);
    expect([answer.status, answer.json.error?.code]).toEqual([503, "SHUTTING_DOWN"]);
    expect(answer.headers.get("connection")).toBe("close");
    expect(answer.headers.get("retry-after")).toBe("1");
    await expectNothingStored(integration);
  });
});

describe("the log", () => {
  test("has one line for each refusal, and samples a flood (K02)", async () => {
    kit.advance(2_000);
    const integration = kit.add({});
    const before = kit.lines.length;
    await Promise.all(Array.from({ length: 50 }, () => sendTo(integration, { headers: { "x-request-id": "r" } })));
    const lines = kit.lines.slice(before).filter((line) => line.message === "webhook refused");
    expect(lines).toHaveLength(10);
    expect(lines[0]?.fields).toMatchObject({
      reason: "WEBHOOK_VALIDATION_FAILED",
      why: "missing",
      status: 401,
      integration_id: integration.id,
      platform: "custom",
      correlation_id: "r",
    });
    kit.advance(1_000);
    await sendTo(integration, { headers: {} });
    expect(kit.lines.at(-1)?.fields).toMatchObject({ left_out: 40 });
  });

  test("tells of an accepted webhook at debug, with what finds it again and never the body", async () => {
    const integration = kit.add({});
    await sendTo(integration, { headers: { ...signed(BODY), "x-request-id": "find-me" } });
    const line = kit.lines.find((entry) => entry.fields.correlation_id === "find-me");
    expect(line).toMatchObject({
      level: "debug",
      fields: { integration_id: integration.id, platform: "custom", alert_id: "a-1" },
    });
    expect(JSON.stringify(kit.lines)).not.toContain("Disk full");
    expect(JSON.stringify(kit.lines)).not.toContain(SECRET);
  });
});

test("activity remembers the last webhook of each platform", async () => {
  const integration = kit.add({ platform: "newrelic", verification: { type: "none" } });
  expect(kit.receiver.activity().elasticsearch).toEqual({ lastAcceptedAt: null, lastFailedAt: null });
  await sendTo(integration, { body: '{"issueId":"1","state":"OPEN","title":"t","priority":"CRITICAL"}' });
  expect(kit.receiver.activity().newrelic).toEqual({ lastAcceptedAt: kit.clock.now(), lastFailedAt: null });
});
