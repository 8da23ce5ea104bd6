import { describe, expect, it } from "vitest";
import { parseJsonBody } from "./json-body.ts";

const parse = (text: string) => parseJsonBody(Buffer.from(text));

describe("a JSON body", () => {
  it("is read as it stands, the last of repeated keys counting", () => {
    expect(parse('{"a":[1,"ü",null,true],"b":{"c":1.5},"a":2}')).toEqual({ ok: true, value: { a: 2, b: { c: 1.5 } } });
  });

  it("may be 64 levels deep and not one more, whatever stands in its texts", () => {
    expect(parse(`${"[".repeat(64)}${"]".repeat(64)}`).ok).toBe(true);
    expect(parse(`${"[".repeat(65)}${"]".repeat(65)}`)).toMatchObject({ ok: false, message: /deeper/ });
    expect(parse(`"${"[".repeat(100)}"`).ok).toBe(true);
    expect(parse(`"\\"${"[".repeat(100)}"`).ok).toBe(true);
    expect(parse("[".repeat(1_000_000))).toMatchObject({ ok: false });
  });

  it.each([
    ["not JSON", "{'a':1}"],
    ["cut off", '{"a":'],
    ["__proto__", '{"__proto__":{"admin":true}}'],
    ["__proto__ by escape", '{"\\u005f_proto__":1}'],
    ["constructor", '[{"constructor":{"prototype":{}}}]'],
    ["NUL", '{"a":"\\u0000"}'],
    ["NUL in a key", '{"\\u0000":1}'],
    ["half a surrogate pair", '{"a":"\\ud800"}'],
    ["a number too large", '{"a":1e400}'],
    ["a negative number too large", "[-1e999]"],
  ])("is refused for %s", (_what, text) => {
    expect(parse(text).ok).toBe(false);
  });

  it("is refused when it is not UTF-8", () => {
    expect(parseJsonBody(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({
      ok: false,
      message: "The body is not UTF-8",
    });
  });

  it("names the place of what is wrong", () => {
    expect(parse('{"a":[{"b":"\\u0000"}]}')).toEqual({ ok: false, message: "The text at $.a[0].b contains NUL" });
  });
});
