import { beforeAll, describe, expect, it } from "vitest";
import { startReceiver } from "../../server/test/support/receiver.ts";
import { until } from "../../server/test/support/until.ts";
import { axeCheck, noSidewaysScroll, pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { HOSTILE_TEXTS } from "./support/hostile-texts.ts";
import { sendWebhook } from "./support/webhooks.ts";

describe.skipIf(!isBrowserHere)("receipts", () => {
  const kit = useConsole();
  let url = "";
  let integrationId = "";

  beforeAll(async () => {
    const made = await kit.node.call("POST", "/integrations", {
      name: "Payments",
      platform: "custom",
      verification: { type: "none" },
    });
    url = String(made.webhook_url);
    integrationId = String(made.id);
  });

  const isRead = (receiptId: string): Promise<unknown> =>
    until(async () => (await kit.node.call("GET", `/receipts/${receiptId}`)).status !== "queued");
  const send = async (payload: unknown): Promise<string> => {
    const id = await sendWebhook(url, payload);
    await isRead(id);
    return id;
  };

  it("shows what another sender's webhook became while one looks on, and holds still while paused", async () => {
    await send({ dedup_key: "disk/db-1", id: "disk-db-1", title: "Disk full", status: "firing", severity: "high" });
    const page = await kit.open("/receipts", { as: "viewer" });
    await page.getByRole("link", { name: "Disk full" }).waitFor();
    await send({ dedup_key: "cpu/db-1", id: "cpu-db-1", title: "CPU busy", status: "firing" });
    await page.getByRole("link", { name: "CPU busy" }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await send({ dedup_key: "mem/db-1", id: "mem-db-1", title: "Memory", status: "firing" });
    const pill = page.getByRole("button", { name: "1 new" });
    await pill.waitFor();
    expect(await page.getByRole("link", { name: "Memory" }).count()).toBe(0);
    await pill.click();
    await page.getByRole("link", { name: "Memory" }).waitFor();
    await page.getByRole("button", { name: "Follow" }).click();
    await page.getByText("Following").waitFor();
    // Whoever goes through the rows by keyboard keeps them where they are.
    await page.keyboard.press("j");
    await page.getByRole("link", { name: "Memory" }).and(page.locator(":focus")).waitFor();
    await send({ dedup_key: "net/db-1", id: "net-db-1", title: "Network", status: "firing" });
    await pill.waitFor();
    await page.getByRole("heading", { name: "Receipts" }).click();
    await page.getByRole("link", { name: "Network" }).waitFor();
    await pill.waitFor({ state: "detached" });
  }, 120_000);

  it("narrows by state, integration and text, and the address keeps it", async () => {
    await send({ test: true, id: "a-test", title: "Hello" });
    await send(["no alert", 1]);
    const page = await kit.open("/receipts");
    await page.getByRole("button", { name: "State" }).click();
    await page.getByLabel("Not understood").check();
    await page.keyboard.press("Escape");
    await page.waitForURL(/status=quarantined/);
    await page.getByRole("link", { name: "Disk full" }).waitFor({ state: "detached" });
    await page
      .getByText(/^At \$/)
      .first()
      .waitFor();
    await page.goto(`/receipts?integration=${integrationId}&q=a-test`);
    await page.getByRole("link", { name: "a-test" }).waitFor();
    await page.getByText(/A test of the sender/).waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("link", { name: "Disk full" }).waitFor();
    await pageCheck(page, "receipts");
  });

  it("tells the way of one: how it was read, what was decided and why, and what differs from the one before", async () => {
    const alert = { dedup_key: "queue/eu", id: "queue-eu", title: "Queue grows", severity: "medium", depth: 100 };
    await send({ ...alert, status: "firing" });
    const second = await send({ ...alert, status: "resolved", depth: 3 });
    const page = await kit.open(`/receipts/${second}`);
    const strip = page.getByRole("list", { name: "The way of this receipt" });
    await strip.getByText("Decided").waitFor();
    // Received, verified, read and decided have ended; nobody is told.
    await strip
      .getByText(/^\d\d:\d\d:\d\d\.\d{3}$/)
      .nth(3)
      .waitFor();
    expect(await strip.getByRole("link", { name: "Decided" }).getAttribute("href")).toMatch(/^\/incidents\//);
    expect(await strip.getByRole("link", { name: "Verified" }).getAttribute("href")).toBe("#reading");
    await strip.getByRole("link", { name: /^#\d+ Queue grows$/ }).waitFor();
    await page.getByText("Resolved the alert").waitFor();
    await page.getByRole("heading", { level: 1, name: "Queue grows" }).waitFor();
    await page.getByText("queue/eu").first().waitFor();
    await pageCheck(page, "receipt");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("link", { name: "Difference from the one before" }).click();
    const row = page.getByRole("row", { name: /\$\.depth/ });
    await row.waitFor();
    expect(await row.textContent()).toBe("$.depth1003");
    await pageCheck(page, "receipt-difference");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("link", { name: "How it was read" }).click();
    await page.getByText("Queue grows").first().waitFor();
    await page.getByText("Would do").waitFor();
    await pageCheck(page, "receipt-read");
  }, 120_000);

  it("follows what becomes of the deliveries that came of one", async () => {
    const receiver = await startReceiver({ respond: { status: 503 } });
    try {
      const endpoint = await kit.node.call("POST", "/endpoints", {
        name: "Desk",
        url: `${receiver.url}/in`,
        events: ["incident.created"],
        retry: { max_attempts: 1 },
      });
      const id = await send({ dedup_key: "follow/1", id: "follow-1", title: "Follow", status: "firing" });
      const path = `/deliveries?status=exhausted&endpoint_id=${endpoint.id}`;
      const failed = async () => (await kit.node.call("GET", path)).data as readonly { readonly id: string }[];
      await until(async () => (await failed()).length === 1);
      const page = await kit.open(`/receipts/${id}`, { as: "viewer" });
      await page.getByRole("link", { name: /^Exhausted: Desk/ }).waitFor();
      const delivered = page.getByRole("list", { name: "The way of this receipt" }).getByText("Delivered: failed");
      await delivered.waitFor();
      receiver.respondWith({ status: 200 });
      for (const { id: deliveryId } of await failed()) await kit.node.call("POST", `/deliveries/${deliveryId}/retry`);
      await delivered.waitFor({ state: "detached" });
      await page.getByText("Delivered: done").waitFor();
    } finally {
      await receiver.close();
    }
  });

  it("is replayed after a look at what that would change", async () => {
    const id = await send({ dedup_key: "replay/1", id: "replay-1", title: "Again", status: "firing" });
    const page = await kit.open(`/receipts/${id}`, { as: "responder" });
    await page.getByRole("button", { name: "Replay" }).click();
    const dialog = page.getByRole("dialog", { name: "Replay this receipt" });
    await dialog.getByText("Deliveries", { exact: true }).waitFor();
    await dialog.getByText("Everything in it was known already").waitFor();
    await dialog.getByText("none would change").waitFor();
    await dialog.getByRole("button", { name: "Replay" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("It is being processed again.").waitFor();
  });

  it("is edited, tried, and sent again as a receipt of its own", async () => {
    const id = await send({ dedup_key: "edit/1", id: "edit-1", title: "Original", status: "firing" });
    const page = await kit.open(`/receipts/${id}`);
    await page.getByRole("button", { name: "Edit and resend" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit and resend" });
    await dialog
      .getByRole("textbox", { name: "Body" })
      .fill('{"dedup_key":"edit/1","id":"edit-1","title":"Mended","status":"resolved"}');
    await dialog.getByRole("button", { name: "Try without sending" }).click();
    await dialog.getByText("Mended").last().waitFor();
    await dialog.getByText("Would do").waitFor();
    await pageCheck(page, "receipt-edit");
    await page.setViewportSize({ width: 1280, height: 800 });
    await dialog.getByRole("button", { name: "Send the copy" }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/receipts/") && !url.pathname.endsWith(id));
    await page
      .getByText(/Edited by/i)
      .first()
      .waitFor();
    await page.getByText("Edited from").waitFor();
  });

  it("gives its bytes and a command to send them, and lets viewers do no more than that", async () => {
    const id = await send({ dedup_key: "curl/1", id: "curl-1", title: "It's $(here)", status: "firing" });
    const page = await kit.open(`/receipts/${id}`, { as: "viewer" });
    await page.getByRole("button", { name: "More" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Download the bytes" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`receipt-${id}.bin`);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Copy as curl" }).click();
    await page.getByText(/^Copied\./).waitFor();
    expect(await page.getByRole("button", { name: /Replay|Edit/ }).count()).toBe(0);
  });

  it("shows hostile texts as the texts that they are", async () => {
    for (const text of HOSTILE_TEXTS) {
      await sendWebhook(url, {
        dedup_key: text,
        id: text,
        title: text,
        description: text,
        severity: text,
        status: "firing",
        labels: { [text.slice(0, 200) || "x"]: text, host: text },
        url: text,
        links: [
          { href: text, text },
          { href: "https://example.com/", text },
        ],
      });
    }
    const last = await send({
      id: "after-all",
      title: "javascript:alert(1)",
      url: "javascript:alert(1)",
      status: "firing",
    });
    const page = await kit.open("/receipts");
    page.on("dialog", () => expect.unreachable("a hostile text ran"));
    await page.getByTitle("(after-all)").waitFor();
    await noSidewaysScroll(page);
    await axeCheck(page);
    const { data } = await kit.node.call("GET", `/receipts?integration_id=${integrationId}&limit=5`);
    for (const { id } of data as readonly { readonly id: string }[]) {
      await isRead(id);
      await page.goto(`/receipts/${id}?tab=read`);
      await page.getByText("Read by the present settings").waitFor();
      expect(await page.locator('a[href^="javascript:" i], a[href^="data:" i], img[src="x"]').count()).toBe(0);
    }
    await page.goto(`/receipts/${last}?tab=read`);
    await pageCheck(page, "receipt-hostile");
    expect(await page.evaluate(() => "hostile" in window)).toBe(false);
  }, 120_000);

  it("leaves none out when more come at once than one look shows", async () => {
    const made = await kit.node.call("POST", "/integrations", {
      name: "Burst",
      platform: "custom",
      verification: { type: "none" },
    });
    const sendOne = (id: string) =>
      sendWebhook(String(made.webhook_url), { dedup_key: id, id, title: id, status: "firing" });
    await sendOne("first");
    const page = await kit.open(`/receipts?integration=${made.id}`);
    await page.getByRole("link", { name: "first" }).waitFor();
    await Promise.all(Array.from({ length: 60 }, (_, index) => sendOne(`burst-${index}`)));
    // Either all of them are there, or a page of them with more behind it.
    await page.waitForFunction(() => {
      const count = Number(
        document.querySelector('[role=table][aria-label="Receipts"]')?.getAttribute("aria-rowcount"),
      );
      return count === -1 || count === 62;
    });
  });
});
