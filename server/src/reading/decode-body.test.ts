import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBody, isDeeperThan } from "./decode-body.ts";

const decode = (body: string | Uint8Array, contentType = "application/json") =>
  decodeBody(Buffer.from(body), contentType);

describe("a stored body", () => {
  it("is read as JSON whatever its content type says, with a byte order mark or without", () => {
    expect(decode('\uFEFF{"a":1}', "text/plain")).toEqual({ ok: true, payload: { a: 1 } });
    expect(decode('[1,"ü"]')).toEqual({ ok: true, payload: [1, "ü"] });
  });

  it("is read from the field payload of a form, and as JSON when it is JSON sent as a form", () => {
    const form = new URLSearchParams({ payload: '{"a":"1 & 2"}' }).toString();
    const type = "application/x-www-form-urlencoded; charset=utf-8";
    expect(decode(form, type)).toEqual({ ok: true, payload: { a: "1 & 2" } });
    expect(decode('{"a":1}', type)).toEqual({ ok: true, payload: { a: 1 } });
    expect(decode("other=1", type)).toMatchObject({ ok: false, message: "the form has no field payload" });
  });

  it("that cannot be read is refused with a reason that does not repeat it", () => {
    expect(decode(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      ok: false,
      message: "the body is not valid UTF-8",
    });
    expect(decode("  ")).toMatchObject({ ok: false, message: "the body is empty" });
    for (const body of [
      "secret-token",
      '{"token": secret-token}',
      '{"secret-token"',
      '["secret-token",]',
      '"secret-token',
    ]) {
      const decoded = decode(body);
      expect(decoded.ok).toBe(false);
      expect(JSON.stringify(decoded)).not.toContain("secret-token");
    }
  });

  it("loses NUL and lone surrogates, in keys as in values, and keeps whole emoji", () => {
    expect(decode(String.raw`{"a\u0000":"x\ud83d","b":["\uD83D\uDE00\u0000"]}`)).toEqual({
      ok: true,
      payload: { "a\uFFFD": "x\uFFFD", b: ["😀\uFFFD"] },
    });
  });

  it("may nest 64 deep and no deeper, brackets inside of texts not counted", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(decode(nested(64)).ok).toBe(true);
    expect(decode(nested(65))).toMatchObject({ ok: false, message: "the JSON is nested deeper than 64" });
    expect(decode(nested(5_000_000))).toMatchObject({ ok: false });
    expect(decode(JSON.stringify({ text: '[{"\\'.repeat(100) })).ok).toBe(true);
  });

  it("is measured as deep as it is", () => {
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.nat(8), (value, limit) => {
        expect(isDeeperThan(JSON.stringify(value), limit)).toBe(depthOf(value) > limit);
      }),
    );
  });
});
