import { describe, expect, it } from "vitest";
import { axeCheck, pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";

describe.skipIf(!isBrowserHere)("the frame of the console", () => {
  const kit = useConsole();

  it("leads to every page by links, with the focus on the heading of the page", async () => {
    const page = await kit.open("/");
    const links = page.getByRole("navigation", { name: "Main" }).getByRole("link");
    await links.first().waitFor();
    const names = (await links.allTextContents()).filter((name) => name !== "Overwatch" && name !== "Home");
    expect(names.length).toBeGreaterThan(7);
    for (const name of names) {
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
      await page.locator("main h1:focus").waitFor({ state: "attached" });
      await page.waitForFunction((text) => document.title.startsWith(text), name);
    }
  });

  it("is live, and says so", async () => {
    const page = await kit.open("/");
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();
  });

  it("opens the palette by the keyboard and goes where its first line leads", async () => {
    const page = await kit.open("/");
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or go to" }).fill("deliv");
    await page.getByRole("option", { name: /Deliveries/, selected: true }).waitFor();
    await axeCheck(page);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/deliveries");
  });

  it("goes places by two keys, shows the cheat sheet, and lets single keys be turned off", async () => {
    const page = await kit.open("/");
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.waitForURL("**/incidents");
    // Fetched when it first opens, it leads back to what had the focus all the same.
    await page.locator("h1:focus").waitFor();
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.waitFor();
    await axeCheck(page);
    await sheet.getByRole("switch", { name: "Shortcuts of single keys" }).uncheck();
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "hidden" });
    await page.locator("h1:focus").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    expect(new URL(page.url()).pathname).toBe("/incidents");
  });

  it("keeps the theme that was chosen, without a flash at the next load", async () => {
    const page = await kit.open("/");
    await page.getByRole("button", { name: "Theme" }).click();
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    await page.locator("html[data-mantine-color-scheme=dark]").waitFor({ state: "attached" });
    await page.route("**/assets/*.js", (route) => route.abort());
    kit.expectComplaint(/ERR_FAILED/);
    await page.reload({ waitUntil: "domcontentloaded" });
    expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
  });

  it("opens the navigation on a phone", async () => {
    const page = await kit.open("/", { width: 360, height: 740 });
    await page.getByRole("button", { name: "Open the navigation" }).click();
    await page.getByRole("dialog").getByRole("link", { name: "Receipts" }).click();
    await page.waitForURL("**/receipts");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  it("says what to do where there is no page", async () => {
    const page = await kit.open("/no/such/page");
    await page.getByRole("main").getByText("There is no such page").waitFor();
    await page.getByRole("link", { name: "Receipts" }).waitFor();
    await pageCheck(page, "not-found");
    const nobody = await kit.open("/no/such/page", { as: null });
    await nobody.getByRole("main").getByText("There is no such page").waitFor();
    expect(await nobody.getByRole("link", { name: "Receipts" }).count()).toBe(0);
  });
});
