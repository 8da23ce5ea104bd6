import { expect, it } from "vitest";
import { parseInline, parseMarkdown } from "./markdown.ts";

it("reads blocks", () => {
  const text = "# Plan\n\nFirst\nsecond\n\n- one\n- **two**\n\n1. a\n\n> said\n\n```\n<b>x</b>\n```";
  expect(parseMarkdown(text).map(({ kind }) => kind)).toEqual([
    "heading",
    "paragraph",
    "list",
    "list",
    "quote",
    "code",
  ]);
});

it("links only http and https", () => {
  expect(parseInline("see [runbook](https://wiki.test/x).")).toEqual([
    { kind: "text", text: "see " },
    { kind: "link", text: "runbook", href: "https://wiki.test/x" },
    { kind: "text", text: "." },
  ]);
  expect(parseInline("at https://wiki.test/a, then")).toContainEqual({
    kind: "link",
    text: "https://wiki.test/a",
    href: "https://wiki.test/a",
  });
  for (const href of ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.test", "JaVaScRiPt:x"]) {
    const pieces = parseInline(`[x](${href})`);
    expect(pieces.map(({ kind }) => kind)).not.toContain("link");
    expect(pieces.map(({ text }) => text).join("")).toBe(`[x](${href})`);
  }
});

it("leaves HTML and images the text that they are", () => {
  const text = "<img src=x onerror=alert(1)> ![p](https://evil.test/p.png)";
  expect(parseInline(text).every(({ kind }) => kind === "text" || kind === "link")).toBe(true);
  expect(parseInline("![p](https://evil.test/p.png)").filter(({ kind }) => kind === "link")).toHaveLength(1);
  expect(parseInline("snake_case_name stays")).toEqual([{ kind: "text", text: "snake_case_name stays" }]);
});

it("always ends, whatever the text is", () => {
  for (const text of ["```", "-", ">", "#", "1.", "[", "**", "`", "#### ", "\n\n\n", "- \n-"]) parseMarkdown(text);
});
