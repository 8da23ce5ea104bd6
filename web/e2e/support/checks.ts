import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { SCREENSHOTS } from "./screenshots.ts";

declare global {
  interface Window {
    /** Put into a page by its first check. */
    readonly axe?: { run(context: Document, options: RunOptions): Promise<AxeResults> };
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

type Scheme = "light" | "dark";
type Rules = { readonly type: "tag" | "rule"; readonly values: string[] };

const EVERYTHING: Rules = { type: "tag", values: TAGS };
const COLOURS: Rules = { type: "rule", values: ["color-contrast", "link-in-text-block"] };
// The colours are those of the wide page.
const STRUCTURE: Rules = { type: "tag", values: TAGS.filter((tag) => !tag.endsWith("aa")) };

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

/** Fails with every breach of WCAG 2.2 AA that axe finds on the page: all rules in light, those of colour in dark as well. */
export async function axeCheck(page: Page): Promise<void> {
  await setScheme(page, "light");
  const light = await findBreaches(page, "light", EVERYTHING);
  await setScheme(page, "dark");
  const dark = await findBreaches(page, "dark", COLOURS);
  expect([...light, ...dark].join("\n")).toBe("");
}

/** Fails when the page is wider than a phone of 360 pixels; leaves the window at that width. */
export async function noSidewaysScroll(page: Page): Promise<void> {
  await page.setViewportSize(PHONE);
  const wide = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 60)}`)
      .slice(0, 10);
  });
  expect(wide).toEqual([]);
}

/**
 * All that a page has to hold, whatever it shows: accessible, no wider than a phone, with its pictures taken in light, in
 * dark and at the width of a phone, at which it leaves the window. A change of colours or width lays the whole page out
 * anew, so everything is looked at before the next one.
 */
export async function pageCheck(page: Page, name: string): Promise<void> {
  const picture = (suffix: string) => page.screenshot({ path: join(SCREENSHOTS, `${name}-${suffix}.png`) });
  const breaches: string[] = [];
  await page.setViewportSize(WIDE);
  await setScheme(page, "light");
  await picture("light");
  breaches.push(...(await findBreaches(page, "light", EVERYTHING)));
  await setScheme(page, "dark");
  await picture("dark");
  breaches.push(...(await findBreaches(page, "dark", COLOURS)));
  await page.setViewportSize(PHONE);
  await setScheme(page, "light");
  await picture("phone");
  breaches.push(...(await findBreaches(page, "light", STRUCTURE)));
  expect(breaches.join("\n")).toBe("");
  await noSidewaysScroll(page);
}

async function setScheme(page: Page, scheme: Scheme): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor({ state: "attached" });
}

async function findBreaches(page: Page, scheme: Scheme, runOnly: Rules): Promise<readonly string[]> {
  // axe looks into no frame that it was not put into.
  expect(page.frames()).toHaveLength(1);
  if (!(await page.evaluate(() => window.axe !== undefined))) await page.evaluate(AXE);
  const breaches = await page.evaluate(
    async (options: RunOptions) => {
      const { violations } = (await window.axe?.run(document, options)) ?? { violations: null };
      return violations?.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${help}\n    ${html.slice(0, 200)}\n    ${any[0]?.message ?? ""}`),
      );
    },
    { runOnly, resultTypes: ["violations"] } as RunOptions,
  );
  if (breaches === undefined) throw new Error("axe did not run");
  return breaches.map((breach) => `${scheme} ${breach}`);
}
