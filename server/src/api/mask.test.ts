import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskHeader, maskUrl } from "./mask.ts";

describe("a masked header", () => {
  it.each([
    ["Authorization", "Bearer {{api_token}}", "Bearer {{api_token}}"],
    ["Authorization", "Bearer abc", "Bearer ***"],
    ["Authorization", "Token token={{ t }}", "Token token={{ t }}"],
    ["Authorization", "abc", "***"],
    ["X-Key", "a{{ b }}c", "***{{ b }}***"],
    ["X-Key", '{{ incident.id + "secret" }}', '{{ incident.id + "***" }}'],
    ["X-Key", "{% if true %}secret{% endif %}", "{% if true %}***{% endif %}"],
    ["content-type", "application/json", "application/json"],
  ])("%s: %s is shown as %s", (name, value, shown) => {
    expect(maskHeader(name, value)).toBe(shown);
  });

  it("never shows a word of the literal text", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]{8,30}$/),
        fc.constantFrom("", "{{ a }}", "Bearer "),
        (secret, before) => {
          expect(maskHeader("X-Key", `${before}${secret}`)).not.toContain(secret);
        },
      ),
    );
  });
});

describe("a masked URL", () => {
  it.each([
    ["https://a.example/in", "https://a.example/in"],
    ["https://a.example/in?key=abc&b=c", "https://a.example/in?key=***&b=***"],
    ["https://a.example/in?id={{ incident.id }}", "https://a.example/in?id={{ incident.id }}"],
    ["https://a.example/abcdefghijklmnopqrstuv/x", "https://a.example/***/x"],
    ["https://a-very-long-host-name-of-a-receiver.example/", "https://a-very-long-host-name-of-a-receiver.example/"],
    ["https://a.example/{{ incident.id }}", "https://a.example/{{ incident.id }}"],
  ])("%s is shown as %s", (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });
});
