import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql, timestamp } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply, STARTED_AT } from "./support/api-kit.ts";

let kit: ApiKit;
let integrationId: string;

beforeAll(async () => {
  kit = await createApiKit();
  const made = await post("/integrations", { name: "shop", platform: "custom", verification: { type: "none" } });
  integrationId = made.str("id");
});
afterAll(() => kit.close());

const post = (path: string, body: object): Promise<Reply> => kit.ask({ method: "POST", path, body });

async function open(title: string, more: object = {}): Promise<string> {
  kit.clock.advance(1_000);
  return (await post("/incidents", { title, ...more })).str("id");
}

async function fire(body: object): Promise<string> {
  kit.clock.advance(1_000);
  const answer = await kit.deliverWebhook(
    `/api/v1/webhooks/custom/${integrationId}`,
    JSON.stringify({ status: "firing", severity: "high", ...body }),
    {},
  );
  await kit.triage.runOnce();
  return (await kit.ask({ path: `/receipts/${answer.str("data.receipt_id")}` })).str("incident_ids.0");
}

const titles = (reply: Reply): readonly string[] =>
  (reply.at("data") as { readonly title: string }[]).map((one) => one.title);
const list = async (query: string): Promise<readonly string[]> =>
  titles(await kit.ask({ path: `/incidents?${query}` }));

async function pages(query: string): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let cursor = ""; seen.length < 100; ) {
    const reply = await kit.ask({ path: `/incidents?${query}${cursor}` });
    seen.push(...titles(reply));
    if (reply.at("next_cursor") === null) return seen;
    cursor = `&cursor=${reply.str("next_cursor")}`;
  }
  throw new Error("the list has no end");
}

describe("a list of incidents", () => {
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    ids.disk = await open("disk", { severity: "high", labels: { team: "core", env: "a:b" } });
    ids.cpu = await open("cpu", { severity: "critical", labels: { team: "core" } });
    ids.web = await open("web", { severity: "low", labels: { team: "web" } });
    ids.old = await open("old", { severity: "high" });
    await post(`/incidents/${ids.cpu}/assign`, { assignee: "ada" });
    await post(`/incidents/${ids.web}/assign`, { assignee: "admin key" });
    kit.clock.advance(1_000);
    await post(`/incidents/${ids.disk}/acknowledge`, {});
    await post(`/incidents/${ids.old}/resolve`, {});
  });

  it("takes several values of a filter, with commas or repeated", async () => {
    expect(await list("status=open,acknowledged")).toEqual(["web", "cpu", "disk"]);
    expect(await list("status=open&status=acknowledged")).toEqual(["web", "cpu", "disk"]);
    expect(await list("severity=critical,low")).toEqual(["web", "cpu"]);
    expect(await list("status=resolved,acknowledged&severity=high")).toEqual(["old", "disk"]);
    expect((await kit.ask({ path: "/incidents?status=open,lost" })).at("error.code")).toBe("VALIDATION_FAILED");
    expect((await kit.ask({ path: "/incidents?status=" })).status).toBe(422);
  });

  it("is narrowed to an assignee, to nobody, and to whoever asks", async () => {
    expect(await list("assignee=ada")).toEqual(["cpu"]);
    expect(await list("assignee=none")).toEqual(["old", "disk"]);
    expect(await list("assignee=me")).toEqual(["web"]);
    expect(await list("assignee=me,ada,none&status=open")).toEqual(["web", "cpu"]);
    const viewer = await kit.ask({ path: "/incidents?assignee=me", key: kit.home.keys.viewer });
    expect(titles(viewer)).toEqual([]);
  });

  it("is narrowed by labels, all of which must be there, and by flapping", async () => {
    expect(await list("label=team:core")).toEqual(["cpu", "disk"]);
    expect(await list("label=team:core&label=env:a:b")).toEqual(["disk"]);
    expect(await list("label=team:nobody")).toEqual([]);
    expect(await list("flapping=true")).toEqual([]);
    expect(await list("flapping=false&severity=low")).toEqual(["web"]);
    expect((await kit.ask({ path: "/incidents?label=team" })).at("error.details.fields.0.path")).toBe("label");
  });

  it("comes in four orders, and pages keep to them", async () => {
    expect(await pages("limit=1")).toEqual(["old", "web", "cpu", "disk"]);
    expect(await pages("sort=oldest&limit=1")).toEqual(["disk", "cpu", "web", "old"]);
    expect(await pages("sort=severity&limit=1")).toEqual(["cpu", "old", "disk", "web"]);
    expect(await pages("sort=severity&limit=3")).toEqual(["cpu", "old", "disk", "web"]);
    expect(await pages("sort=severity&status=open,acknowledged&limit=1")).toEqual(["cpu", "disk", "web"]);
    expect(await pages("sort=updated&status=open,acknowledged&limit=1")).toEqual(["disk", "web", "cpu"]);
  });

  it("refuses an order that it cannot give, and a cursor of another list", async () => {
    for (const query of ["sort=updated", "sort=updated&status=open,resolved", "sort=oldest&q=disk"]) {
      expect((await kit.ask({ path: `/incidents?${query}` })).at("error.details.fields.0.path"), query).toBe("sort");
    }
    const first = await kit.ask({ path: "/incidents?limit=1" });
    const other = await kit.ask({ path: `/incidents?limit=1&sort=oldest&cursor=${first.str("next_cursor")}` });
    expect(other.status).toBe(400);
    expect(other.at("error.code")).toBe("INVALID_CURSOR");
  });

  it("finds unresolved ones by text or number in any order", async () => {
    const number = (await kit.ask({ path: `/incidents/${ids.cpu}` })).at("number");
    expect(await list(`q=%23${String(number)}`)).toEqual(["cpu"]);
    expect(await list(`q=${String(number)}&status=open&sort=severity`)).toContain("cpu");
    expect(await list("q=U&status=open&sort=severity")).toEqual(["cpu"]);
  });

  it("goes on where it stopped looking when what it looks for is rare", async () => {
    const id = "(lpad(to_hex(1795000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid";
    await kit.database.rows({
      text: `
        insert into incidents (organization_id, id, number, integration_id, group_key, status, severity, title,
          description, labels, links, created_at, updated_at, resolved_at)
        select $1, ${id}, 100000 + n, $2, 'many' || n, 'resolved', 'info', 'many ' || n, '',
          case when n = 1 then '{"rare": "yes"}'::jsonb else '{}' end, '[]', $3, $3, $3
        from generate_series(1, 10200) n`,
      values: [kit.foreign.id, kit.ids.next(), new Date(STARTED_AT)],
    });
    const ask = (path: string) => kit.ask({ path, key: kit.foreign.keys.viewer });
    const first = await ask("/incidents?label=rare:yes");
    expect(titles(first)).toEqual([]);
    const second = await ask(`/incidents?label=rare:yes&cursor=${first.str("next_cursor")}`);
    expect(titles(second)).toEqual(["many 1"]);
    expect(second.at("next_cursor")).toBeNull();
    const facets = await ask("/incidents/facets");
    expect(facets.body).toMatchObject({ is_exact: false, status: [{ value: "resolved", count: 10_000 }] });
  });

  it("has counts beside it, each under the filters of the others", async () => {
    const facets = await kit.ask({ path: "/incidents/facets?status=open&severity=critical" });
    expect(facets.body).toEqual({
      total: 1,
      is_exact: true,
      status: [{ value: "open", count: 1 }],
      severity: [
        { value: "critical", count: 1 },
        { value: "low", count: 1 },
      ],
      integration: [{ value: null, name: null, count: 1 }],
      assignee: [{ value: "ada", count: 1 }],
    });
    const all = await kit.ask({ path: "/incidents/facets?label=team:core" });
    expect(all.at("total")).toBe(2);
    expect((await kit.ask({ path: "/incidents/facets?cursor=x" })).status).toBe(422);
  });
});

describe("acting on many incidents", () => {
  it("answers for each, and twice changes nothing", async () => {
    const ids = [await open("b1"), await open("b2"), kit.ids.next()];
    const body = { ids, action: "acknowledge" };
    const first = await post("/incidents/bulk", body);
    expect(first.body).toMatchObject({ changed: 2, unchanged: 0, failed: 1 });
    expect(first.body).toMatchObject({
      results: [
        { id: ids[0], ok: true, is_changed: true, incident: { status: "acknowledged" }, error: null },
        { id: ids[1], ok: true, is_changed: true },
        { id: ids[2], ok: false, incident: null, error: { code: "NOT_FOUND" } },
      ],
    });
    expect((await post("/incidents/bulk", body)).body).toMatchObject({ changed: 0, unchanged: 2, failed: 1 });
    const timeline = await kit.ask({ path: `/incidents/${ids[0]}/timeline` });
    expect((timeline.at("data") as { kind: string }[]).filter(({ kind }) => kind === "acknowledged")).toHaveLength(1);
  });

  it("takes every action with what that needs, and nothing else", async () => {
    const ids = [await open("c1"), await open("c2")];
    const target = await open("target");
    const until = new Date(kit.clock.now() + 3_600_000).toISOString();
    for (const action of [
      { action: "assign", assignee: "ada" },
      { action: "snooze", until },
      { action: "unsnooze" },
      { action: "resolve" },
      { action: "reopen" },
      { action: "merge", into_id: target },
      { action: "unmerge" },
      { action: "merge", into_id: target },
    ]) {
      expect((await post("/incidents/bulk", { ids, ...action })).body, action.action).toMatchObject({ changed: 2 });
    }
    const refused = await post("/incidents/bulk", { ids, action: "reopen" });
    expect(refused.body).toMatchObject({ failed: 2, results: [{ error: { code: "CONFLICT" } }, {}] });
    for (const wrong of [{ action: "assign" }, { action: "snooze" }, { action: "resolve", assignee: "x" }]) {
      expect((await post("/incidents/bulk", { ids, ...wrong })).status).toBe(422);
    }
    expect((await post("/incidents/bulk", { ids, action: "merge", into_id: kit.ids.next() })).status).toBe(404);
    expect((await post("/incidents/bulk", { ids: [], action: "resolve" })).status).toBe(422);
    const many = Array.from({ length: 201 }, () => kit.ids.next());
    expect((await post("/incidents/bulk", { ids: many, action: "resolve" })).status).toBe(422);
  });

  it("reaches none of another organization", async () => {
    const ids = [await open("mine")];
    const key = kit.foreign.keys.admin;
    const reply = await kit.ask({ method: "POST", path: "/incidents/bulk", body: { ids, action: "resolve" }, key });
    expect(reply.body).toMatchObject({ changed: 0, failed: 1, results: [{ error: { code: "NOT_FOUND" } }] });
    expect((await kit.ask({ path: `/incidents/${ids[0]}` })).at("status")).toBe("open");
  });
});

describe("understanding an incident", () => {
  it("lists those of its group first, then those that look alike, with how they ended", async () => {
    const first = await fire({ id: "s1", title: "Checkout latency high on host 1", labels: { app: "shop" } });
    await post(`/incidents/${first}/notes`, { text: "restarted the cache" });
    await post(`/incidents/${first}/resolve`, {});
    const alike = await fire({ id: "s2", title: "Checkout latency high on host 2", labels: { app: "shop" } });
    await fire({ id: "s3", title: "Certificate expires", labels: { app: "mail" } });
    kit.clock.advance(400_000);
    const again = await fire({ id: "s1", title: "Checkout latency high on host 1", labels: { app: "shop" } });
    const similar = await kit.ask({ path: `/incidents/${again}/similar` });
    expect(similar.at("data")).toMatchObject([
      {
        match: "group",
        score: 1,
        incident: { id: first, status: "resolved" },
        notes: [{ actor: "admin key", text: "restarted the cache" }],
      },
      { match: "title", incident: { id: alike }, notes: [], duration_seconds: null },
    ]);
    expect(similar.at("data")).toHaveLength(2);
    expect((await kit.ask({ path: `/incidents/${again}/similar?limit=1` })).at("data")).toHaveLength(1);
    expect((await kit.ask({ path: `/incidents/${again}/similar?limit=21` })).status).toBe(422);
  });

  it("explains which receipt opened it, by which key and grouping", async () => {
    const id = await fire({ id: "why-1", title: "Queue grows" });
    const why = await kit.ask({ path: `/incidents/${id}/why` });
    const receipts = await kit.ask({ path: `/receipts?integration_id=${integrationId}&limit=1` });
    expect(why.body).toMatchObject({
      receipt: { id: receipts.str("data.0.id"), integration_id: integrationId, verified_by: "none" },
      signal: { dedup_key: "why-1", dedup_key_from: ["$.id"], decision: "opened" },
      grouping: { rule: { by: ["dedup_key"] }, fields: [] },
      previous_incident: null,
    });
    const rule = "Every alert has an incident of its own; alerts are told apart by the sender's own key, id.";
    expect(why.str("grouping.sentence")).toBe(rule);
    expect(why.str("sentence")).toBe(
      `A webhook of shop opened it: the alert fires, and no incident of its group was known. ${rule}`,
    );
    expect(why.str("sentence")).not.toContain(why.str("grouping.group_key"));
  });

  it("says in words which labels its alerts share, and that the rule has changed since", async () => {
    const path = `/integrations/${integrationId}`;
    const group = (by: readonly string[]) => kit.ask({ method: "PATCH", path, body: { grouping: { by } } });
    expect((await group(["service", "check"])).status).toBe(200);
    const id = await fire({ id: "why-2", title: "Slow", labels: { service: "checkout", check: "latency" } });
    const why = await kit.ask({ path: `/incidents/${id}/why` });
    const rule = "Alerts with the same service and check share an incident";
    expect(why.at("grouping.fields")).toEqual([
      { name: "service", value: "checkout" },
      { name: "check", value: "latency" },
    ]);
    expect(why.str("grouping.sentence")).toBe(`${rule}; here service is “checkout” and check is “latency”.`);
    await group(["dedup_key"]);
    const after = await kit.ask({ path: `/incidents/${id}/why` });
    expect(after.at("grouping.fields")).toEqual([]);
    expect(after.str("grouping.sentence")).toContain("that have changed since. Now: Every alert has an incident");
  });

  it("explains an incident by hand and one whose receipt is gone", async () => {
    const byHand = await kit.ask({ path: `/incidents/${await open("manual")}/why` });
    expect(byHand.body).toMatchObject({ receipt: null, signal: null, grouping: { rule: null } });
    expect(byHand.str("sentence")).toBe("Opened by admin key: manual");
    const id = await fire({ id: "gone", title: "Gone" });
    await kit.database.rows(sql`delete from receipts where received_at <= ${timestamp(kit.clock.now())}`);
    const why = await kit.ask({ path: `/incidents/${id}/why` });
    expect(why.body).toMatchObject({ receipt: null, signal: null, opened: { text: "Opened by shop: Gone" } });
  });
});
