import { describe, expect, it } from "vitest";
import { pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";

describe.skipIf(!isBrowserHere)("the system page", () => {
  const kit = useConsole();

  it("shows nodes, ledger, queues, database and settings, and hides secrets", async () => {
    await kit.node.call("POST", "/endpoints", { name: "Tickets", url: "http://127.0.0.1:8901/tickets" });
    const page = await kit.open("/system");
    await page.getByText("receives, triages, delivers").waitFor();
    await page.getByText("Balanced").waitFor();
    await page.getByText("Tickets").waitFor();
    await page.getByText("OVERWATCH_BOOTSTRAP_API_KEY").waitFor();
    expect(await page.content()).not.toContain("known_admin_key_0123456789");
    await pageCheck(page, "system");
  });

  it("gives a support bundle as a file", async () => {
    const page = await kit.open("/system");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Support bundle" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^overwatch-support.*\.json$/);
  });

  it("tells people who are no administrators why there is nothing", async () => {
    const page = await kit.open("/system", { as: "viewer" });
    await page.getByText("For administrators").waitFor();
  });
});
