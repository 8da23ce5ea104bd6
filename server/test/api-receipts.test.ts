import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql, timestamp } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";

let kit: ApiKit;
let integrationId: string;

beforeAll(async () => {
  kit = await createApiKit();
  integrationId = await makeIntegration("main");
});
afterAll(() => kit.close());

const post = (path: string, body: object): Promise<Reply> => kit.ask({ method: "POST", path, body });

async function makeIntegration(name: string): Promise<string> {
  return (await post("/integrations", { name, platform: "custom", verification: { type: "none" } })).str("id");
}

async function send(body: object | string, id = integrationId, requestId = "r"): Promise<string> {
  kit.clock.advance(1_000);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await kit.deliverWebhook(`/api/v1/webhooks/custom/${id}`, text, { "x-request-id": requestId });
  await kit.triage.runOnce();
  return answer.str("data.receipt_id");
}

const idsOf = (reply: Reply): readonly string[] => (reply.at("data") as { id: string }[]).map((one) => one.id);

describe("a list of receipts", () => {
  it("takes several states and finds by request, alert, source and id", async () => {
    const id = await makeIntegration("searched");
    const fine = await send({ id: "disk-1", title: "Disk", status: "firing" }, id, "req-fine");
    const broken = await send("not json", id, "req-broken");
    const repeated = await send({ id: "disk-1", title: "Disk", status: "firing" }, id, "req-again");
    const list = (query: string) => kit.ask({ path: `/receipts?integration_id=${id}&${query}` });
    expect(idsOf(await list("status=quarantined,processed"))).toEqual([repeated, broken, fine]);
    expect(idsOf(await list("status=quarantined,ignored"))).toEqual([broken]);
    expect(idsOf(await list("q=req-broken"))).toEqual([broken]);
    expect(idsOf(await list("q=disk-1"))).toEqual([repeated, fine]);
    expect(idsOf(await list(`q=${fine}`))).toEqual([fine]);
    expect(idsOf(await list("q=127.0.0.1"))).toEqual([repeated, broken, fine]);
    expect(idsOf(await list("q=127.0.0.1&status=quarantined"))).toEqual([broken]);
    expect(idsOf(await list("q=nothing"))).toEqual([]);
    expect((await list("limit=9")).at("data")).toMatchObject([{ title: "Disk" }, { title: null }, { title: "Disk" }]);
    expect((await kit.ask({ path: `/receipts/${fine}` })).at("title")).toBe("Disk");
    expect((await kit.ask({ path: `/receipts/${repeated}/previous` })).at("receipt.title")).toBe("Disk");
    const first = await list("status=quarantined,processed&limit=2");
    const next = await list(`status=quarantined,processed&limit=2&cursor=${first.str("next_cursor")}`);
    expect([...idsOf(first), ...idsOf(next)]).toEqual([repeated, broken, fine]);
    expect((await kit.ask({ path: `/receipts?q=${fine}`, key: kit.foreign.keys.admin })).at("data")).toEqual([]);
  });
});

describe("a receipt", () => {
  it("shows its way, and the deliveries that were made for it", async () => {
    await post("/endpoints", { name: "chat", url: "https://hooks.example.com/" });
    const receipt = await kit.ask({ path: `/receipts/${await send({ id: "way", title: "Way", status: "firing" })}` });
    expect(receipt.at("lifecycle.steps")).toMatchObject([
      { step: "received", state: "done" },
      { step: "verified", state: "done", text: "none" },
      { step: "read", state: "done" },
      { step: "decided", state: "done", text: "1 opened" },
      { step: "delivered", state: "waiting", text: "1 pending", at: null },
    ]);
    expect(receipt.at("lifecycle.deliveries")).toMatchObject([
      { endpoint_name: "chat", event_type: "incident.created", status: "pending" },
    ]);
    kit.clock.advance(700);
    await kit.database.rows(sql`
      update deliveries set status = 'succeeded', next_attempt_at = null, finished_at = ${timestamp(kit.clock.now())}
      where id = ${receipt.str("lifecycle.deliveries.0.id")}`);
    const after = await kit.ask({ path: `/receipts/${receipt.str("id")}` });
    expect(after.at("lifecycle.steps.4")).toMatchObject({ state: "done", duration_ms: 700, text: "1 succeeded" });
  });

  it("that waits or could not be read says so", async () => {
    const broken = await kit.ask({ path: `/receipts/${await send("{")}` });
    expect(broken.at("lifecycle.steps")).toMatchObject([
      {},
      {},
      { state: "failed", text: broken.at("reason") },
      { state: "skipped" },
      { state: "skipped" },
    ]);
    kit.clock.advance(1_000);
    const path = `/api/v1/webhooks/custom/${integrationId}`;
    const waiting = await kit.deliverWebhook(path, JSON.stringify({ title: "w" }), {});
    const queued = await kit.ask({ path: `/receipts/${waiting.str("data.receipt_id")}` });
    expect(queued.at("lifecycle.steps.2.state")).toBe("waiting");
    await kit.triage.runOnce();
  });

  it("has one before it: of the same alert where there is one, else of the integration", async () => {
    const id = await makeIntegration("compared");
    const first = await send({ id: "a", title: "A", status: "firing" }, id);
    const other = await send({ id: "b", title: "B", status: "firing" }, id);
    const again = await send({ id: "a", title: "A2", status: "firing" }, id);
    const before = (of: string) => kit.ask({ path: `/receipts/${of}/previous` });
    expect((await before(again)).body).toMatchObject({ match: "alert", receipt: { id: first } });
    expect((await before(other)).body).toMatchObject({ match: "integration", receipt: { id: first } });
    expect((await before(first)).body).toEqual({ match: null, receipt: null });
  });
});

describe("sending an edited copy", () => {
  it("makes a receipt that says who edited it and is no original", async () => {
    const id = await makeIntegration("edited");
    const original = await send({ id: "e", title: "Before", status: "firing" }, id);
    const sent = await kit.ask({
      method: "POST",
      path: `/receipts/${original}/resend`,
      body: { body: JSON.stringify({ id: "e2", title: "After", status: "firing" }) },
      key: kit.home.keys.responder,
    });
    expect(sent.status).toBe(202);
    expect(sent.at("edited_from")).toBe(original);
    await kit.triage.runOnce();
    await kit.figures.flush();
    const copy = await kit.ask({ path: `/receipts/${sent.str("receipt_id")}` });
    expect(copy.body).toMatchObject({
      status: "processed",
      verified_by: "edited by api key responder key",
      headers: { "x-overwatch-edited-from": original },
      trace: { verified: { by: "edited by api key responder key" } },
    });
    expect((await kit.ask({ path: `/incidents/${copy.str("incident_ids.0")}` })).at("title")).toBe("After");
    expect((await kit.ask({ path: `/receipts/${original}` })).str("body")).toContain("Before");
    const activity = await kit.ask({ path: `/integrations/${id}/activity` });
    expect(activity.body).toMatchObject({ accepted: 1, signals: 1 });
  });

  it("is refused to viewers, for what no webhook could carry, and where the integration takes nothing", async () => {
    const id = await makeIntegration("refusing");
    const path = `/receipts/${await send({ id: "x", title: "X" }, id)}/resend`;
    const as = (body: object, key = kit.home.keys.responder) => kit.ask({ method: "POST", path, body, key });
    expect((await as({ body: "{}" }, kit.home.keys.viewer)).status).toBe(403);
    expect((await as({ body: "{}" }, kit.foreign.keys.admin)).status).toBe(404);
    expect((await as({ body: "{}", headers: { "bad name": "x" } })).status).toBe(422);
    expect((await as({ body: "{}", headers: { good: "a\nb" } })).status).toBe(422);
    expect((await as({})).status).toBe(422);
    await kit.ask({ method: "PATCH", path: `/integrations/${id}`, body: { body_limit_bytes: 10 } });
    expect((await as({ body: JSON.stringify({ title: "longer" }) })).status).toBe(413);
    await kit.ask({ method: "PATCH", path: `/integrations/${id}`, body: { enabled: false } });
    expect((await as({ body: "{}" })).at("error.code")).toBe("CONFLICT");
  });
});

describe("trying a configuration on the last payloads", () => {
  it("shows what would differ and writes nothing", async () => {
    const id = await makeIntegration("tried");
    const one = await send({ what: "Disk", host: "a", title: "T1", status: "firing" }, id);
    const other = await send({ what: "CPU", host: "a", title: "T2", status: "firing" }, id);
    const before = await kit.ask({ path: `/incidents?integration_id=${id}` });
    const mapping = { title: "payload.what", dedup_key: "payload.host" };
    const trial = await post(`/integrations/${id}/trial`, { mapping });
    expect(trial.body).toMatchObject({ tried: 2, different: 2, readable_before: 2, readable_after: 2 });
    expect(trial.at("receipts")).toMatchObject([
      { receipt_id: other, present: { signals: [{ title: "T2" }] }, proposed: { signals: [{ title: "CPU" }] } },
      { receipt_id: one, proposed: { signals: [{ title: "Disk", dedup_key: "a", decision: "opened" }] } },
    ]);
    expect(trial.at("receipts.0.differences")).toEqual(expect.arrayContaining(["title", "dedup_key"]));
    const same = await post(`/integrations/${id}/trial`, { mapping: null });
    expect(same.body).toMatchObject({ tried: 2, different: 0 });
    const grouped = await post(`/integrations/${id}/trial`, { grouping: { by: ["host"] }, limit: 1 });
    expect(grouped.at("receipts")).toHaveLength(1);
    expect(grouped.at("receipts.0.differences")).toContain("group_key");
    expect((await kit.ask({ path: `/incidents?integration_id=${id}` })).body).toEqual(before.body);
    expect((await kit.ask({ path: `/integrations/${id}` })).at("mapping")).toBeNull();
  });

  it("shows payloads that a proposal could no longer read, and refuses what is no mapping", async () => {
    const id = await makeIntegration("unreadable");
    await send({ title: "T", status: "firing" }, id);
    const worse = await post(`/integrations/${id}/trial`, { mapping: { title: "payload.absent.deep" } });
    expect(worse.body).toMatchObject({ readable_before: 1, readable_after: 0 });
    expect(worse.at("receipts.0.differences")).toContain("receipt_status");
    const wrong = await post(`/integrations/${id}/trial`, { mapping: { title: "payload." } });
    expect(wrong.at("error.details.fields.0.path")).toContain("mapping");
  });
});

describe("a list of deliveries", () => {
  it("takes several endpoints, states, types and reasons, and finds by message and id", async () => {
    const mine = { path: "/deliveries", key: kit.home.keys.viewer };
    const all = await kit.ask({ ...mine, path: "/deliveries?limit=200" });
    const rows = all.at("data") as { id: string; endpoint_id: string; event_type: string; status: string }[];
    const [first, second] = rows;
    if (first === undefined || second === undefined) throw new Error("there are too few deliveries");
    const error = JSON.stringify({ reason: "timeout", status_code: null, message: "No answer within 30 s" });
    await kit.database.rows(sql`
      update deliveries set last_error = ${error}::jsonb where id = ${first.id}`);
    const list = async (query: string) => idsOf(await kit.ask({ ...mine, path: `/deliveries?limit=200&${query}` }));
    expect(await list("reason=timeout,dns")).toEqual([first.id]);
    expect(await list("reason=tls")).toEqual([]);
    expect(await list("q=no+answer".replace("+", "%20"))).toEqual([first.id]);
    expect(await list(`q=${second.id}`)).toEqual([second.id]);
    expect(await list("status=pending,succeeded,exhausted")).toEqual(rows.map((one) => one.id));
    expect(await list("status=in_flight,exhausted")).toEqual([]);
    expect(await list(`endpoint_id=${first.endpoint_id},${kit.ids.next()}`)).toEqual(rows.map((one) => one.id));
    expect(await list("event_type=incident.created,incident.resolved")).toContain(first.id);
    expect((await kit.ask({ ...mine, path: "/deliveries?reason=bad_mood" })).status).toBe(422);
    const pages: string[] = [];
    for (let cursor = ""; pages.length < 300; ) {
      const page = await kit.ask({ ...mine, path: `/deliveries?limit=2&status=pending,succeeded${cursor}` });
      pages.push(...idsOf(page));
      if (page.at("next_cursor") === null) break;
      cursor = `&cursor=${page.str("next_cursor")}`;
    }
    expect(pages).toEqual(rows.map((one) => one.id));
  });
});
