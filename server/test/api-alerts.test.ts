import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";

let kit: ApiKit;
let shop: string;
let bank: string;

beforeAll(async () => {
  kit = await createApiKit();
  shop = await makeIntegration("shop");
  bank = await makeIntegration("bank");
  await fire(shop, { dedup_key: "disk", title: "Disk", severity: "critical", labels: { team: "core", env: "a:b" } });
  await fire(shop, { dedup_key: "cpu", title: "Cpu", severity: "low", labels: { team: "core" } });
  await fire(bank, { dedup_key: "login", title: "Login", severity: "high", labels: { team: "web" } });
  await fire(bank, { dedup_key: "queue", title: "Queue", severity: "critical" });
  await fire(bank, { dedup_key: "queue", title: "Queue", severity: "critical", status: "resolved" });
});
afterAll(() => kit.close());

async function makeIntegration(name: string): Promise<string> {
  const body = { name, platform: "custom", verification: { type: "none" } };
  return (await kit.ask({ method: "POST", path: "/integrations", body })).str("id");
}

async function fire(integrationId: string, body: object): Promise<void> {
  kit.clock.advance(1_000);
  const path = `/api/v1/webhooks/custom/${integrationId}`;
  expect((await kit.deliverWebhook(path, JSON.stringify({ status: "firing", ...body }), {})).status).toBe(200);
  await kit.triage.runOnce();
}

const titles = (reply: Reply): readonly string[] =>
  (reply.at("data") as { readonly title: string }[]).map(({ title }) => title);
const list = async (query: string): Promise<readonly string[]> => titles(await kit.ask({ path: `/alerts?${query}` }));

describe("a list of alerts", () => {
  it("takes several values of a filter, with commas or repeated, newest first", async () => {
    expect(await list("")).toEqual(["Queue", "Login", "Cpu", "Disk"]);
    expect(await list("status=firing")).toEqual(["Login", "Cpu", "Disk"]);
    expect(await list("status=firing,resolved&severity=critical,high")).toEqual(["Queue", "Login", "Disk"]);
    expect(await list(`integration_id=${shop}&integration_id=${bank}`)).toEqual(["Queue", "Login", "Cpu", "Disk"]);
    expect(await list(`integration_id=${shop}&severity=low`)).toEqual(["Cpu"]);
    expect((await kit.ask({ path: "/alerts?severity=high,bad" })).at("error.code")).toBe("VALIDATION_FAILED");
  });

  it("keeps its order over pages of several integrations", async () => {
    const seen: string[] = [];
    for (let cursor = ""; seen.length < 10; ) {
      const reply = await kit.ask({ path: `/alerts?integration_id=${shop},${bank}&limit=1${cursor}` });
      seen.push(...titles(reply));
      if (reply.at("next_cursor") === null) break;
      cursor = `&cursor=${reply.str("next_cursor")}`;
    }
    expect(seen).toEqual(["Queue", "Login", "Cpu", "Disk"]);
  });

  it("is narrowed by labels, all of which must be there", async () => {
    expect(await list("label=team:core")).toEqual(["Cpu", "Disk"]);
    expect(await list("label=team:core&label=env:a:b")).toEqual(["Disk"]);
    expect((await kit.ask({ path: "/alerts?label=team" })).at("error.details.fields.0.path")).toBe("label");
  });

  it("has counts beside it, each under the filters of the others", async () => {
    const facets = await kit.ask({ path: `/alerts/facets?status=firing&severity=critical` });
    expect(facets.body).toEqual({
      total: 1,
      is_exact: true,
      status: [
        { value: "firing", count: 1 },
        { value: "resolved", count: 1 },
      ],
      severity: [
        { value: "critical", count: 1 },
        { value: "high", count: 1 },
        { value: "low", count: 1 },
      ],
      integration: [{ value: shop, name: "shop", count: 1 }],
    });
    expect((await kit.ask({ path: "/alerts/facets?q=login" })).at("total")).toBe(1);
    expect((await kit.ask({ path: "/alerts/facets?label=team:core" })).at("total")).toBe(2);
    expect((await kit.ask({ path: "/alerts/facets", key: kit.foreign.keys.viewer })).at("total")).toBe(0);
  });

  it("goes on where it stopped looking when what it looks for is rare, and keeps the order of integrations", async () => {
    const rare = kit.ids.next();
    const many = kit.ids.next();
    const id = (first: number) =>
      `(lpad(to_hex(${first} + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid`;
    const add = (integrationId: string, first: number, count: number, title: string) =>
      kit.database.rows({
        text: `
          insert into alerts (organization_id, id, integration_id, dedup_key, external_id, status, severity, title,
            description, labels, links, group_key, first_seen_at, last_seen_at)
          select $1, ${id(first)}, $2, 'k' || n, 'k', 'resolved', 'info', $3 || n, '',
            case when n <= 2 then '{"rare": "yes"}'::jsonb else '{}' end, '[]', 'g', now(), now()
          from generate_series(1, $4::int) n`,
        values: [kit.foreign.id, integrationId, title, count],
      });
    await add(many, 1_795_000_000_000, 10_200, "many ");
    await add(rare, 1_794_000_000_000, 2, "rare ");
    const key = kit.foreign.keys.viewer;
    const pages: (readonly string[])[] = [];
    for (let cursor = "", isOver = false; !isOver && pages.length < 20; ) {
      const path = `/alerts?status=resolved&label=rare:yes&integration_id=${many},${rare}&limit=1${cursor}`;
      const reply = await kit.ask({ path, key });
      pages.push(titles(reply));
      isOver = reply.at("next_cursor") === null;
      cursor = isOver ? "" : `&cursor=${reply.str("next_cursor")}`;
    }
    expect(pages[0]).toEqual([]);
    expect(pages.flat()).toEqual(["many 2", "many 1", "rare 2", "rare 1"]);
    const first = await kit.ask({ path: "/alerts?q=many%201&label=rare:yes", key });
    expect(titles(first)).toEqual([]);
    const second = await kit.ask({ path: `/alerts?q=many%201&label=rare:yes&cursor=${first.str("next_cursor")}`, key });
    expect(titles(second)).toEqual(["many 1"]);
    expect(second.at("next_cursor")).toBeNull();
  });
});
