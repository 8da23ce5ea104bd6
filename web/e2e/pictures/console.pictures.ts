import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { isBrowserHere, useConsole } from "../support/console-kit.ts";
import { type Demo, makeDemo } from "./demo.ts";

const IMAGES = join(import.meta.dirname, "../../../docs/console/images");

/** Takes a picture when everything has been read. */
async function take(page: Page, name: string): Promise<void> {
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: "disabled" });
}

describe.skipIf(!isBrowserHere)("the pictures of the docs", () => {
  const kit = useConsole();
  let demo: Demo;

  it("of the first start and the walk", async () => {
    const { pathname, search } = new URL(await kit.run("setup-link"));
    const setup = await kit.open(`${pathname}${search}`, { as: null, width: 900, height: 640 });
    await setup.getByRole("button", { name: "Make the administrator" }).waitFor();
    await take(setup, "set-up");
    const walk = await kit.open("/integrations/new");
    await walk.getByRole("link", { name: /Prometheus/ }).click();
    await walk.getByLabel("Name").fill("Prometheus staging");
    await walk.getByRole("button", { name: "Make the address" }).click();
    await walk.getByText("Waiting for the first webhook.").waitFor();
    await take(walk, "connect");
  });

  describe("with a night of a web shop", () => {
    beforeAll(async () => {
      demo = await makeDemo(kit);
    });
    afterAll(() => demo.close());

    it("of incidents", async () => {
      const page = await kit.open("/incidents", { as: "responder" });
      await page.getByRole("link", { name: /Checkout fails/ }).waitFor();
      await page.getByRole("button", { name: "Live", exact: true }).waitFor();
      await take(page, "incidents");
      await page.goto("/incidents?severity=medium");
      for (const title of [/Backup of db-2/, /Newsletter form/]) {
        await page.getByRole("row", { name: title }).getByRole("checkbox").check();
      }
      await take(page, "incidents-selected");
    });

    it("of an incident", async () => {
      const id = demo.incidents.get("Primary database does not accept writes");
      const page = await kit.open(`/incidents/${id}`, { as: "responder" });
      await page.getByRole("button", { name: "Acknowledge" }).click();
      await page.getByRole("button", { name: "Unacknowledge" }).waitFor();
      const note = "The log of `db-1` is on its own disk; **archiving has stopped** since 02:40. Making room now.";
      await page.getByRole("textbox", { name: "Note" }).fill(note);
      await page.keyboard.press("Control+Enter");
      await page.getByText("archiving has stopped", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached", timeout: 20_000 });
      await take(page, "incident");
      await page.getByRole("link", { name: "Why it exists" }).click();
      await page.getByRole("heading", { name: "The signal" }).waitFor();
      await take(page, "incident-why");
    });

    it("of home", async () => {
      const page = await kit.open("/");
      await page.getByRole("link", { name: /^Critical/ }).waitFor();
      await page.getByRole("link", { name: "Status page" }).waitFor();
      // A machine that is busy with a browser is late for its own checks.
      await page.getByText(/^event_loop/).waitFor({ state: "detached", timeout: 90_000 });
      await take(page, "home");
    });

    it("of deliveries", async () => {
      const page = await kit.open("/deliveries");
      await page.getByRole("table", { name: "Deliveries" }).getByRole("link").first().waitFor();
      await take(page, "deliveries");
      await page.goto("/deliveries?status=exhausted");
      await page.getByRole("button", { name: "Retry many" }).click();
      await page.getByText("At Status page").waitFor();
      await take(page, "bulk-retry");
      await page.goto("/deliveries?status=exhausted");
      await page.getByRole("link", { name: "incident.created" }).first().click();
      await page.getByText("Receiver failed (503)").first().waitFor();
      await take(page, "delivery");
    });

    it("of an endpoint", async () => {
      const id = demo.endpoints.get("Status page");
      const page = await kit.open(`/endpoints/${id}`);
      await page.getByText(/deliveries are parked, no retry is spent/).waitFor();
      await take(page, "endpoint-open");
      await page.getByRole("link", { name: "Recovery" }).click();
      await page.getByRole("button", { name: /Recover \d+ deliver/ }).waitFor();
      await take(page, "endpoint-recovery");
      await page.goto("/endpoints/new");
      await page.getByRole("link", { name: /^Slack/ }).click();
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Night shift");
      await page.getByLabel("TEAM").fill("T0001");
      await page.getByText("https://hooks.slack.com/services/T0001/APP/").first().waitFor();
      await page
        .getByRole("region", { name: "Preview" })
        .evaluate((preview) => preview.scrollIntoView({ block: "center" }));
      await page
        .getByText(/Sample: error rate of checkout/)
        .first()
        .waitFor();
      await take(page, "endpoint-new");
    });

    it("of what comes in", async () => {
      const page = await kit.open(`/integrations/${demo.integrations.get("Datadog")}`);
      await page.getByRole("heading", { name: "Datadog" }).waitFor();
      await take(page, "integration");
    });

    it("of people, audit and system", async () => {
      await (await kit.open("/", { as: "viewer" })).close();
      const page = await kit.open("/settings?tab=people");
      await page.getByText("vera@example.test").waitFor();
      await take(page, "people");
      await page.goto("/audit");
      await page.getByRole("table", { name: "Audit" }).getByRole("link").first().waitFor();
      await take(page, "audit");
      await page.setViewportSize({ width: 1280, height: 640 });
      await page.goto("/system");
      await page.getByText("Balanced").waitFor();
      await take(page, "system");
    });
  });
});
