import { describe, expect, it } from "vitest";
import { findInTemplate, parseTemplate, writeTemplate } from "./template-text.ts";

describe("the text of a template", () => {
  it("is empty for the standard body and comes back as it was for any other", () => {
    expect(writeTemplate(null)).toBe("");
    expect(parseTemplate("  ")).toEqual({ ok: true, value: null });
    const template = { text: "{{incident.title}}", list: [1, true] };
    expect(parseTemplate(writeTemplate(template))).toEqual({ ok: true, value: template });
  });

  it("says at which line and column it is no JSON", () => {
    const placeOf = (text: string): string => {
      const parsed = parseTemplate(text);
      return parsed.ok ? "right" : parsed.message;
    };
    expect(placeOf('{\n  "a": ,\n}')).toBe("is no JSON at line 2, column 8");
    expect(placeOf('{ "a": 1 "b": 2 }')).toBe("is no JSON at line 1, column 10");
    expect(placeOf('["x", tru]')).toBe("is no JSON at line 1, column 7");
    expect(placeOf('{ "a": [1, 2')).toBe("is no JSON at line 1, column 13");
    expect(placeOf('"a" "b"')).toBe("is no JSON at line 1, column 5");
    expect(placeOf('{"a": "broken\n"}')).toBe("is no JSON at line 1, column 7");
    expect(placeOf(' {"a": ["\\u00e9 \\"", -1.5e3, true, {}, []], "b": null} ')).toBe("right");
  });

  it("finds the place of a problem in a leaf, behind escapes as well", () => {
    const text = writeTemplate({ a: { "b}": ["x", { text: 'say "{{oops}}"' }] }, text: "{{nope}}" });
    const inner = findInTemplate(text, '.a["b}"][1].text', 5) ?? -1;
    expect(text.slice(inner, inner + 8)).toBe("{{oops}}");
    const outer = findInTemplate(text, ".text", 2) ?? -1;
    expect(text.slice(outer, outer + 4)).toBe("nope");
    expect(findInTemplate(text, ".missing")).toBeNull();
    expect(findInTemplate('"{{x}}"', "", 2)).toBe(3);
  });
});
