import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLATFORM_NAMES } from "../src/platforms/platform.ts";
import { sql, timestamp } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";

let kit: ApiKit;

beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const post = (path: string, body: object, key?: string): Promise<Reply> =>
  kit.ask({ method: "POST", path, body, ...(key === undefined ? {} : { key }) });

describe("the overview", () => {
  it("is calm where nothing is", async () => {
    const reply = await kit.ask({ path: "/overview", key: kit.foreign.keys.viewer });
    const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
    expect(reply.body).toMatchObject({
      incidents: { open: none, acknowledged: none, is_exact: true },
      last_hour: { accepted: 0, refused: 0, attempts_failed: 0 },
      waiting: { oldest_receipt_at: null, oldest_due_seconds: null, oldest_parked_at: null },
      broken_endpoints: [],
      silent_integrations: [],
      awaiting_integrations: [],
      ledger: { balanced: true, missing: 0, surplus: 0, checked_at: null, endpoints: [] },
      configured: { integrations: 0, heard: 0, endpoints: 0 },
    });
  });

  it("shows what is open, waits, is broken and silent", async () => {
    const open = await post("/incidents", { title: "a", severity: "critical" });
    await post(`/incidents/${open.str("id")}/acknowledge`, {});
    await post("/incidents", { title: "b", severity: "low" });
    const broken = await post("/endpoints", { name: "broken", url: "https://hooks.example.com/" });
    const working = await post("/endpoints", { name: "working", url: "https://hooks.example.com/" });
    await kit.database.rows(sql`
      update circuits set state = 'open', opened_at = ${timestamp(kit.clock.now())}, diagnosis = 'answers 401'
      where endpoint_id = ${broken.str("id")}`);
    await post("/incidents", { title: "c", severity: "low" });
    const silent = { name: "quiet", platform: "custom", silent_after_seconds: 60, verification: { type: "none" } };
    const integration = await post("/integrations", silent);
    const path = `/api/v1/webhooks/custom/${integration.str("id")}`;
    expect((await kit.deliverWebhook(path, JSON.stringify({ title: "x" }), {})).status).toBe(200);
    await kit.figures.flush();
    kit.clock.advance(90_000);
    const reply = await kit.ask({ path: "/overview" });
    expect(reply.body).toMatchObject({
      incidents: { open: { critical: 0, low: 2 }, acknowledged: { critical: 1 } },
      last_hour: { accepted: 1 },
      waiting: { oldest_receipt_seconds: 90, oldest_due_seconds: 90 },
      broken_endpoints: [{ name: "broken", state: "open", diagnosis: "answers 401" }],
      silent_integrations: [{ name: "quiet", silent_after_seconds: 60 }],
      configured: { integrations: 1, endpoints: 2 },
      ready: [{ name: "database", ok: true }],
    });
    expect(reply.at("waiting.oldest_parked_at")).not.toBeNull();
    expect(reply.at("database.latency_ms")).toBeGreaterThanOrEqual(0);
    expect(working.status).toBe(201);
  });

  it("names integrations that wait for their first webhook, until it has come or they are disabled", async () => {
    const awaiting = async (): Promise<unknown> =>
      ((await kit.ask({ path: "/overview" })).at("awaiting_integrations") as { readonly name: string }[]).map(
        ({ name }) => name,
      );
    const before = await kit.ask({ path: "/overview" });
    const make = (name: string): Promise<Reply> =>
      post("/integrations", { name, platform: "custom", verification: { type: "none" } });
    const [first, second] = [await make("first"), await make("second")];
    expect(await awaiting()).toEqual(expect.arrayContaining(["first", "second"]));
    await kit.database.rows(sql`
      update integrations set last_receipt_at = ${timestamp(kit.clock.now())} where id = ${first.str("id")}`);
    await kit.ask({ method: "PATCH", path: `/integrations/${second.str("id")}`, body: { enabled: false } });
    const third = await make("third");
    // When it was last heard of is written down now and then; its receipt is there at once.
    await kit.deliverWebhook(`/api/v1/webhooks/custom/${third.str("id")}`, JSON.stringify({ title: "x" }), {});
    for (const name of ["first", "second", "third"]) {
      expect(await awaiting()).not.toEqual(expect.arrayContaining([name]));
    }
    const after = await kit.ask({ path: "/overview" });
    expect(Number(after.at("configured.heard")) - Number(before.at("configured.heard"))).toBe(2);
  });

  it("tells what the check of the ledger has found, without counting", async () => {
    const lost = (await post("/endpoints", { name: "lost", url: "https://hooks.example.com/" })).str("id");
    const fine = (await post("/endpoints", { name: "fine", url: "https://hooks.example.com/" })).str("id");
    const organizationId = sql`(select organization_id from endpoints where id = ${lost})`;
    const at = kit.clock.now();
    await kit.database.rows(sql`
      insert into ledger_days (organization_id, endpoint_id, day, matched, difference, checked_at)
      values (${organizationId}, ${lost}, 20000, 9, -3, ${timestamp(at - 60_000)}),
        (${organizationId}, ${lost}, 20001, 9, 1, ${timestamp(at)}),
        (${organizationId}, ${fine}, 20001, 9, 0, ${timestamp(at - 30_000)})`);
    expect((await kit.ask({ path: "/overview" })).at("ledger")).toEqual({
      balanced: false,
      missing: 3,
      surplus: 1,
      checked_at: new Date(at).toISOString(),
      endpoints: [{ id: lost, name: "lost", is_deleted: false, missing: 3, surplus: 1 }],
    });
    expect((await kit.ask({ path: "/overview", key: kit.foreign.keys.viewer })).at("ledger.balanced")).toBe(true);
    await kit.database.rows(sql`delete from ledger_days`);
  });

  it("tells which nodes run and which have not shown themselves", async () => {
    const now = kit.clock.now();
    await kit.database.rows(sql`
      insert into nodes (id, role, version, lock_key, started_at, seen_at)
      values (${kit.ids.next()}, 'all', '1.2.3', 1, ${timestamp(now - 60_000)}, ${timestamp(now)}),
        (${kit.ids.next()}, 'work', '1.2.3', 2, ${timestamp(now - 50_000)}, ${timestamp(now - 40_000)})`);
    const reply = await kit.ask({ path: "/overview" });
    expect(reply.at("nodes")).toMatchObject([
      { role: "all", version: "1.2.3", is_seen: true },
      { role: "work", is_seen: false },
    ]);
  });
});

describe("saved views", () => {
  const view = { name: "mine", page: "incidents", query: "status=open&severity=critical" };

  it("belong to whoever saves them", async () => {
    const made = await post("/views", view, kit.home.keys.viewer);
    expect(made.body).toMatchObject({ ...view, is_shared: false, is_mine: true, owner_name: "viewer key" });
    const path = `/views/${made.str("id")}`;
    for (const key of [kit.home.keys.admin, kit.foreign.keys.admin]) {
      expect((await kit.ask({ path: "/views", key })).at("data")).toEqual([]);
      expect((await kit.ask({ method: "PATCH", path, body: { name: "x" }, key })).status).toBe(404);
      expect((await kit.ask({ method: "DELETE", path, key })).status).toBe(404);
    }
    const own = { path, key: kit.home.keys.viewer };
    const changed = await kit.ask({ ...own, method: "PATCH", body: { name: "renamed" } });
    expect(changed.body).toMatchObject({ ...view, name: "renamed" });
    const stale = await kit.ask({ ...own, method: "PATCH", body: { name: "y" }, headers: { "if-match": '"1"' } });
    expect(stale.status).toBe(412);
    expect((await kit.ask({ ...own, method: "DELETE" })).status).toBe(204);
    expect((await kit.ask({ path: "/views", key: kit.home.keys.viewer })).at("data")).toEqual([]);
  });

  it("are shared by responders, seen by everybody of the organization, and changed by admins besides", async () => {
    expect((await post("/views", { ...view, is_shared: true }, kit.home.keys.viewer)).status).toBe(403);
    const made = await post("/views", { ...view, name: "ours", is_shared: true }, kit.home.keys.responder);
    const seen = await kit.ask({ path: "/views?page=incidents", key: kit.home.keys.viewer });
    expect(seen.at("data")).toMatchObject([{ name: "ours", is_mine: false, owner_name: "responder key" }]);
    expect((await kit.ask({ path: "/views?page=receipts", key: kit.home.keys.viewer })).at("data")).toEqual([]);
    expect((await kit.ask({ path: "/views", key: kit.foreign.keys.admin })).at("data")).toEqual([]);
    const path = `/views/${made.str("id")}`;
    const byViewer = await kit.ask({ method: "DELETE", path, key: kit.home.keys.viewer });
    expect(byViewer.at("error.code")).toBe("FORBIDDEN");
    expect((await kit.ask({ method: "PATCH", path, body: { is_shared: false } })).status).toBe(200);
    expect((await kit.ask({ path: "/views", key: kit.home.keys.viewer })).at("data")).toEqual([]);
  });

  it("refuse unknown pages, empty names and more than 200 of one owner", async () => {
    expect((await post("/views", { ...view, page: "secrets" })).status).toBe(422);
    expect((await post("/views", { ...view, name: "" })).status).toBe(422);
    expect((await post("/views", { ...view, query: "x".repeat(4_001) })).status).toBe(422);
    for (let n = 0; n < 200; n++) expect((await post("/views", { ...view, name: `v${n}` })).status).toBe(201);
    expect((await post("/views", view)).at("error.code")).toBe("CONFLICT");
  });
});

describe("platforms", () => {
  it("are listed with the verification to choose first", async () => {
    const list = await kit.ask({ path: "/platforms" });
    expect((list.at("data") as { name: string }[]).map((one) => one.name)).toEqual([...PLATFORM_NAMES]);
    const of = (name: string) =>
      (list.at("data") as { name: string; verification_types: string[]; can_sign: boolean }[]).find(
        (one) => one.name === name,
      );
    expect(of("pagerduty")).toMatchObject({ can_sign: true, signature_header: "x-pagerduty-signature" });
    expect(of("prometheus")?.verification_types[0]).toBe("token");
  });

  it.each(PLATFORM_NAMES)(
    "show a guide with the real addresses and samples that can be previewed: %s",
    async (name) => {
      const made = await post("/integrations", { name, platform: name });
      const url = made.str("webhook_url");
      const reply = await kit.ask({ path: `/platforms/${name}?integration_id=${made.str("id")}` });
      expect(reply.str("guide")).toContain("## Set it up");
      expect(reply.str("guide")).not.toContain("$OVERWATCH/");
      expect(reply.str("guide")).not.toContain("<webhook_url>");
      if ((await kit.ask({ path: `/platforms/${name}` })).str("guide").includes("`webhook_url`")) {
        expect(reply.str("guide")).toContain(url);
      }
      const samples = reply.at("samples") as { payload: unknown }[];
      expect(samples.length).toBeGreaterThan(2);
      const preview = await post(`/integrations/${made.str("id")}/preview`, { payload: samples[0]?.payload });
      expect(preview.status).toBe(200);
    },
  );

  it("are not found under other names, nor with an integration of another platform or organization", async () => {
    const made = await post("/integrations", { name: "x", platform: "custom" });
    expect((await kit.ask({ path: "/platforms/nagios" })).status).toBe(404);
    expect((await kit.ask({ path: "/platforms/constructor" })).status).toBe(404);
    expect((await kit.ask({ path: `/platforms/datadog?integration_id=${made.str("id")}` })).status).toBe(404);
    const foreign = { path: `/platforms/custom?integration_id=${made.str("id")}`, key: kit.foreign.keys.admin };
    expect((await kit.ask(foreign)).status).toBe(404);
  });
});
