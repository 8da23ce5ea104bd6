import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../server/test/support/database.ts";
import { until } from "../../server/test/support/until.ts";
import { pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { type CustomSource, createCustomSource } from "./support/custom-source.ts";

describe.skipIf(!isBrowserHere)("home and alerts", () => {
  const kit = useConsole();
  let source: CustomSource;

  it("shows the first steps of an empty Overwatch", async () => {
    const page = await kit.open("/");
    await page.getByText("Connect a monitoring platform").waitFor();
    await page.getByText("All quiet: no incident is open.").waitFor();
    await pageCheck(page, "home-empty");
    await page.goto("/alerts");
    await page.getByText("Nothing fires").waitFor();
    const command = page.getByRole("group", { name: "The same from a terminal" });
    expect(await command.textContent()).toContain(`${kit.node.url}/api/v1/integrations/$INTEGRATION_ID/test`);
    await pageCheck(page, "alerts-quiet");
    await page.goto("/deliveries");
    await page.getByText("Nothing has been sent yet").waitFor();
    expect(await command.textContent()).toContain(`${kit.node.url}/api/v1/endpoints/$ENDPOINT_ID/test`);
  });

  it("waits for a first webhook, leads back to the set-up, and ticks the step the moment it comes", async () => {
    const door = await createCustomSource(kit.node, "door sensors");
    const page = await kit.open("/");
    const step = page.getByRole("listitem").filter({ hasText: "See its first webhook" });
    await step.getByText("Waiting for it.").waitFor();
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();
    await pageCheck(page, "home-waiting");
    await page.setViewportSize({ width: 1280, height: 800 });
    await step.getByRole("link", { name: "Go on with the set-up of door sensors" }).click();
    await page.getByText("Waiting for the first webhook.").waitFor();
    await page.goBack();
    await step.getByText("Waiting for it.").waitFor();
    const viewer = await kit.open("/", { as: "viewer" });
    await viewer.getByRole("heading", { name: "Waiting for the first webhook" }).waitFor();
    expect(await viewer.getByRole("link", { name: /Go on with the set-up/ }).count()).toBe(0);
    await door.send({ test: true, id: "hello", title: "Hello" });
    await step.getByLabel("Done").waitFor();
    await step.getByText("Waiting for it.").waitFor({ state: "detached" });
    await viewer.getByRole("heading", { name: "Waiting for the first webhook" }).waitFor({ state: "detached" });
  });

  describe("with alerts", () => {
    beforeAll(async () => {
      source = await createCustomSource(kit.node, "shop checks");
      for (const [index, severity] of ["critical", "high", "high", "medium", "low"].entries()) {
        await source.send({ dedup_key: `k${index}`, severity, title: `Service ${index} does not answer` });
      }
      await until(async () => ((await kit.node.call("GET", "/alerts")).data as unknown[]).length >= 5);
    });

    it("shows how things stand, and changes while it is looked at", async () => {
      const page = await kit.open("/");
      const critical = page.getByRole("link", { name: /^Critical/ });
      await critical.getByText("1 open").waitFor();
      await page.getByRole("button", { name: "Live", exact: true }).waitFor();
      await pageCheck(page, "home");
      await source.send({ dedup_key: "k9", severity: "critical", title: "Nobody can sign in" });
      await critical.getByText("2 open").waitFor();
      await page.getByRole("link", { name: /Nobody can sign in/ }).waitFor();
    });

    it("says whether the ledger balances, and leads to where it does not", async () => {
      const page = await kit.open("/");
      await page.getByText("Not checked yet.").waitFor();
      const endpoint = { name: "Ticket desk", url: "http://127.0.0.1:8901/tickets", events: ["incident.merged"] };
      const { id } = await kit.node.call("POST", "/endpoints", endpoint);
      await loseDeliveries(kit.database, String(id), 3);
      await page.reload();
      await page.getByText("3 unaccounted").waitFor();
      await page.getByText("3 deliveries missing").first().waitFor();
      await pageCheck(page, "home-ledger");
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.getByRole("link", { name: "Whole ledger" }).click();
      await page.getByText("Off by -3").first().waitFor();
      await page.goBack();
      await page.getByRole("link", { name: "Ticket desk" }).click();
      await page.getByRole("heading", { name: "Ticket desk" }).waitFor();
    });

    it("narrows alerts by several values that stand in the address, counts them, and keeps searches as views", async () => {
      const page = await kit.open("/alerts");
      const counts = page.getByRole("complementary", { name: "Narrow the list" });
      const rows = page.getByRole("table", { name: "Alerts" });
      await counts.getByLabel("Critical").check();
      await page.waitForURL("**/alerts?severity=critical");
      await counts.getByLabel("Medium").check();
      await page.waitForURL("**/alerts?severity=critical&severity=medium");
      await rows.getByRole("link", { name: "Service 3 does not answer" }).waitFor();
      await rows.getByRole("link", { name: "Service 1 does not answer" }).waitFor({ state: "detached" });
      await page.reload();
      await rows.getByRole("link", { name: "Service 0 does not answer" }).waitFor();
      await source.send({
        dedup_key: "k3",
        severity: "medium",
        title: "Service 3 does not answer",
        status: "resolved",
      });
      await counts.locator("div").filter({ hasText: "Resolved" }).getByText("1").waitFor();
      // The row stays where it is and says how it stands now.
      await rows.getByRole("row").filter({ hasText: "Service 3" }).getByText("Resolved").waitFor();
      await pageCheck(page, "alerts-narrowed");
      await page.setViewportSize({ width: 1280, height: 800 });
      await counts.getByLabel("Resolved").check();
      await page.waitForURL(/status=all/);
      await page.getByRole("button", { name: "Views" }).click();
      await page.getByRole("menuitem", { name: /Save this search/ }).click();
      await page.getByLabel("Name").fill("What was bad");
      await page.getByRole("button", { name: "Save the view" }).click();
      await page.getByText("Saved the view What was bad").waitFor();
      await page.goto("/incidents");
      await page.getByRole("button", { name: "Views" }).click();
      await page.getByText("No view is saved yet").waitFor();
      await page.goto("/alerts");
      await page.getByRole("button", { name: "Views" }).click();
      await page.getByRole("menuitem", { name: "What was bad" }).click();
      await page.waitForURL(/severity=critical&severity=medium/);
      await rows.getByText("Resolved").waitFor();
      await rows.getByRole("link", { name: "Service 1 does not answer" }).waitFor({ state: "detached" });
      await page.goto("/alerts?label=team:nobody");
      await page.getByText("No alert is like that").waitFor();
      await page.getByRole("button", { name: "Remove the filter team:nobody" }).click();
      await rows.getByRole("link", { name: "Service 1 does not answer" }).waitFor();
    });

    it("lists alerts and shows one with its incident", async () => {
      const page = await kit.open("/alerts");
      await page.getByRole("link", { name: "Service 2 does not answer" }).waitFor();
      await pageCheck(page, "alerts");
      await page.getByRole("link", { name: "Service 2 does not answer" }).click();
      const incident = page.getByRole("link", { name: /^#\d+ Service 2 does not answer$/ });
      await incident.waitFor();
      await pageCheck(page, "alert");
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.getByRole("link", { name: "The webhooks that told of it" }).click();
      const rows = page.getByRole("table", { name: "Receipts" });
      await rows.getByRole("link", { name: "Service 2 does not answer" }).waitFor();
      expect(await rows.getByRole("link", { name: /Service [^2]/ }).count()).toBe(0);
      await page.goBack();
      await incident.click();
      await page.getByRole("heading", { name: /Service 2 does not answer/ }).waitFor();
    });

    it("finds what is rare among more alerts than are looked at for one page", async () => {
      await change(
        kit.database,
        `insert into alerts (organization_id, id, integration_id, dedup_key, external_id, status, severity, title,
           description, labels, links, group_key, first_seen_at, last_seen_at)
         select organization_id, gen_random_uuid(), integration_id, 'many' || n, '', 'resolved', 'info',
           'Done long ago ' || n, '', '{}', '[]', 'g', now(), now()
         from (select * from alerts order by id limit 1) one, generate_series(1, 10200) n`,
      );
      await change(
        kit.database,
        `update alerts set labels = '{"rare": "yes"}', title = 'The only one'
         where id = (select id from alerts where title like 'Done%' order by id limit 1)`,
      );
      const page = await kit.open("/alerts?status=resolved&label=rare:yes");
      await page.getByRole("link", { name: "The only one" }).waitFor();
      await page.goto("/alerts?status=resolved&label=rare:no");
      await page.getByText("No alert is like that").waitFor();
    });

    it("keeps counts beside long names on one line", async () => {
      const name = "Everything that the payment platform of the north says";
      const long = await createCustomSource(kit.node, name);
      for (let index = 0; index < 13; index += 1) {
        await long.send({ dedup_key: `long-${index}`, title: `Till ${index} is slow`, severity: "low" });
      }
      const page = await kit.open("/alerts?severity=low");
      const counts = page.getByRole("complementary", { name: "Narrow the list" });
      const value = counts.locator("div").filter({ hasText: name }).filter({ hasText: "13" });
      expect((await value.boundingBox())?.height).toBeLessThan(24);
      expect((await value.getByText("13").boundingBox())?.width).toBeGreaterThan(10);
    });
  });
});

/** Makes the ledger look as if so many deliveries of an endpoint had been lost today. */
function loseDeliveries(connection: Connection, endpointId: string, count: number): Promise<void> {
  return change(
    connection,
    `insert into ledger_days (organization_id, endpoint_id, day, matched, difference, checked_at)
     select organization_id, id, 20000, $2::bigint, -$2::bigint, now() from endpoints where id = $1`,
    [endpointId, count],
  );
}

/** Changes what stands in the database. */
async function change(connection: Connection, statement: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(statement, [...values]);
  } finally {
    await client.end();
  }
}
