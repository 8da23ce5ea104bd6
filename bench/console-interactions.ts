import type { Locator, Page } from "playwright-core";

/** Something that a person does on the list of open incidents; `shown` and `data` are expressions of the page. */
export type Interaction = {
  readonly what: string;
  /** The event that begins it. */
  readonly event: "click" | "input" | "keydown" | "popstate";
  /** True when the page shows that it was taken. */
  readonly shown: string;
  /** True when what was asked for is there. */
  readonly data: string;
  /** What has to be done first; the list is open and whole by then. */
  readonly before?: (page: Page) => Promise<unknown>;
  readonly act: (page: Page) => Promise<unknown>;
};

const ROWS = "[...document.querySelectorAll('[role=table] [data-row]')]";
const TICKED = (label: string): string =>
  `[...document.querySelectorAll('aside label')].some((one) => one.textContent === '${label}' && one.control?.checked)`;
const EVERY_ROW = (words: string): string =>
  `${ROWS}.length > 0 && ${ROWS}.every((row) => row.innerText.includes('${words}'))`;
const FIRST_ROWS = (count: number, words: string): string =>
  `${ROWS}.slice(0, ${count}).every((row) => row.innerText.includes('${words}'))`;
const HAS_ROW = (index: number): string => `document.querySelector('[data-row][data-index="${index}"]') !== null`;
const SAYS = (words: string): string => `document.body.innerText.includes('${words}')`;
const FOCUSED = "document.activeElement.closest('[data-row]') !== null";
const PAGE_SIZE = 50;

// As long as a hand rests on what it is about to press; meanwhile the console fetches what that opens.
const REST_MS = 250;

async function restOn(page: Page, target: Locator): Promise<void> {
  await target.hover();
  await page.evaluate(`new Promise((done) => setTimeout(done, ${REST_MS}))`);
}

const third = (page: Page): Locator => page.locator("[data-row] [data-main] a").nth(2);
const statusMenu = (page: Page): Locator => page.getByRole("button", { name: /^Status/ });
const openThird = (page: Page) => third(page).click();
const focusFirst = (page: Page) => page.locator("[data-row] [data-main] a").first().focus();

// Playwright's own way of waiting makes code of text, which the console's pages refuse.
const until = (page: Page, isTrue: string) => page.evaluate(`window.probe.until(() => ${isTrue})`);

/** Reads on until so many rows are there, and goes back to the first. */
async function readRows(page: Page, count: number): Promise<void> {
  for (let rows = PAGE_SIZE; rows < count; rows += PAGE_SIZE) {
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    await until(page, HAS_ROW(rows));
  }
  await page.evaluate("scrollTo(0, 0)");
  await until(page, HAS_ROW(0));
}

const selectShown = (page: Page) => page.getByLabel("Select all shown: Incidents").click();

/** What is measured, in this order. */
export const INTERACTIONS: readonly Interaction[] = [
  {
    what: "j, to the next row",
    event: "keydown",
    shown: FOCUSED,
    data: FOCUSED,
    act: (page) => page.keyboard.press("j"),
  },
  {
    what: "a row is ticked",
    event: "click",
    shown: "document.querySelector('[data-row][data-selected]') !== null",
    data: "document.querySelector('section[aria-label^=Act]') !== null",
    act: (page) => page.locator("[data-row] input[type=checkbox]").nth(3).click(),
  },
  {
    what: "a menu of the filters is opened",
    event: "click",
    shown: "document.querySelector('[role=dialog]')?.checkVisibility() === true",
    data: SAYS("Resolved"),
    before: (page) => restOn(page, statusMenu(page)),
    act: (page) => statusMenu(page).click(),
  },
  {
    what: "a facet is ticked: Critical",
    event: "click",
    shown: TICKED("Critical"),
    data: EVERY_ROW("Critical"),
    act: (page) => page.getByRole("complementary").getByLabel("Critical").click(),
  },
  {
    what: "a second state is ticked: Acknowledged",
    event: "click",
    shown: TICKED("Acknowledged"),
    data: `${ROWS}.some((row) => row.innerText.includes('Acknowledged'))`,
    act: (page) => page.getByRole("complementary").getByLabel("Acknowledged").click(),
  },
  {
    what: "another order: worst first",
    event: "input",
    shown: "document.querySelector('select[aria-label=Order]').value === 'severity'",
    data: EVERY_ROW("Critical"),
    act: (page) => page.getByLabel("Order").selectOption("severity"),
  },
  {
    what: "a word is typed (data after the pause of 250 ms)",
    event: "input",
    shown: "document.querySelector('input[type=search]').value === 'billing'",
    data: EVERY_ROW("Billing"),
    act: (page) => page.getByRole("searchbox").fill("billing"),
  },
  {
    what: "End, which reads the next page",
    event: "keydown",
    shown: "scrollY > 0",
    data: HAS_ROW(PAGE_SIZE),
    act: (page) => page.keyboard.press("End"),
  },
  {
    what: "an incident is opened (data: its timeline)",
    event: "click",
    shown: "/^#\\d/.test(document.querySelector('h1')?.textContent ?? '')",
    data: SAYS("Opened by the first alert"),
    before: (page) => restOn(page, third(page)),
    act: openThird,
  },
  {
    what: "back to the list",
    event: "popstate",
    shown: HAS_ROW(0),
    data: HAS_ROW(0),
    before: async (page) => {
      await openThird(page);
      await until(page, SAYS("Opened by the first alert"));
    },
    act: (page) => page.evaluate("history.back()"),
  },
  {
    what: "one is acknowledged by a (data: the server said so)",
    event: "keydown",
    shown: FIRST_ROWS(1, "Acknowledged"),
    data: SAYS("1 incident acknowledged"),
    before: focusFirst,
    act: (page) => page.keyboard.press("a"),
  },
  {
    what: "200 are ticked",
    event: "click",
    shown: SAYS("200 selected"),
    data: SAYS("200 selected"),
    before: (page) => readRows(page, 200),
    act: selectShown,
  },
  {
    what: "200 are acknowledged (data: the server said so)",
    event: "click",
    shown: FIRST_ROWS(10, "Acknowledged"),
    data: SAYS("200 incidents acknowledged"),
    before: async (page) => {
      await readRows(page, 200);
      await selectShown(page);
      await until(page, SAYS("200 selected"));
    },
    act: (page) => page.getByRole("button", { name: "Acknowledge", exact: true }).click(),
  },
];
