import { expect, it } from "vitest";
import { createListSearches } from "./list-searches.ts";

const from = (pathname: string, searchStr: string) => ({ fromLocation: { pathname, searchStr } });

it("gives a list's address as it was left last, and the plain one of a list that was not looked at", () => {
  const searches = createListSearches();
  expect(searches.addressOf("/incidents")).toBe("/incidents");
  searches.note({});
  searches.note(from("/incidents", "?severity=critical&sort=oldest"));
  searches.note(from("/incidents/0198", "?tab=why"));
  expect(searches.addressOf("/incidents")).toBe("/incidents?severity=critical&sort=oldest");
  expect(searches.addressOf("/alerts")).toBe("/alerts");
  searches.note(from("/incidents", ""));
  expect(searches.addressOf("/incidents")).toBe("/incidents");
});
