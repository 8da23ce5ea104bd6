import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { SCREENSHOTS } from "./screenshots.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Fails with every breach of WCAG 2.2 AA that axe finds on the page: all rules in light, those of colour in dark as well. */
export async function axeCheck(page: Page): Promise<void> {
  const light = await findBreaches(page, "light", { type: "tag", values: TAGS });
  const dark = await findBreaches(page, "dark", { type: "rule", values: ["color-contrast", "link-in-text-block"] });
  expect([...light, ...dark].join("\n")).toBe("");
}

type Rules = { readonly type: "tag" | "rule"; readonly values: string[] };

async function findBreaches(page: Page, scheme: "light" | "dark", runOnly: Rules): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor({ state: "attached" });
  const { violations } = await new AxeBuilder({ page }).options({ runOnly, resultTypes: ["violations"] }).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, any }) => `${scheme} ${id}: ${help}\n    ${html.slice(0, 200)}\n    ${any[0]?.message ?? ""}`),
  );
}

/** Fails when the page is wider than a phone of 360 pixels; leaves the window at that width. */
export async function noSidewaysScroll(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 60)}`)
      .slice(0, 10);
  });
  expect(wide).toEqual([]);
}

/** Takes pictures of the page: light, dark, and at the width of a phone. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 800 };
  const take = async (scheme: "light" | "dark", width: number, suffix: string): Promise<void> => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: width < 640 ? 740 : before.height });
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor({ state: "attached" });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${suffix}.png`) });
  };
  await take("light", 1280, "light");
  await take("dark", 1280, "dark");
  await take("light", 360, "phone");
  await page.setViewportSize(before);
}

/** All that a page has to hold, whatever it shows: accessible, no wider than a phone, with its pictures taken. */
export async function pageCheck(page: Page, name: string): Promise<void> {
  await screenshot(page, name);
  await axeCheck(page);
  await noSidewaysScroll(page);
  // The colours are those of the wide page.
  const structure = TAGS.filter((tag) => !tag.endsWith("aa"));
  expect((await findBreaches(page, "light", { type: "tag", values: structure })).join("\n")).toBe("");
}
