import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOneTimeLink } from "../src/api/one-time-link.ts";
import { ensureDefaultOrganization } from "../src/store/organizations.ts";
import { dropPartitionsBefore, listPartitions } from "../src/store/partitions.ts";
import { sql } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, pageHeaders, type Reply } from "./support/api-kit.ts";

const PASSWORD = "tallow heron quay";

let kit: ApiKit;
beforeAll(async () => {
  kit = await createApiKit({ publicUrl: () => "http://127.0.0.1:8000" });
});
afterAll(() => kit.close());

const post = (path: string, body: object): Promise<Reply> => kit.ask({ method: "POST", path, body });
const patch = (path: string, body: object): Promise<Reply> => kit.ask({ method: "PATCH", path, body });

/** The newest entry. */
async function last(): Promise<Reply> {
  const entries = await kit.ask({ path: "/audit?limit=1" });
  expect(entries.status, entries.text).toBe(200);
  return entries;
}

describe("the audit record", () => {
  it("tells who changed what, from where, before and after", async () => {
    const made = await post("/endpoints", { name: "pager", url: "https://hooks.example.com/abc" });
    const id = made.str("id");
    expect((await last()).at("data.0")).toMatchObject({
      actor: { kind: "api_key", name: "admin key" },
      address: "127.0.0.1",
      action: "endpoint.create",
      object: { kind: "endpoint", id, name: "pager" },
      changes: { name: { after: "pager" }, url: { after: "https://hooks.example.com/abc" } },
      request: null,
    });
    const reply = await patch(`/endpoints/${id}`, { name: "pager 2", timeout_seconds: 5 });
    const entry = await last();
    expect(entry.at("data.0.request_id")).toBe(reply.headers["x-request-id"]);
    expect(entry.at("data.0.changes")).toEqual({
      name: { before: "pager", after: "pager 2" },
      timeout_seconds: { before: 30, after: 5 },
    });
    await post(`/endpoints/${id}/circuit`, { action: "open" });
    expect((await last()).at("data.0")).toMatchObject({ action: "endpoint.circuit", request: { action: "open" } });
    await kit.ask({ method: "DELETE", path: `/endpoints/${id}` });
    expect((await last()).at("data.0")).toMatchObject({
      action: "endpoint.delete",
      object: { id, name: "pager 2" },
      changes: { name: { before: "pager 2" } },
    });
  });

  it("tells of one incident among many like of one alone, and of several how many and which", async () => {
    const one = (await post("/incidents", { title: "Fan stuck" })).str("id");
    const other = (await post("/incidents", { title: "Fan loud" })).str("id");
    await post("/incidents/bulk", { ids: [one], action: "acknowledge" });
    expect((await last()).at("data.0")).toMatchObject({
      action: "incident.acknowledge",
      object: { kind: "incident", id: one },
      changes: { status: { before: "open", after: "acknowledged" } },
    });
    await post("/incidents/bulk", { ids: [one, other], action: "resolve" });
    expect((await last()).at("data.0")).toMatchObject({
      action: "incident.resolve",
      object: { kind: "incident", id: null, name: "2 at once" },
      request: { ids: [one, other], action: "resolve" },
    });
  });

  it("tells that a snooze of several was taken back, and one alone with what that changed", async () => {
    const ids = [];
    for (const title of ["Pump hot", "Pump cold"]) ids.push((await post("/incidents", { title })).str("id"));
    const until = new Date(kit.clock.now() + 3_600_000).toISOString();
    await post("/incidents/bulk", { ids, action: "snooze", until });
    expect((await post("/incidents/bulk", { ids, action: "unsnooze" })).body).toMatchObject({ changed: 2, failed: 0 });
    expect((await last()).at("data.0")).toMatchObject({
      action: "incident.unsnooze",
      object: { kind: "incident", id: null, name: "2 at once" },
      request: { ids, action: "unsnooze" },
    });
    await post("/incidents/bulk", { ids: ids.slice(0, 1), action: "snooze", until });
    await post("/incidents/bulk", { ids: ids.slice(0, 1), action: "unsnooze" });
    expect((await last()).at("data.0")).toMatchObject({
      action: "incident.unsnooze",
      object: { kind: "incident", id: ids[0] },
      changes: { snoozed_until: { before: until, after: null } },
    });
  });

  it("names a change of what is hidden, and never shows it", async () => {
    const secret = "CANARY-0123456789";
    const made = await post("/endpoints", {
      name: "e",
      url: "https://hooks.example.com/",
      headers: { "X-Key": secret },
    });
    await patch(`/endpoints/${made.str("id")}`, { headers: { "X-Key": `${secret}2` }, variables: { v: secret } });
    expect((await last()).at("data.0.changes.headers")).toEqual({ before: "***", after: "***" });
    await post("/integrations", { name: "i", platform: "custom", signing_secret: `${secret}-signing` });
    await post("/api-keys", { name: "k", role: "viewer" });
    const all = await kit.ask({ path: "/audit?limit=200" });
    expect(all.text).not.toContain(secret);
    expect(all.text).not.toContain("whsec_");
    expect(all.text).not.toContain("ow_live_");
  });

  it("is written with the change or not at all, and not for what is refused, tried or repeated", async () => {
    const count = async () => ((await kit.ask({ path: "/audit?limit=200" })).at("data") as unknown[]).length;
    const before = await count();
    expect((await post("/endpoints", { name: "e", url: "https://internal/" })).status).toBe(422);
    expect((await patch(`/endpoints/${kit.ids.next()}`, { name: "x" })).status).toBe(404);
    await post("/deliveries/retry", { since: "2026-11-23T00:00:00Z", dry_run: true });
    expect(await count()).toBe(before);
    const headers = { "idempotency-key": "once" };
    for (const _ of [1, 2]) await kit.ask({ method: "POST", path: "/incidents", body: { title: "t" }, headers });
    expect(await count()).toBe(before + 1);

    await kit.database.rows(
      sql`alter table audit_entries add constraint broken check (action <> 'incident.notes') not valid`,
    );
    const incident = (await post("/incidents", { title: "u" })).str("id");
    expect((await post(`/incidents/${incident}/notes`, { text: "lost" })).status).toBe(500);
    await kit.database.rows(sql`alter table audit_entries drop constraint broken`);
    expect((await kit.ask({ path: `/incidents/${incident}/timeline` })).text).not.toContain("lost");
  });

  it("records set-up, invites, sign-ins good and bad, and what people do with their sessions", async () => {
    const organizationId = (await ensureDefaultOrganization(kit.database, kit.ids.next(), kit.clock.now())).id;
    const setup = { organizationId, purpose: "setup", userId: null } as const;
    const { token } = await makeOneTimeLink({ ids: kit.ids, randomBytes }, kit.database, setup, kit.clock.now());
    const open = (path: string, body: object) => kit.ask({ method: "POST", path, body, key: null });
    const pageOf = (reply: Reply) =>
      pageHeaders(
        String(reply.headers["set-cookie"]).split(";")[0] ?? "",
        reply.str("csrf_token"),
        "http://127.0.0.1:8000",
      );
    const ada = { name: "Ada", email: "ada@example.com", password: PASSWORD };
    const admin = pageOf(await open("/setup", { ...ada, token }));
    const as = (method: "POST" | "DELETE", path: string, page: object, body?: object) =>
      kit.ask({ method, path, key: null, headers: { ...page }, ...(body === undefined ? {} : { body }) });
    const invited = await as("POST", "/users", admin, { name: "Grace", email: "grace@example.com", role: "viewer" });
    const link = new URL(invited.str("invite_url")).searchParams.get("token");
    const grace = pageOf(await open("/invites/accept", { token: link, password: PASSWORD }));
    await open("/session", { email: "grace@example.com", password: "wrong heron quay" });
    const again = pageOf(await open("/session", { email: "grace@example.com", password: PASSWORD }));
    await as("DELETE", "/session", again);
    const changed = pageOf(
      await as("POST", "/session/password", grace, { current: PASSWORD, new: "walnut heron quay" }),
    );
    await as("DELETE", "/sessions", changed);
    const entries = await kit.ask({ path: "/audit?limit=200", key: null, headers: admin });
    const told = (
      entries.at("data") as { action: string; actor: { name: string }; object: { name: string | null } }[]
    ).map(({ action, actor, object }) => `${actor.name}: ${action} ${object.name}`);
    expect(told.reverse()).toEqual([
      "Ada: user.set_up Ada",
      "Ada: user.invite Grace",
      "Grace: user.accept_link Grace",
      "somebody: session.sign_in_failed Grace",
      "Grace: session.sign_in Grace",
      "Grace: session.sign_out Grace",
      "Grace: user.change_password Grace",
      "Grace: session.sign_out_everywhere Grace",
    ]);
    for (const secret of [PASSWORD, "walnut heron quay", "wrong heron quay", link ?? "?", token]) {
      expect(entries.text).not.toContain(secret);
    }
  });

  it("is listed by actor, action, object, time and text, page by page, for admins alone", async () => {
    const incident = (await post("/incidents", { title: "Disk full" })).str("id");
    kit.clock.advance(1_000);
    await post(`/incidents/${incident}/acknowledge`, {});
    const acting = (await last()).str("data.0.actor.id");
    const total = async (query: string) =>
      ((await kit.ask({ path: `/audit?${query}` })).at("data") as unknown[]).length;
    expect(await total(`object_id=${incident}`)).toBe(2);
    expect(await total(`object_id=${incident}&action=incident.acknowledge`)).toBe(1);
    expect(await total(`object_id=${incident}&object_kind=endpoint`)).toBe(0);
    expect(await total(`object_id=${incident}&since=${new Date(kit.clock.now()).toISOString()}`)).toBe(1);
    expect(await total(`object_id=${incident}&until=${new Date(kit.clock.now()).toISOString()}`)).toBe(1);
    expect(await total(`object_id=${incident}&actor=${acting}`)).toBe(2);
    expect(await total("q=DISK%20FULL")).toBe(2);
    expect(await total("q=%25")).toBe(0);
    const first = await kit.ask({ path: `/audit?limit=1&object_id=${incident}` });
    const second = await kit.ask({ path: `/audit?limit=1&object_id=${incident}&cursor=${first.str("next_cursor")}` });
    expect([first.at("data.0.action"), second.at("data.0.action")]).toEqual([
      "incident.acknowledge",
      "incident.create",
    ]);
    expect(second.at("next_cursor")).toBeNull();
    expect((await kit.ask({ path: "/audit", key: kit.home.keys.responder })).status).toBe(403);
    expect((await kit.ask({ path: "/audit", key: kit.foreign.keys.admin })).text).not.toContain(incident);
  });

  it("is downloaded as NDJSON and as CSV in which nothing is a formula", async () => {
    const incident = (await post("/incidents", { title: "x" })).str("id");
    await patch(`/incidents/${incident}`, { title: "=HYPERLINK(1)" });
    await kit.database.rows(sql`update audit_entries set object_name = '=1+1' where object_id = ${incident}`);
    const csv = await kit.ask({ path: `/audit/export?format=csv&object_id=${incident}` });
    expect(csv.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(csv.headers["content-disposition"]).toBe('attachment; filename="audit.csv"');
    expect(csv.text.split("\r\n")).toHaveLength(4);
    expect(csv.text).toContain('"\'=1+1"');
    const ndjson = await kit.ask({ path: `/audit/export?object_id=${incident}` });
    const rows = ndjson.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { action: string });
    expect(rows.map((row) => row.action)).toEqual(["incident.update", "incident.create"]);
  });

  it("is kept by the month", async () => {
    const months = async () => (await listPartitions(kit.database)).filter((name) => name.startsWith("audit_entries_"));
    expect((await months()).sort()).toEqual(["audit_entries_202611", "audit_entries_202612", "audit_entries_202701"]);
    expect(await dropPartitionsBefore(kit.database, "audit_entries", Date.UTC(2026, 10, 30))).toEqual([]);
    expect(await dropPartitionsBefore(kit.database, "audit_entries", Date.UTC(2026, 11, 1))).toEqual([
      "audit_entries_202611",
    ]);
  });
});
