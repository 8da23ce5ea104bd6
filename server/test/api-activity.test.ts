import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteOldActivity } from "../src/store/activity.ts";
import { sql } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";

let kit: ApiKit;
const SECRET = "a-signing-secret-of-good-length-z9";

beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const post = (path: string, body: object): Promise<Reply> => kit.ask({ method: "POST", path, body });
const sign = (body: string, secret = SECRET): string => createHmac("sha256", secret).update(body).digest("hex");

async function makeIntegration(more: object = {}): Promise<string> {
  const made = await post("/integrations", { name: "n", platform: "custom", signing_secret: SECRET, ...more });
  expect(made.status, made.text).toBe(201);
  return made.str("id");
}

async function send(id: string, body: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const path = `/api/v1/webhooks/custom/${id}`;
  return (await kit.deliverWebhook(path, body, { "content-length": String(Buffer.byteLength(body)), ...headers }))
    .status;
}

const BODY = JSON.stringify({ id: "a", title: "A", status: "firing" });
const good = { "x-overwatch-signature": `sha256=${sign(BODY)}` };

describe("what came to an integration", () => {
  it("is counted by the hour, refused ones by reason, without gaps", async () => {
    const id = await makeIntegration();
    expect(await send(id, BODY, good)).toBe(200);
    expect(await send(id, "not json", { "x-overwatch-signature": `sha256=${sign("not json")}` })).toBe(200);
    expect(await send(id, BODY, {})).toBe(401);
    await kit.triage.runOnce();
    await kit.figures.flush();
    kit.clock.advance(3_600_000);
    expect(await send(id, BODY, good)).toBe(200);
    await kit.triage.runOnce();
    await kit.figures.flush();
    const day = await kit.ask({ path: `/integrations/${id}/activity` });
    expect(day.body).toMatchObject({
      accepted: 3,
      refused: 1,
      refused_by: [{ reason: "WEBHOOK_VALIDATION_FAILED", count: 1 }],
      quarantined: 1,
      signals: 2,
      accept_rate: 0.75,
      bucket_seconds: 3600,
    });
    const buckets = day.at("buckets") as { accepted: number; refused: number }[];
    expect(buckets).toHaveLength(24);
    expect(buckets.slice(-2).map((one) => one.accepted)).toEqual([2, 1]);
    expect(buckets.slice(0, 22).every((one) => one.accepted === 0)).toBe(true);
    const week = await kit.ask({ path: `/integrations/${id}/activity?period=7d` });
    expect(week.at("buckets")).toHaveLength(168);
    const list = await kit.ask({ path: "/integrations/activity?limit=1", key: kit.home.keys.viewer });
    expect(list.at("data.0")).toEqual(day.body);
    expect((await kit.ask({ path: `/integrations/${id}/activity?period=1y` })).status).toBe(422);
  });

  it("adds up over flushes and nodes, and what is old goes", async () => {
    const id = await makeIntegration();
    for (let round = 0; round < 3; round++) {
      kit.figures.counts.add(kit.home.id, id, "accepted", 5);
      await kit.figures.flush();
    }
    expect((await kit.ask({ path: `/integrations/${id}/activity` })).at("accepted")).toBe(15);
    kit.clock.advance(9 * 86_400_000);
    await deleteOldActivity(kit.database, kit.clock.now());
    expect(await kit.database.rows(sql`select 1 from activity`)).toEqual([]);
  });
});

describe("refused webhooks", () => {
  const refusalsOf = async (id: string): Promise<Reply> => {
    await kit.figures.flush();
    return kit.ask({ path: `/integrations/${id}/refusals` });
  };

  it("are explained to admins and to nobody else", async () => {
    const id = await makeIntegration();
    const wrong = sign(BODY, "another secret");
    await send(id, BODY, { "x-overwatch-signature": `sha256=${wrong}`, "user-agent": "sender/1" });
    const list = await refusalsOf(id);
    expect(list.at("data.0")).toMatchObject({
      code: "WEBHOOK_VALIDATION_FAILED",
      status: 401,
      reason: "mismatch",
      body_bytes: BODY.length,
      problems: ["the signature was made with another secret, or the body was changed on its way"],
      details: {
        user_agent: "sender/1",
        header: "x-overwatch-signature",
        received: `sha256=${wrong.slice(0, 4)}…`,
        secrets: [{ hint: "…z9", state: "present", computed: `${sign(BODY).slice(0, 4)}…` }],
      },
    });
    for (const secret of [sign(BODY).slice(0, 6), wrong.slice(0, 6), SECRET.slice(-4)]) {
      expect(list.text).not.toContain(secret);
    }
    const responder = await kit.ask({ path: `/integrations/${id}/refusals`, key: kit.home.keys.responder });
    expect(responder.status).toBe(403);
    expect((await kit.ask({ path: `/receipts?integration_id=${id}` })).at("data")).toEqual([]);
  });

  it.each([
    ["no header", {}, "the header x-overwatch-signature did not come"],
    ["no prefix", { "x-overwatch-signature": sign(BODY) }, 'it begins with something else where "sha256=" is expected'],
    [
      "upper case",
      { "x-overwatch-signature": `sha256=${sign(BODY).toUpperCase()}` },
      "its hex digits are in upper case; lower case is expected",
    ],
    [
      "a short digest",
      { "x-overwatch-signature": `sha256=${sign(BODY).slice(0, 40)}` },
      "it has 40 characters where 64 are expected; it looks like SHA-1 in hex",
    ],
    [
      "another line end",
      { "x-overwatch-signature": `sha256=${sign(`${BODY}\n`)}` },
      "the signature fits the body with a line break at its end",
    ],
  ])("say what is wrong: %s", async (_what, headers, problem) => {
    const id = await makeIntegration();
    expect(await send(id, BODY, headers as Record<string, string>)).toBe(401);
    expect((await refusalsOf(id)).at("data.0.problems")).toEqual([problem]);
  });

  it("say how far a clock is off, and name the old secret of a rotation", async () => {
    const id = await makeIntegration({
      verification: { type: "hmac", header: "x-sig", timestamp_header: "x-time", algorithm: "sha256", encoding: "hex" },
    });
    await post(`/integrations/${id}/rotate-secret`, { signing_secret: "the-new-secret-of-good-length-q1" });
    const time = Math.floor(kit.clock.now() / 1_000) - 412;
    await send(id, BODY, { "x-sig": sign(`${time}:${BODY}`), "x-time": String(time) });
    const list = await refusalsOf(id);
    expect(list.at("data.0")).toMatchObject({
      reason: "expired",
      problems: ["its time is 412 seconds ago; 300 are allowed"],
      details: { clock_skew_seconds: 412, tolerance_seconds: 300 },
    });
    expect(list.at("data.0.details.secrets")).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ hint: "…q1", state: "present" }),
        expect.objectContaining({ hint: "…z9", state: "previous" }),
      ]),
    );
  });

  it("show nothing of a token but its length", async () => {
    const token = "a-token-of-good-length-77";
    const id = await makeIntegration({ signing_secret: undefined, verification: { type: "token", token } });
    await send(id, BODY, { authorization: "Bearer sesame" });
    const list = await refusalsOf(id);
    expect(list.at("data.0.problems")).toEqual([`it has 6 characters, the token has ${token.length}`]);
    expect(list.text).not.toContain("sesame");
    expect(list.text).not.toContain(token);
  });

  it("are a sample of bounded size while every one is counted", async () => {
    const id = await makeIntegration();
    for (let round = 0; round < 60; round++) await send(id, BODY, {});
    await kit.figures.flush();
    const activity = await kit.ask({ path: `/integrations/${id}/activity` });
    expect(activity.at("refused")).toBe(60);
    const kept = (await refusalsOf(id)).at("data") as unknown[];
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(20);
  });

  it("keep the newest fifty", async () => {
    const id = await makeIntegration();
    const row = { organizationId: kit.home.id, integrationId: id, code: "RATE_LIMITED", status: 429, reason: null };
    for (let n = 0; n < 70; n++) {
      const own = { id: kit.ids.next(), at: kit.clock.now(), sourceIp: null, requestId: `r${n}`, bodyBytes: null };
      kit.figures.keepRefusal({ ...row, ...own, details: {} });
    }
    await kit.figures.flush();
    const list = await kit.ask({ path: `/integrations/${id}/refusals?limit=200` });
    const ids = (list.at("data") as { request_id: string }[]).map((one) => one.request_id);
    expect(ids).toHaveLength(50);
    expect(ids[0]).toBe("r69");
    expect(ids[49]).toBe("r20");
  });
});

describe("what was sent to an endpoint", () => {
  it("shows success, durations and the last failure", async () => {
    const made = await post("/endpoints", { name: "e", url: "https://hooks.example.com/" });
    const id = made.str("id");
    const { counts, failures } = kit.figures;
    counts.add(kit.home.id, id, "attempt:ok", 97);
    counts.add(kit.home.id, id, "attempt:timeout", 3);
    counts.add(kit.home.id, id, "latency:100", 97);
    counts.add(kit.home.id, id, "latency:30000", 3);
    counts.add(kit.home.id, id, "delivery:succeeded", 97);
    const failure = {
      organizationId: kit.home.id,
      endpointId: id,
      reason: "timeout",
      statusCode: null,
      message: "slow",
    };
    failures.keep(id, { ...failure, deliveryId: kit.ids.next(), at: kit.clock.now() });
    await kit.figures.flush();
    // An older failure that another node writes later is not the last one.
    failures.keep(id, { ...failure, reason: "dns", deliveryId: kit.ids.next(), at: kit.clock.now() - 1_000 });
    await kit.figures.flush();
    const activity = await kit.ask({ path: `/endpoints/${id}/activity`, key: kit.home.keys.viewer });
    expect(activity.body).toMatchObject({
      attempts_ok: 97,
      attempts_failed: 3,
      failed_by: [{ reason: "timeout", count: 3 }],
      success_rate: 0.97,
      deliveries_succeeded: 97,
      deliveries_exhausted: 0,
      last_failure: { reason: "timeout", message: "slow" },
    });
    expect(activity.at("p95_ms")).toBeLessThanOrEqual(100);
    const list = await kit.ask({ path: "/endpoints/activity" });
    expect(list.at("data.0")).toEqual(activity.body);
    const untouched = await post("/endpoints", { name: "idle", url: "https://hooks.example.com/" });
    const idle = await kit.ask({ path: `/endpoints/${untouched.str("id")}/activity` });
    expect(idle.body).toMatchObject({ success_rate: null, p95_ms: null, last_failure: null });
  });
});
