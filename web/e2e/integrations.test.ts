import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { axeCheck, noSidewaysScroll, pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { HOSTILE_TEXTS } from "./support/hostile-texts.ts";
import { sendWebhook } from "./support/webhooks.ts";

const SECRET = "a-secret-of-sixteen-and-more";

describe.skipIf(!isBrowserHere)("integrations", () => {
  const kit = useConsole();

  const isRefused = (id: string): Promise<unknown> =>
    until(async () => ((await kit.node.call("GET", `/integrations/${id}/refusals`)).data as unknown[]).length > 0);

  it("shows each as a card that says whether it is well, and lists the platforms while there is none", async () => {
    const empty = await kit.open("/integrations");
    await empty.getByText("Nothing is connected yet").waitFor();
    await empty.getByRole("list", { name: "Platforms" }).getByText("Grafana").waitFor();
    await pageCheck(empty, "integrations-empty");
    const made = await kit.node.call("POST", "/integrations", {
      name: "Payments",
      platform: "custom",
      verification: { type: "none" },
      silent_after_seconds: 3_600,
    });
    await kit.node.call("POST", "/integrations", { name: "Old relay", platform: "grafana", enabled: false });
    await sendWebhook(String(made.webhook_url), { id: "disk", title: "Disk full", severity: "critical" });
    const page = await kit.open("/integrations", { as: "viewer" });
    await page.getByText(/^Last webhook/).waitFor({ timeout: 60_000 });
    await page.getByRole("link", { name: "1 open incident" }).waitFor();
    await page.getByText("Disabled").waitFor();
    expect(await page.getByRole("link", { name: "Connect a platform" }).count()).toBe(0);
    await pageCheck(page, "integrations");
  }, 120_000);

  it("explains a refused webhook to administrators, masked, and to nobody else", async () => {
    const made = await kit.node.call("POST", "/integrations", {
      name: "Ledger",
      platform: "custom",
      signing_secret: SECRET,
    });
    const body = '{"id":"1","title":"Hello"}';
    const right = createHmac("sha256", SECRET).update(body).digest("hex");
    const wrong = createHmac("sha256", "another secret of the sender").update(body).digest("hex");
    const answer = await fetch(String(made.webhook_url), {
      method: "POST",
      headers: { "content-type": "application/json", "x-overwatch-signature": `sha256=${wrong}` },
      body,
    });
    expect(answer.status).toBe(401);
    const page = await kit.open(`/integrations/${made.id}?tab=refusals`);
    // Shown without a press on reload, also to who looks before it is stored.
    await page.getByText("Not believed").waitFor();
    await isRefused(String(made.id));
    await page.getByText("the proof does not fit").waitFor();
    const shown = (await page.locator("main").textContent()) ?? "";
    expect(shown).toContain(right.slice(0, 4));
    expect(shown).not.toContain(right.slice(0, 8));
    expect(shown).not.toContain(SECRET);
    await pageCheck(page, "integration-refusals");
    const theirs = await kit.open(`/integrations/${made.id}?tab=refusals`, { as: "viewer" });
    await theirs.getByText("For administrators").waitFor();
    expect(await theirs.getByRole("link", { name: "Refusals" }).count()).toBe(0);
    expect(await theirs.locator("main").textContent()).not.toContain(right.slice(0, 4));
  }, 120_000);

  it("rotates a secret with an overlap, and shows when the old one was last used", async () => {
    const made = await kit.node.call("POST", "/integrations", {
      name: "Rotated",
      platform: "custom",
      signing_secret: SECRET,
    });
    await kit.node.call("POST", `/integrations/${made.id}/test`, {});
    const page = await kit.open(`/integrations/${made.id}?tab=setup`);
    await page.getByText(String(made.webhook_url)).first().waitFor();
    await page.getByRole("button", { name: "Rotate" }).click();
    const dialog = page.getByRole("dialog", { name: "Rotate the secret" });
    await dialog.getByRole("button", { name: "Rotate" }).click();
    const shown = page.getByRole("dialog", { name: "The new secret" });
    await shown.getByLabel("I saved it").check();
    await shown.getByRole("button", { name: "Done" }).click();
    await shown.waitFor({ state: "detached" });
    await page.getByText("Signing secret, the old one").waitFor();
    await page.getByText("Accepted until").waitFor();
    await pageCheck(page, "integration-setup");
  }, 120_000);

  it("saves settings, says at the field what is wrong, is disabled with an undo, and deleted by its name", async () => {
    const made = await kit.node.call("POST", "/integrations", { name: "Shortlived", platform: "custom" });
    const page = await kit.open(`/integrations/${made.id}?tab=settings`);
    kit.expectComplaint(/ 4\d\d .*\/integrations\//);
    await page.getByLabel("Allowed addresses").fill("10.0.0.0/8\nnot an address");
    await page.getByRole("button", { name: "Save the settings" }).click();
    await page.getByText(/\[1\]/).waitFor();
    await page.getByLabel("Allowed addresses").fill("127.0.0.0/8");
    await page.getByLabel("Warn of silence, in seconds").fill("7200");
    await page.getByRole("button", { name: "Save the settings" }).click();
    await page.getByText("The settings are saved and hold from now on.").waitFor();
    const saved = await kit.node.call("GET", `/integrations/${made.id}`);
    expect(saved).toMatchObject({ allowed_ips: ["127.0.0.0/8"], silent_after_seconds: 7_200 });
    await pageCheck(page, "integration-settings");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText("Disabled", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Disabled", { exact: true }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Delete the integration" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete Shortlived" });
    expect(await dialog.getByRole("button", { name: "Delete the integration" }).isDisabled()).toBe(true);
    await dialog.getByLabel(/Shortlived/).fill("Shortlived");
    await dialog.getByRole("button", { name: "Delete the integration" }).click();
    await page.waitForURL((url) => url.pathname === "/integrations");
  }, 120_000);

  it("tries a mapping on the last payloads before it can be saved", async () => {
    const made = await kit.node.call("POST", "/integrations", {
      name: "Backups",
      platform: "custom",
      verification: { type: "none" },
    });
    await sendWebhook(String(made.webhook_url), { what: "nightly", went: "FAILED", where: "fra" });
    const page = await kit.open(`/integrations/${made.id}?tab=mapping`);
    const editor = page.getByRole("textbox", { name: "Mapping, as JSON" });
    await editor.fill('{"title": "payload.", "dedup_key": "payload.what"}');
    kit.expectComplaint(/ 4\d\d .*\/trial$/);
    await page.getByRole("button", { name: "Try on the last 20 payloads" }).click();
    await page.getByText(/^title: /).waitFor();
    expect(await page.getByRole("button", { name: "Save the mapping" }).isDisabled()).toBe(true);
    // Replaced while its last bracket is marked: the browser must not turn the mark's colour into one of the line's own.
    await editor.press("Control+End");
    await page.locator(".cm-matchingBracket").first().waitFor();
    const right = '{"dedup_key": "payload.what", "title": "\'Backup \' + payload.what", "status": {"const": "firing"}}';
    await editor.fill(right);
    expect(await page.locator(".cm-line[style]").count()).toBe(0);
    await page.getByRole("button", { name: "Try on the last 20 payloads" }).click();
    await page.getByText("Backup nightly").waitFor();
    await page.getByText("Reads your last 1 payload").waitFor();
    await pageCheck(page, "integration-mapping");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Save the mapping" }).click();
    await page.getByText("The mapping is saved.").waitFor();
    const saved = await kit.node.call("GET", `/integrations/${made.id}`);
    expect(saved.mapping).toMatchObject({ dedup_key: "payload.what" });
    await editor.fill('{"dedup_key": "payload.nothing_of_the_kind", "title": "payload.nothing_of_the_kind"}');
    await page.getByRole("button", { name: "Try on the last 20 payloads" }).click();
    await page.getByRole("alert").getByText("It cannot read the last payload.").waitFor();
    await page.getByRole("button", { name: "Save the mapping all the same…" }).click();
    const question = page.getByRole("dialog", { name: "Save a mapping that reads less?" });
    await question.getByText("It cannot read the last payload.").waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    expect((await kit.node.call("GET", `/integrations/${made.id}`)).mapping).toEqual(saved.mapping);
    await editor.fill(right);
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    const tabs = page.getByRole("navigation", { name: "Parts of the integration" });
    await tabs.getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("Warn of silence, in seconds").fill("600");
    await tabs.getByRole("link", { name: "Mapping" }).click();
    await dialog.getByRole("button", { name: "Stay here" }).click();
    expect(await page.getByLabel("Warn of silence, in seconds").inputValue()).toBe("600");
    await tabs.getByRole("link", { name: "Mapping" }).click();
    await dialog.getByRole("button", { name: "Leave and lose the changes" }).click();
    await editor.fill('{"dedup_key": "payload.where"}');
    await tabs.getByRole("link", { name: "Overview" }).click();
    await dialog.getByRole("button", { name: "Leave and lose the changes" }).click();
    await page.getByText("Last receipts").waitFor();
    await page.goto(`/integrations/${made.id}`);
    await page.getByText("Last receipts").waitFor();
    await page.getByText("no webhook yet").waitFor({ state: "detached" });
    await pageCheck(page, "integration");
  }, 120_000);

  it("shows hostile names and texts as the texts that they are", async () => {
    for (const text of HOSTILE_TEXTS) {
      const name = text.replace(/[\r\n]/g, " ").slice(0, 200);
      await kit.node.call("POST", "/integrations", { name, platform: "custom", verification: { type: "none" } });
    }
    const page = await kit.open("/integrations");
    page.on("dialog", () => expect.unreachable("a hostile text ran"));
    await page.getByText("<script>window.hostile=1</script>").first().waitFor();
    await noSidewaysScroll(page);
    await axeCheck(page);
    const { data } = await kit.node.call("GET", "/integrations?limit=6");
    for (const { id, webhook_url: url } of data as readonly Record<string, string>[]) {
      await sendWebhook(String(url), { id: HOSTILE_TEXTS[1], title: HOSTILE_TEXTS[0], status: HOSTILE_TEXTS[4] });
      for (const tab of ["overview", "settings"]) {
        await page.goto(`/integrations/${id}?tab=${tab}`);
        await page.getByRole("heading", { level: 2 }).first().waitFor();
        await noSidewaysScroll(page);
      }
    }
    expect(await page.evaluate(() => "hostile" in window)).toBe(false);
  }, 120_000);
});
