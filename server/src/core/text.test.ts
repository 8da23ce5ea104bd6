import fc from "fast-check";
import { expect, test } from "vitest";
import { capText, sanitizeText } from "./text.ts";

test("NUL and lone surrogates become the replacement character, all else stays", () => {
  expect(sanitizeText("a\0b\ud800c\udc00d😀")).toBe("a\uFFFDb\uFFFDc\uFFFDd😀");
});

test("text is cut by code point and never through one", () => {
  expect(capText("😀😀😀", 2)).toBe("😀😀");
  expect(capText("abc", 3)).toBe("abc");
  expect(capText("abcd", 3)).toBe("abc");
});

test("cut text is always well-formed, within its limit and a prefix of the sanitized text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(30), (text, limit) => {
      const cut = capText(text, limit);
      expect(cut.isWellFormed()).toBe(true);
      expect(Array.from(cut).length).toBeLessThanOrEqual(limit);
      expect(Array.from(sanitizeText(text)).slice(0, limit).join("")).toBe(cut);
    }),
  );
});
