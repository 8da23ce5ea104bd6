import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";

let kit: ApiKit;
let integrationId: string;
let secret: string;
beforeAll(async () => {
  kit = await createApiKit();
  const made = await kit.ask({ method: "POST", path: "/integrations", body: { name: "dd", platform: "datadog" } });
  integrationId = made.str("id");
  secret = made.str("signing_secret");
});
afterAll(() => kit.close());

const post = (path: string, body: object = {}, headers = {}) => kit.ask({ method: "POST", path, body, headers });

/** Sends an alert through the receiving path and lets triage read it; answers its receipt. */
async function send(payload: object): Promise<Reply> {
  kit.clock.advance(10);
  const body = JSON.stringify(payload);
  const mac = createHmac("sha256", secret).update(body).digest("hex");
  const answer = await kit.deliverWebhook(`/api/v1/webhooks/datadog/${integrationId}`, body, {
    "x-datadog-signature": `sha256=${mac}`,
  });
  await kit.triage.runOnce();
  return kit.ask({ path: `/receipts/${answer.str("data.receipt_id")}` });
}

const fire = (id: string, more: object = {}) =>
  send({ id, alert_name: `Alert ${id}`, severity: "high", alert_status: "triggered", ...more });

describe("incidents", () => {
  it("that a platform opened are listed, read and explained by their receipt", async () => {
    const receipt = await fire("first");
    expect(receipt.body).toMatchObject({ status: "processed", alert_ids: ["first"], verified_by: "signature" });
    const id = receipt.str("incident_ids.0");
    const incident = await kit.ask({ path: `/incidents/${id}` });
    expect(incident.body).toMatchObject({
      title: "Alert first",
      severity: "high",
      status: "open",
      flapping: false,
      integration_id: integrationId,
      alert_count: 1,
      firing_count: 1,
      assignee: null,
      acknowledged_at: null,
      resolved_at: null,
    });
    const alerts = await kit.ask({ path: `/alerts?incident_id=${id}` });
    expect(alerts.at("data")).toMatchObject([{ dedup_key: "first", status: "firing", incident_id: id }]);
    expect(receipt.at("trace.signals.0")).toMatchObject({ dedup_key: "first", incident_id: id });
  });

  it("are narrowed by every filter, alone and together", async () => {
    const low = (await fire("low-1", { severity: "low", alert_name: "100%_sure" })).str("incident_ids.0");
    const done = (await fire("done-1")).str("incident_ids.0");
    await post(`/incidents/${done}/resolve`);
    const ids = async (query: string) =>
      ((await kit.ask({ path: `/incidents?limit=200&${query}` })).at("data") as { id: string }[]).map((one) => one.id);
    expect(await ids("severity=low")).toContain(low);
    expect(await ids("severity=critical")).not.toContain(low);
    expect(await ids("status=resolved")).toEqual([done]);
    expect(await ids("status=open")).not.toContain(done);
    expect(await ids(`integration_id=${integrationId}&severity=low&status=open`)).toEqual([low]);
    expect(await ids(`integration_id=${kit.ids.next()}`)).toEqual([]);
    expect(await ids("q=SURE")).toEqual([low]);
    expect(await ids("q=%25_s")).toEqual([low]);
    expect(await ids("q=%25%25")).toEqual([]);
    const number = (await kit.ask({ path: `/incidents/${low}` })).at("number");
    expect(await ids(`q=%23${number}`)).toEqual([low]);
    const now = new Date(kit.clock.now() + 1).toISOString();
    expect(await ids(`since=${now}`)).toEqual([]);
    expect(await ids(`until=${now}`)).toContain(low);
  });

  it("are paged without gaps or repeats, and a cursor keeps to its filters", async () => {
    for (let index = 0; index < 5; index++) await post("/incidents", { title: `page ${index}`, severity: "info" });
    const all = ((await kit.ask({ path: "/incidents?severity=info&limit=200" })).at("data") as { id: string }[]).map(
      (one) => one.id,
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Reply = await kit.ask({
        path: `/incidents?severity=info&limit=2${cursor === null ? "" : `&cursor=${cursor}`}`,
      });
      seen.push(...(page.at("data") as { id: string }[]).map((one) => one.id));
      cursor = page.at("next_cursor") as string | null;
      // Somebody else opens another in between: it does not move the pages.
      await post("/incidents", { title: "between", severity: "info" });
    } while (cursor !== null && seen.length < 50);
    expect(seen).toEqual(all);
    const first = await kit.ask({ path: "/incidents?severity=info&limit=1" });
    const other = await kit.ask({ path: `/incidents?severity=low&cursor=${first.str("next_cursor")}` });
    expect(other.status).toBe(400);
    expect(other.at("error.code")).toBe("INVALID_CURSOR");
    for (const odd of ["x", "%00", "AAAA", first.str("next_cursor").slice(1)]) {
      expect((await kit.ask({ path: `/incidents?severity=info&cursor=${odd}` })).status, odd).toBe(400);
    }
  });

  it("are acted on, and acting twice changes nothing", async () => {
    const id = (await fire("acted")).str("incident_ids.0");
    const path = `/incidents/${id}`;
    const acknowledged = await post(`${path}/acknowledge`);
    expect(acknowledged.body).toMatchObject({ id, status: "acknowledged", acknowledged_by: "admin key" });
    const twice = await post(`${path}/acknowledge`);
    expect(twice.headers.etag).toBe(acknowledged.headers.etag);
    expect((await post(`${path}/unacknowledge`)).at("status")).toBe("open");
    expect((await post(`${path}/assign`, { assignee: "ada" })).at("assignee")).toBe("ada");
    expect((await post(`${path}/assign`, { assignee: null })).at("assignee")).toBeNull();
    expect((await post(`${path}/notes`, { text: "looked at it" })).at("id")).toBe(id);
    expect((await post(`${path}/snooze`, { until: "2026-11-24T00:00:00Z" })).at("snoozed_until")).toBe(
      "2026-11-24T00:00:00.000Z",
    );
    expect((await post(`${path}/unsnooze`)).at("snoozed_until")).toBeNull();
    expect((await post(`${path}/unsnooze`)).at("snoozed_until")).toBeNull();
    expect((await post(`${path}/resolve`)).body).toMatchObject({ status: "resolved", firing_count: 0 });
    expect((await post(`${path}/acknowledge`)).at("error.code")).toBe("CONFLICT");
    expect((await post(`${path}/reopen`)).at("status")).toBe("open");
    const timeline = await kit.ask({ path: `${path}/timeline` });
    const kinds = (timeline.at("data") as { kind: string }[]).map((line) => line.kind).reverse();
    expect(kinds).toEqual([
      "opened",
      "acknowledged",
      "unacknowledged",
      "assigned",
      "assigned",
      "note",
      "snoozed",
      "snooze_ended",
      "resolved",
      "reopened",
    ]);
  });

  it("keep what a person set, and are not changed over somebody else's change", async () => {
    const receipt = await fire("edited");
    const path = `/incidents/${receipt.str("incident_ids.0")}`;
    const read = await kit.ask({ path });
    const ifMatch = { "if-match": read.headers.etag ?? "" };
    const changed = await kit.ask({
      method: "PATCH",
      path,
      body: { title: "Mine", severity: "low" },
      headers: ifMatch,
    });
    expect(changed.body).toMatchObject({ title: "Mine", severity: "low" });
    const late = await kit.ask({ method: "PATCH", path, body: { title: "Late" }, headers: ifMatch });
    expect(late.at("error.code")).toBe("PRECONDITION_FAILED");
    await fire("edited", { severity: "critical", alert_name: "Other" });
    expect((await kit.ask({ path })).body).toMatchObject({ title: "Mine", severity: "low" });
    expect((await kit.ask({ method: "PATCH", path, body: {} })).status).toBe(422);
  });

  it("are merged, and the merged one says into which", async () => {
    const one = (await fire("merge-1")).str("incident_ids.0");
    const other = (await fire("merge-2")).str("incident_ids.0");
    const merged = await post(`/incidents/${one}/merge`, { into_id: other });
    expect(merged.body).toMatchObject({ status: "resolved", merged_into_id: other });
    expect((await kit.ask({ path: `/incidents/${other}` })).at("alert_count")).toBe(2);
    expect((await post(`/incidents/${other}/merge`, { into_id: other })).status).toBe(409);
  });

  it("are opened by hand with a number and an event", async () => {
    const made = await post("/incidents", { title: "By hand", severity: "critical", labels: { team: "core" } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      title: "By hand",
      status: "open",
      integration_id: null,
      labels: { team: "core" },
    });
    const events = await kit.ask({ path: `/events?incident_id=${made.str("id")}` });
    expect(events.at("data")).toMatchObject([{ type: "incident.created", integration_id: null }]);
    const types = await kit.ask({ path: "/event-types" });
    expect(types.at("data")).toContain("incident.created");
  });
});

describe("receipts", () => {
  it("give back the bytes exactly, as text where they are text", async () => {
    const receipt = await fire("bytes", { message: "ünïcode ✓" });
    const bytes = Buffer.from(receipt.str("body_base64"), "base64");
    expect(bytes.toString("utf8")).toBe(receipt.str("body"));
    const raw = await kit.api.app.inject({
      url: `/api/v1/receipts/${receipt.str("id")}/raw`,
      headers: { authorization: `Bearer ${kit.home.keys.viewer}` },
    });
    expect(raw.rawPayload.equals(bytes)).toBe(true);
    expect(raw.headers["content-disposition"]).toContain("attachment");
    expect(raw.headers["content-type"]).toBe("application/octet-stream");
  });

  it("that are not UTF-8 are quarantined and have no text", async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const mac = createHmac("sha256", secret).update(body).digest("hex");
    const answer = await kit.deliverWebhook(`/api/v1/webhooks/datadog/${integrationId}`, body, {
      "x-datadog-signature": `sha256=${mac}`,
    });
    await kit.triage.runOnce();
    const receipt = await kit.ask({ path: `/receipts/${answer.str("data.receipt_id")}` });
    expect(receipt.body).toMatchObject({
      status: "quarantined",
      body: null,
      body_base64: body.toString("base64"),
      body_bytes: 3,
    });
    const list = await kit.ask({ path: "/receipts?status=quarantined" });
    expect((list.at("data") as { id: string }[]).map((one) => one.id)).toEqual([receipt.str("id")]);
    expect((await kit.ask({ path: "/receipts?status=ignored" })).at("data")).toEqual([]);
  });

  it("wait in the list as queued until triage has read them", async () => {
    const integration = await post("/integrations", { name: "q", platform: "custom" });
    const sent = await post(`/integrations/${integration.str("id")}/test`);
    const queued = await kit.ask({ path: "/receipts?status=queued" });
    expect(queued.at("data")).toMatchObject([{ id: sent.str("receipt_id"), status: "queued", processed_at: null }]);
    await kit.triage.runOnce();
    expect((await kit.ask({ path: "/receipts?status=queued" })).at("data")).toEqual([]);
    const processed = await kit.ask({ path: `/receipts?status=processed&integration_id=${integration.str("id")}` });
    expect(processed.at("data")).toHaveLength(1);
  });
});

describe("replaying", () => {
  it("a receipt first shows what would change, then changes it once", async () => {
    const made = await post("/integrations", {
      name: "mapped",
      platform: "prometheus",
      verification: { type: "none" },
    });
    const id = made.str("id");
    const sent = await kit.deliverWebhook(
      `/api/v1/webhooks/prometheus/${id}`,
      JSON.stringify({ what: "Disk", host: "a" }),
      {},
    );
    expect(sent.at("data.processing_status")).toBe("quarantined");
    await kit.triage.runOnce();
    const path = `/receipts/${sent.str("data.receipt_id")}/replay`;
    const before = await post(path, { dry_run: true });
    expect(before.body).toMatchObject({
      dry_run: true,
      receipts: 1,
      changes: { incidents_opened: 0, receipts: [{ status: "quarantined", was: "quarantined" }] },
    });
    const mapping = { title: "payload.what", dedup_key: "payload.host" };
    expect((await kit.ask({ method: "PATCH", path: `/integrations/${id}`, body: { mapping } })).status).toBe(200);
    const after = await post("/receipts/replay", {
      integration_id: id,
      status: "quarantined",
      since: "2026-11-23T00:00:00Z",
      dry_run: true,
    });
    expect(after.body).toMatchObject({
      receipts: 1,
      has_more: false,
      queued: 0,
      changes: { incidents_opened: 1, receipts: [{ status: "processed", was: "quarantined" }] },
    });
    expect((await kit.ask({ path: `/incidents?integration_id=${id}` })).at("data")).toEqual([]);
    expect((await post(path)).body).toMatchObject({ dry_run: false, queued: 1, changes: null });
    await kit.triage.runOnce();
    const incidents = await kit.ask({ path: `/incidents?integration_id=${id}` });
    expect(incidents.at("data")).toMatchObject([{ title: "Disk" }]);
    expect((await post(path, { dry_run: true })).at("changes")).toMatchObject({
      incidents_changed: 0,
      events: 0,
      receipts: [{ status: "duplicate", reason: "everything in it was known already" }],
    });
    await post(path);
    await kit.triage.runOnce();
    const events = await kit.ask({ path: `/events?incident_id=${incidents.str("data.0.id")}` });
    expect((events.at("data") as { type: string }[]).filter((one) => one.type === "incident.created")).toHaveLength(1);
  });

  it("a range says when it holds more than was asked for", async () => {
    const reply = await post("/receipts/replay", { since: "2026-11-23T00:00:00Z", limit: 1, dry_run: true });
    expect(reply.body).toMatchObject({ receipts: 1, has_more: true });
  });
});
