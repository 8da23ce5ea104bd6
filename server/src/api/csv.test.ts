import { expect, it } from "vitest";
import { writeCsv } from "./csv.ts";

it("quotes every cell, and keeps spreadsheets from running any as a formula", () => {
  expect(writeCsv([["a,b", 'say "x"', "two\nlines"]])).toBe('"a,b","say ""x""","two\nlines"\r\n');
  for (const cell of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "\r=1"]) {
    expect(writeCsv([[cell]]), cell).toBe(`"'${cell}"\r\n`);
  }
});
