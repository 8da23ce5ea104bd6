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
});
