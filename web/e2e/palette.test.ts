import { describe, expect, it } from "vitest";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";

describe.skipIf(!isBrowserHere)("the palette", () => {
  const kit = useConsole();

  it("finds incidents by number and title, and integrations and endpoints by name", async () => {
    const { id, number } = await kit.node.call("POST", "/incidents", { title: "Checkout is slow", severity: "high" });
    await kit.node.call("POST", `/incidents/${id}/resolve`);
    const integration = await kit.node.call("POST", "/integrations", { name: "Harbour probes", platform: "custom" });
    const endpoint = await kit.node.call("POST", "/endpoints", { name: "Night pager", url: "https://example.com/" });
    const page = await kit.open("/audit");
    await page.locator("main h1").waitFor();
    const find = async (typed: string, found: RegExp, path: string): Promise<void> => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Search or go to" }).fill(typed);
      await page.getByRole("option", { name: found }).click();
      await page.waitForURL(`**${path}`);
    };
    await page.evaluate("window.isSamePage = true");
    await find(`#${number}`, /Checkout is slow/, `/incidents/${id}`);
    await find("checkout", /Checkout is slow/, `/incidents/${id}`);
    await find("harbour", /Harbour probes/, `/integrations/${integration.id}`);
    await find("pager", /Night pager/, `/endpoints/${endpoint.id}`);
    // It goes there without loading the console again.
    expect(await page.evaluate("window.isSamePage")).toBe(true);
  });
});
