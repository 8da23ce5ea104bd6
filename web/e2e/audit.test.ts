import { describe, expect, it } from "vitest";
import { pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";

describe.skipIf(!isBrowserHere)("audit", () => {
  const kit = useConsole();

  it("shows who changed which field of what, before and after, and narrows to one actor or one thing", async () => {
    const made = await kit.node.call("POST", "/integrations", { name: "Payments", platform: "datadog" });
    await kit.node.call("PATCH", `/integrations/${made.id}`, { name: "Payments EU", enabled: false });
    await kit.node.call("POST", "/integrations", { name: '<img src=x onerror="alert(1)">', platform: "custom" });
    const page = await kit.open("/audit");
    await page.getByRole("link", { name: "Integration: update" }).click();
    const dialog = page.getByRole("dialog", { name: "Integration: update" });
    const row = dialog.getByRole("row", { name: /^name/ });
    expect(await row.textContent()).toContain("Payments");
    expect(await row.textContent()).toContain("Payments EU");
    await dialog.getByRole("button", { name: "Everything about this one" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("About Payments").waitFor();
    await page.getByText("onerror").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("onerror").waitFor();
    await pageCheck(page, "audit");
  });

  it("is exported as a file that a spreadsheet reads", async () => {
    const page = await kit.open("/audit");
    await page.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "CSV, for spreadsheets" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
  });

  it("tells people who are no administrators why there is nothing", async () => {
    const page = await kit.open("/audit", { as: "responder" });
    await page.getByText("For administrators").waitFor();
    await pageCheck(page, "audit-refused");
  });
});
