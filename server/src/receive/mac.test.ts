import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMac } from "./mac.ts";

describe.each(["sha256", "sha512"] as const)("an HMAC with %s", (algorithm) => {
  test("is that of node:crypto, for every key, prefix and body", () => {
    const prefix = fc.string({ unit: "grapheme-ascii", maxLength: 300 });
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
    fc.assert(
      fc.property(
        bytes(300),
        prefix,
        bytes(2_000),
        fc.constantFrom("hex" as const, "base64" as const),
        (key, text, body, encoding) => {
          const expected = createHmac(algorithm, key).update(text).update(body).digest(encoding);
          expect(createMac(algorithm, Buffer.from(key))(text, Buffer.from(body), encoding)).toBe(expected);
        },
      ),
    );
  });

  test("is the same on both sides of the scratch buffer, and never mixes keys or bodies", () => {
    const macs = ["one", "another"].map((key) => ({ key, mac: createMac(algorithm, Buffer.from(key)) }));
    for (const size of [0, 1, 65_535 - 128, 65_536 - 128, 65_536 - 64, 65_536, 1_048_576]) {
      for (const { key, mac } of macs) {
        const body = Buffer.alloc(size, key);
        expect(mac("", body, "hex")).toBe(createHmac(algorithm, key).update(body).digest("hex"));
      }
    }
  });
});
