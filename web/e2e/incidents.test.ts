import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { axeCheck, noSidewaysScroll, pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { createCustomSource } from "./support/custom-source.ts";

const TITLES = [
  ["critical", "Checkout fails for every third customer"],
  ["critical", "Primary database does not accept writes"],
  ["high", "Latency of the search API is above 2 s"],
  ["medium", "Certificate of shop.example.com ends in 6 days"],
  ["medium", "Backup of db-2 was skipped"],
  ["low", "Disk of build-7 is 81% full"],
  ["info", "Deploy 4711 has finished with warnings"],
] as const;

const list = (page: Page) => page.getByRole("table", { name: "Incidents" });
const row = (page: Page, title: string) => list(page).getByRole("row").filter({ hasText: title });

describe.skipIf(!isBrowserHere)("the list of incidents", () => {
  const kit = useConsole();

  it("is calm when nothing is wrong", async () => {
    const page = await kit.open("/incidents");
    await page.getByText("All quiet").waitFor();
    const command = page.getByRole("group", { name: "The same from a terminal" });
    expect(await command.textContent()).toContain(`curl -X POST ${kit.node.url}/api/v1/incidents `);
    await pageCheck(page, "incidents-quiet");
  });

  describe("with incidents", () => {
    beforeAll(async () => {
      for (const [severity, title] of TITLES) {
        await kit.node.call("POST", "/incidents", { title, severity, labels: { team: "shop", region: "eu-1" } });
      }
    });

    it("shows them, with counts to narrow it by, and keeps the filters in the URL", async () => {
      const page = await kit.open("/incidents");
      await row(page, TITLES[0][1]).waitFor();
      await pageCheck(page, "incidents");
      // What narrow tables have no room for is on the cards.
      const card = row(page, TITLES[0][1]);
      await card.getByText("By hand").waitFor();
      await card.getByText("just now").or(card.getByText(/ago$/)).waitFor();
      expect(await card.getByText("Nobody").isVisible()).toBe(false);
      await page.setViewportSize({ width: 700, height: 800 });
      await card.getByText("By hand").waitFor({ state: "hidden" });
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.getByRole("complementary", { name: "Narrow the list" }).getByLabel("Critical").check();
      await page.waitForURL("**/incidents?severity=critical");
      await row(page, TITLES[2][1]).waitFor({ state: "hidden" });
      await page.reload();
      await row(page, TITLES[1][1]).waitFor();
      expect(await list(page).getByRole("link").count()).toBe(2);
      await page.getByRole("button", { name: "Clear" }).click();
      await row(page, TITLES[2][1]).waitFor();
    });

    it("comes back to the filters and the order from an incident's page, and to none from one opened by itself", async () => {
      const page = await kit.open("/incidents?severity=critical&sort=oldest");
      await row(page, TITLES[1][1]).getByRole("link").first().click();
      await page.waitForURL(/\/incidents\/[0-9a-f-]{36}/);
      const back = page.getByRole("main").getByRole("link", { name: "Incidents", exact: true });
      await back.click();
      await page.waitForURL("**/incidents?severity=critical&sort=oldest");
      await row(page, TITLES[0][1]).waitFor();
      expect(await list(page).getByRole("link").count()).toBe(2);
      await row(page, TITLES[1][1]).getByRole("link").first().click();
      await page.waitForURL(/\/incidents\/[0-9a-f-]{36}/);
      await page.reload();
      await back.click();
      await page.waitForURL((url) => url.pathname === "/incidents" && url.search === "");
    });

    it("finds by title", async () => {
      const page = await kit.open("/incidents");
      await page.keyboard.press("/");
      await row(page, TITLES[0][1]).waitFor();
      await page.getByRole("searchbox").fill("certificate");
      await row(page, TITLES[0][1]).waitFor({ state: "hidden" });
      await row(page, TITLES[3][1]).waitFor();
      expect(await list(page).getByRole("link").count()).toBe(1);
      expect(new URL(page.url()).searchParams.get("q")).toBe("certificate");
    });

    it("acknowledges and resolves by keyboard, shows it at once, and takes it back", async () => {
      const page = await kit.open("/incidents", { as: "responder" });
      const title = TITLES[6][1];
      await row(page, title).waitFor();
      await page.keyboard.press("j");
      await row(page, title).getByRole("link", { name: title }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("a");
      await row(page, title).getByText("Acknowledged").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await row(page, title).getByText("Open").waitFor();
      await page.getByText("Taken back").waitFor();
      await row(page, title).getByRole("link", { name: title }).focus();
      await page.keyboard.press("r");
      await row(page, title).getByText("Resolved").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await row(page, title).getByText("Open").waitFor();
    });

    it("goes on by keyboard behind the row that was opened", async () => {
      const page = await kit.open("/incidents", { as: "responder" });
      await row(page, TITLES[6][1]).waitFor();
      for (const [, title] of [TITLES[6], TITLES[5]]) {
        await page.keyboard.press("j");
        await row(page, title).getByRole("link", { name: title }).and(page.locator(":focus")).waitFor();
      }
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: TITLES[5][1] }).waitFor();
      await page.goBack();
      await row(page, TITLES[4][1]).waitFor();
      await page.getByRole("heading", { level: 1, name: "Incidents" }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("j");
      await row(page, TITLES[4][1]).getByRole("link", { name: TITLES[4][1] }).and(page.locator(":focus")).waitFor();
    });

    it("acts on many at once", async () => {
      const page = await kit.open("/incidents", { as: "responder", width: 1440 });
      for (const [, title] of TITLES.slice(3, 6)) {
        await row(page, title).getByRole("checkbox").check();
      }
      const bar = page.getByRole("region", { name: "Act on the selected incidents" });
      await bar.getByText("3 selected").waitFor();
      await axeCheck(page);
      await bar.getByRole("button", { name: "Assign" }).click();
      const dialog = page.getByRole("dialog", { name: "Assign 3 incidents" });
      await dialog.getByLabel("Person or team").fill("night shift");
      await axeCheck(page);
      await dialog.getByRole("button", { name: "Assign to night shift" }).click();
      await page.getByText("3 incidents assigned").waitFor();
      for (const [, title] of TITLES.slice(3, 6)) await row(page, title).getByText("night shift").waitFor();
      await bar.waitFor({ state: "hidden" });
    });

    it("snoozes many and ends that again, and the audit log says what was done to how many", async () => {
      const page = await kit.open("/incidents");
      for (const [, title] of TITLES.slice(3, 5)) await row(page, title).getByRole("checkbox").check();
      const bar = page.getByRole("region", { name: "Act on the selected incidents" });
      await bar.getByRole("button", { name: "Snooze" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Snooze" }).click();
      await page.getByText("2 incidents snoozed").waitFor();
      // The end of a snooze is offered for those that are snoozed, and can be taken back itself.
      await row(page, TITLES[5][1]).getByRole("checkbox").check();
      expect(await bar.getByRole("button", { name: "End snooze" }).count()).toBe(0);
      for (const [, title] of TITLES.slice(3, 5)) await row(page, title).getByRole("checkbox").check();
      await bar.getByRole("button", { name: "End snooze" }).click();
      await page.getByText("2 incidents no longer snoozed").waitFor();
      await page.getByRole("button", { name: "Undo" }).last().click();
      await page.getByText("Taken back").waitFor();
      for (const [, title] of TITLES.slice(3, 5)) await row(page, title).getByRole("checkbox").check();
      await bar.getByRole("button", { name: "End snooze" }).click();
      await bar.waitFor({ state: "hidden" });
      const { data } = await kit.node.call("GET", "/incidents");
      const snoozed = (data as { readonly snoozed_until: string | null }[]).filter((one) => one.snoozed_until !== null);
      expect(snoozed).toEqual([]);
      await page.goto("/audit");
      const entry = page.getByRole("row").filter({ hasText: "Incident: unsnooze" });
      await entry.getByText("2 at once").waitFor();
    });

    it("merges two and takes that back, which both timelines tell", async () => {
      const made = [];
      for (const [title, severity] of [
        ["Mails wait in the queue", "critical"],
        ["Mail server is slow", "low"],
      ]) {
        made.push(await kit.node.call("POST", "/incidents", { title, severity, labels: { service: title ?? "" } }));
      }
      const [source, target] = made;
      const before = await kit.node.call("GET", `/incidents/${target?.id}`);
      const page = await kit.open(`/incidents/${source?.id}?dialog=merge`, { as: "responder" });
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Merge into", { exact: true }).first().click();
      await page.getByRole("option", { name: /Mail server is slow/ }).click();
      await dialog.getByRole("button", { name: "Merge" }).click();
      await page.getByText("1 incident merged").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByText("Taken back").waitFor();
      const timeline = page.getByRole("list", { name: /Timeline/ });
      await timeline.getByText(/^Taken out of incident #\d+ again/).waitFor();
      await page.getByRole("button", { name: "Acknowledge" }).waitFor();
      const { labels, severity, alert_count: alerts } = before;
      expect(await kit.node.call("GET", `/incidents/${target?.id}`)).toMatchObject({
        ...{ labels, severity, alert_count: alerts },
      });
      // A merge can be taken back later as well.
      await kit.node.call("POST", `/incidents/${source?.id}/merge`, { into_id: String(target?.id) });
      await page.getByRole("button", { name: "Take the merge back" }).click();
      await page.getByText("1 incident apart again").waitFor();
      await page.getByRole("button", { name: "Acknowledge" }).waitFor();
      await page.goto(`/incidents/${target?.id}`);
      await timeline
        .getByText(/was taken out of this one again/)
        .first()
        .waitFor();
      for (const one of made) await kit.node.call("POST", `/incidents/${one.id}/resolve`);
    });

    it("counts what is new and moves no row until somebody asks", async () => {
      const page = await kit.open("/incidents");
      await page.getByRole("button", { name: "Live", exact: true }).waitFor();
      await row(page, TITLES[0][1]).waitFor();
      const before = await list(page).getByRole("link").allTextContents();
      await kit.node.call("POST", "/incidents", { title: "Queue of invoices grows", severity: "high" });
      const pill = page.getByRole("button", { name: "1 new" });
      await pill.waitFor();
      expect(await list(page).getByRole("link").allTextContents()).toEqual(before);
      await pill.click();
      await row(page, "Queue of invoices grows").waitFor();
      await pill.waitFor({ state: "hidden" });
    });

    it("shows what others do while it is looked at", async () => {
      const page = await kit.open("/incidents");
      await page.getByRole("button", { name: "Live", exact: true }).waitFor();
      const { data } = await kit.node.call("GET", "/incidents?q=latency");
      const [incident] = data as { id: string }[];
      await row(page, TITLES[2][1]).waitFor();
      await kit.node.call("POST", `/incidents/${incident?.id}/acknowledge`);
      await row(page, TITLES[2][1]).getByText("Acknowledged").waitFor();
    });

    it("keeps searches as views", async () => {
      const page = await kit.open("/incidents?severity=critical");
      await row(page, TITLES[0][1]).waitFor();
      await page.getByRole("button", { name: "Views" }).click();
      await page.getByRole("menuitem", { name: /Save this search/ }).click();
      await page.getByLabel("Name").fill("The worst");
      await page.getByRole("button", { name: "Save the view" }).click();
      await page.getByText("Saved the view The worst").waitFor();
      await page.goto("/incidents");
      await page.getByRole("button", { name: "Views" }).click();
      await page.getByRole("menuitem", { name: "The worst" }).click();
      await page.waitForURL("**/incidents?severity=critical");
    });

    it("lets a viewer look and nothing else", async () => {
      const page = await kit.open("/incidents", { as: "viewer" });
      await row(page, TITLES[0][1]).waitFor();
      expect(await page.getByRole("checkbox", { name: /^Select/ }).count()).toBe(0);
    });
  });
});

describe.skipIf(!isBrowserHere)("an incident", () => {
  const kit = useConsole();
  let path = "";

  beforeAll(async () => {
    const source = await createCustomSource(kit.node, "shop checks");
    await source.send({
      dedup_key: "disk/db-1",
      severity: "critical",
      title: 'Disk is full on db-1 <img src=x onerror="document.title=1">',
      description: "97% of /var is used",
      labels: { host: "db-1", team: "infra", runbook: "javascript:alert(1)" },
      links: [
        { href: "javascript:alert(document.domain)", text: "Runbook" },
        { href: "https://checks.example.com/disk", text: "Check" },
      ],
    });
    path = `/incidents/${await firstIncident()}`;
  });

  const firstIncident = (): Promise<string> =>
    until(async () => {
      const { data } = await kit.node.call("GET", "/incidents");
      return (data as { id: string }[])[0]?.id;
    });

  it("shows what it is and what happened, and nothing that came with an alert runs", async () => {
    const page = await kit.open(path);
    await page
      .getByRole("list", { name: /Timeline/ })
      .getByRole("listitem")
      .first()
      .waitFor();
    await pageCheck(page, "incident");
    expect(await page.locator("a[href^='javascript']").count()).toBe(0);
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.title()).toContain("Disk is full");
    expect(await page.getByRole("link", { name: /^Check/ }).getAttribute("rel")).toBe("noopener noreferrer");
  });

  it("says why it exists, what it is made of, and who was told", async () => {
    const page = await kit.open(path);
    await page.getByRole("link", { name: "Why it exists" }).click();
    await page.waitForURL("**?tab=why");
    await page.getByRole("heading", { name: "The signal" }).waitFor();
    const incident = await kit.node.call("GET", path);
    expect(await page.locator("main").textContent()).not.toContain(String(incident.group_key));
    await page.getByRole("button", { name: "Copy the group key" }).waitFor();
    await pageCheck(page, "incident-why");
    await page.getByRole("link", { name: /^Alerts \(1\)/ }).click();
    await page.getByRole("link", { name: /Disk is full/ }).waitFor();
    await axeCheck(page);
    await page.getByRole("link", { name: "Deliveries", exact: true }).last().click();
    await page.getByText("Nobody was told of it").waitFor();
    await axeCheck(page);
  });

  it("takes notes in Markdown without HTML or images", async () => {
    const page = await kit.open(path, { as: "responder" });
    const text = "**Found it**: <b>bold</b> ![p](https://evil.test/p.png) see [wiki](https://wiki.test/disk) `df -h`";
    await page.getByRole("textbox", { name: "Note" }).fill(text);
    await page.keyboard.press("Control+Enter");
    const timeline = page.getByRole("list", { name: /Timeline/ });
    await timeline.getByText("Found it").waitFor();
    expect(await timeline.locator("b, img").count()).toBe(0);
    expect(await timeline.getByRole("link", { name: "wiki" }).getAttribute("href")).toBe("https://wiki.test/disk");
  });

  it("is edited, snoozed and assigned in dialogs that have addresses", async () => {
    const page = await kit.open(`${path}?dialog=edit`, { as: "responder" });
    const edit = page.getByRole("dialog", { name: /^Edit/ });
    await edit.getByLabel("Title").fill("Disk of db-1 is full");
    await axeCheck(page);
    await edit.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: /Disk of db-1 is full/ }).waitFor();
    await edit.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: /Snooze/ }).click();
    await page.waitForURL("**?dialog=snooze");
    await axeCheck(page);
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.goto(`${path}?dialog=snooze`);
    await page.getByRole("dialog").getByRole("button", { name: "Snooze" }).click();
    await page.getByText("1 incident snoozed").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Taken back").waitFor();
    expect((await kit.node.call("GET", path)).snoozed_until).toBeNull();
  });

  it("is acknowledged and resolved with a thumb", async () => {
    const page = await kit.open(path, { as: "responder", width: 360, height: 740 });
    const resolve = page.getByRole("button", { name: "Resolve" });
    await resolve.waitFor();
    const box = await resolve.boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeGreaterThan(660);
    expect(box?.height).toBeGreaterThanOrEqual(40);
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByRole("button", { name: "Unacknowledge" }).waitFor();
    await resolve.click();
    await page.getByRole("button", { name: "Reopen" }).waitFor();
    await noSidewaysScroll(page);
  });

  it("says so when there is none", async () => {
    kit.expectComplaint(/ 404 /);
    const page = await kit.open("/incidents/01890000-0000-7000-8000-000000000000");
    await page.getByText("There is no such incident").waitFor();
    await axeCheck(page);
  });
});
