import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashApiKey, hintOfApiKey, isApiKeyShaped, makeApiKey } from "./api-key.ts";

describe("an API key", () => {
  it("has the prefix, 32 random bytes in base 62 and a checksum", () => {
    expect(makeApiKey(() => new Uint8Array(32))).toMatch(/^ow_live_0{43}[0-9A-Za-z]{6}$/);
    const key = makeApiKey(() => new Uint8Array(32).fill(255));
    expect(key).toHaveLength(57);
    expect(isApiKeyShaped(key)).toBe(true);
  });

  it("differs for different bytes", () => {
    const keys = new Set(Array.from({ length: 100 }, () => makeApiKey(randomBytes)));
    expect(keys.size).toBe(100);
  });

  it("is known to be mistyped wherever one character differs", () => {
    const key = makeApiKey(randomBytes);
    for (let at = 8; at < key.length; at++) {
      const other = key[at] === "a" ? "b" : "a";
      expect(isApiKeyShaped(key.slice(0, at) + other + key.slice(at + 1)), String(at)).toBe(false);
    }
  });

  it("may be one that an operator chose, of 32 to 128 characters", () => {
    expect(isApiKeyShaped("a".repeat(32))).toBe(true);
    expect(isApiKeyShaped("A_9".repeat(42))).toBe(true);
    for (const key of ["a".repeat(31), "a".repeat(129), `${"a".repeat(40)}-`, `${"a".repeat(40)}\n`, ""]) {
      expect(isApiKeyShaped(key)).toBe(false);
    }
  });

  it("is stored as a SHA-256 and recognised by a hint that gives little away", () => {
    const key = makeApiKey(randomBytes);
    expect(hashApiKey(key)).toHaveLength(32);
    expect(hintOfApiKey(key)).toBe(`${key.slice(0, 12)}…${key.slice(-4)}`);
    expect(hintOfApiKey("x".repeat(40))).toBe("xxxx…xxxx");
  });
});
