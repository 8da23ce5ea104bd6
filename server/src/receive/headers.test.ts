import { describe, expect, test } from "vitest";
import { countHeader, keepHeaders, readSingleHeader } from "./headers.ts";

const sourceOf = (headers: Record<string, string | string[]>) => ({
  headers,
  rawHeaders: Object.entries(headers).flat(2),
});

describe("kept headers", () => {
  test("leave out the connection's and mask every credential", () => {
    const kept = keepHeaders(
      sourceOf({
        host: "x",
        connection: "close",
        "content-length": "3",
        "content-encoding": "gzip",
        "content-type": "application/json",
        authorization: "Basic c2VjcmV0",
        cookie: "a=b",
        "x-api-key": "k",
        "x-datadog-signature": "sha256=00",
        "x-odd": "proof",
        "x-webhook-id": "w-1",
      }),
      "x-odd",
    );
    expect({ ...kept }).toEqual({
      "content-type": "application/json",
      authorization: "[masked]",
      cookie: "[masked]",
      "x-api-key": "[masked]",
      "x-datadog-signature": "[masked]",
      "x-odd": "[masked]",
      "x-webhook-id": "w-1",
    });
  });

  test("are at most 64 and 8 KiB", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-${index}`, "v"]));
    expect(Object.keys(keepHeaders(sourceOf(many), null))).toHaveLength(64);
    const long = { "x-short": "v", "x-long": "v".repeat(8_192), "x-after": "v" };
    expect({ ...keepHeaders(sourceOf(long), null) }).toEqual({ "x-short": "v" });
  });

  test("survive a header called __proto__", () => {
    const kept = keepHeaders(sourceOf(JSON.parse('{"__proto__": "x", "a": "b"}')), null);
    expect(JSON.stringify(kept)).toBe('{"__proto__":"x","a":"b"}');
    expect("x" in {}).toBe(false);
  });
});

describe("a single header", () => {
  test("is repeated when it came twice, in whatever case", () => {
    const rawHeaders = ["X-Sig", "a", "x-sig", "b", "x-sigh", "c"];
    expect(countHeader(rawHeaders, "x-sig")).toBe(2);
    expect(readSingleHeader({ headers: { "x-sig": "a, b" }, rawHeaders }, "x-sig").kind).toBe("repeated");
    // Node keeps only the first Authorization and says nothing.
    const twice = { headers: { authorization: "a" }, rawHeaders: ["Authorization", "a", "Authorization", "b"] };
    expect(readSingleHeader(twice, "authorization").kind).toBe("repeated");
  });

  test("is missing when only the prototype has it", () => {
    expect(readSingleHeader({ headers: {}, rawHeaders: [] }, "constructor").kind).toBe("missing");
  });
});
