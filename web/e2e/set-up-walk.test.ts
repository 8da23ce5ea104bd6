import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../../server/test/support/receiver.ts";
import { pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";

describe.skipIf(!isBrowserHere)("the set-up walk", () => {
  const kit = useConsole();
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.close());

  it("leads from nothing to a real incident and a webhook that a receiver got", async () => {
    await kit.node.call("POST", "/endpoints", {
      name: "Desk",
      url: `${receiver.url}/in`,
      events: ["incident.created"],
    });
    const page = await kit.open("/integrations/new");
    await pageCheck(page, "walk-platforms");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("link", { name: /Prometheus/ }).click();
    await page.getByLabel("Name").fill("Prometheus production");
    await pageCheck(page, "walk-form");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Make the address" }).click();
    await page.getByText("Waiting for the first webhook.").waitFor();
    const url =
      (await page
        .getByText(/\/api\/v1\/webhooks\/prometheus\//)
        .first()
        .textContent()) ?? "";
    const guide = (await page.getByRole("group", { name: "The text to paste" }).first().textContent()) ?? "";
    expect(guide).toContain(url);
    const secretPanel = page.locator("section").filter({ hasText: "Shown this once" });
    const token = (await secretPanel.locator("code").first().textContent()) ?? "";
    expect(token.length).toBeGreaterThan(15);
    await pageCheck(page, "walk-waiting");
    await page.setViewportSize({ width: 1280, height: 800 });

    const send = (credentials: string) =>
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${credentials}` },
        body: JSON.stringify(ALERTMANAGER),
      });
    expect((await send("not the right token")).status).toBe(401);
    await page.getByText("and was refused:").waitFor();
    expect((await send(token)).ok).toBe(true);
    await page.getByText("It has arrived.").waitFor();
    await page.getByRole("link", { name: /Disk is nearly full/ }).waitFor();
    const told = await receiver.waitFor(({ url: path }) => path === "/in");
    expect(told.body.toString()).toContain("Disk is nearly full");
    const next = page.getByRole("link", { name: "Tell somebody: make an endpoint" });
    expect(await next.getAttribute("href")).toMatch(/^\/endpoints\/new\?integration=/);
    await pageCheck(page, "walk-arrived");
    expect(await page.content()).toContain(token);
    await page.reload();
    await page.getByText("It has arrived.").waitFor();
    await page.getByText(/It was shown once/).waitFor();
    expect(await page.content()).not.toContain(token);
    await next.click();
    await page.waitForURL(({ pathname }) => pathname === "/endpoints/new");
  }, 180_000);

  it("sends a sample for those who have no platform at hand, and can be taken up again and skipped", async () => {
    await kit.node.call("POST", "/integrations", { name: "Datadog", platform: "datadog" });
    const page = await kit.open("/integrations/new?platform=datadog");
    await expect.poll(() => page.getByLabel("Name").inputValue()).toBe("Datadog 2");
    await page.getByLabel("Name").fill("Datadog trial");
    await page.getByRole("button", { name: "Make the address" }).press("Enter");
    await page.getByText("Waiting for the first webhook.").waitFor();
    await page.locator("h1:focus").waitFor();
    await page.getByText("Only programs on this machine reach this address.").waitFor();
    await page.goto("/integrations");
    await page.goBack();
    await page.getByText("Waiting for the first webhook.").waitFor();
    // What has arrived is told by the stream; only of what was refused it tells nothing.
    const looked = () => page.waitForResponse((response) => response.url().includes("/refusals?"));
    await looked();
    let asked = 0;
    page.on("request", (request) => {
      if (request.url().includes("/api/v1/receipts?")) asked += 1;
    });
    for (let look = 0; look < 4; look += 1) await looked();
    expect(asked).toBeLessThanOrEqual(2);
    await page.getByRole("button", { name: "Send a sample" }).press("Enter");
    await page.getByText("The sample has arrived.").waitFor();
    // Nothing is set on the sender's side yet, so it goes on waiting, also when somebody comes back.
    const step = page.getByRole("list", { name: "Steps" }).locator("[aria-current=step]");
    for (const look of ["at once", "later"]) {
      await page.getByText("Still waiting for the first webhook of the sender itself").waitFor();
      expect(await step.textContent(), look).toContain("Set it up there");
      if (look === "at once") await page.reload();
    }
    await pageCheck(page, "walk-sample");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Send a sample" }).press("Enter");
    await page.locator("button:focus", { hasText: "Send a sample" }).waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("How it was read");
    await page.goto("/integrations/new");
    await page.getByRole("link", { name: "Skip for now" }).click();
    await page.waitForURL((url) => url.pathname === "/");
  }, 120_000);
});

const ALERTMANAGER = {
  version: "4",
  groupKey: '{}:{alertname="DiskFull"}',
  status: "firing",
  receiver: "overwatch",
  groupLabels: { alertname: "DiskFull" },
  commonLabels: { alertname: "DiskFull", severity: "critical" },
  commonAnnotations: { summary: "Disk is nearly full" },
  externalURL: "http://alertmanager.example.test:9093",
  alerts: [
    {
      status: "firing",
      labels: { alertname: "DiskFull", instance: "db-1", severity: "critical" },
      annotations: { summary: "Disk is nearly full" },
      startsAt: "2026-11-25T10:00:00.000Z",
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "http://prometheus.example.test:9090/graph",
      fingerprint: "a1b2c3d4e5f60718",
    },
  ],
};
