import { expect, it } from "vitest";
import { headersFrom, headersText } from "./header-lines.ts";

it("reads the lines that it wrote", () => {
  const headers = { "content-type": "application/json", "x-url": "http://a:1/b", empty: "" };
  expect(headersFrom(headersText(headers))).toEqual(headers);
});

it("passes over empty lines and keeps a name without a value", () => {
  expect(headersFrom("\n  a : b \nc\n")).toEqual({ a: "b", c: "" });
});
