import { describe, expect, it } from "vitest";
import { diffViews, maskRequest, withMaskedFields } from "./audit.ts";

describe("what changed", () => {
  it("is told field by field, also inside of objects, and nothing that moves by itself", () => {
    const before = {
      id: "1",
      name: "a",
      updated_at: "x",
      rate: null,
      deep: { url: "u", list: [1] },
      last_used_at: null,
    };
    const after = { id: "1", name: "b", updated_at: "y", rate: 3, deep: { url: "u", list: [1, 2] }, last_used_at: "z" };
    expect(diffViews(before, after)).toEqual({
      name: { before: "a", after: "b" },
      rate: { before: null, after: 3 },
      "deep.list": { before: [1], after: [1, 2] },
    });
  });

  it("of something new or gone is all of it", () => {
    expect(diffViews(null, { name: "a" })).toEqual({ name: { after: "a" } });
    expect(diffViews({ name: "a" }, null)).toEqual({ name: { before: "a" } });
  });

  it("behind a mask is told without its value", () => {
    const request = { name: "b", headers: { Authorization: "Bearer x" } };
    expect(withMaskedFields({ name: { before: "a", after: "b" } }, request)).toEqual({
      name: { before: "a", after: "b" },
      headers: { before: "***", after: "***" },
    });
    expect(withMaskedFields({ "headers.X": { after: "1" } }, request).headers).toBeUndefined();
  });

  it("is cut when it is long", () => {
    const change = diffViews(null, { template: "x".repeat(5_000) });
    expect(String(change.template?.after)).toHaveLength(2_001);
  });
});

describe("a request that is kept", () => {
  it("shows no secret, however deep", () => {
    const request = {
      since: "2026",
      password: "p",
      list: [{ api_token: "t", variables: { a: "b" } }],
      headers: { a: "b" },
    };
    expect(maskRequest(request)).toEqual({
      since: "2026",
      password: "***",
      list: [{ api_token: "***", variables: "***" }],
      headers: "***",
    });
  });
});
