import { describe, expect, it } from "vitest";
import { isDomainAllowed, localPath, readOidcClaims } from "./oidc-claims.ts";

const CLAIMS = { iss: "https://id.example", sub: "7", email: "Ada@Example.com", email_verified: true, name: " Ada " };

describe("the claims of an identity provider", () => {
  it("give an address only when the provider vouches for it", () => {
    expect(readOidcClaims(CLAIMS, null)).toMatchObject({
      subject: "7",
      email: "ada@example.com",
      name: "Ada",
      role: null,
    });
    for (const email_verified of [false, undefined, "yes", 1]) {
      expect(readOidcClaims({ ...CLAIMS, email_verified }, null)?.email).toBeNull();
    }
  });

  it("give the strongest role that the configured claim names", () => {
    expect(readOidcClaims({ ...CLAIMS, groups: ["viewer", "admin", "x"] }, "groups")?.role).toBe("admin");
    expect(readOidcClaims({ ...CLAIMS, groups: "responder" }, "groups")?.role).toBe("responder");
    expect(readOidcClaims({ ...CLAIMS, groups: "administrator" }, "groups")?.role).toBeNull();
  });

  it("without a subject are nobody's", () => {
    expect(readOidcClaims({ ...CLAIMS, sub: "" }, null)).toBeNull();
  });
});

it("a domain is compared whole", () => {
  expect(isDomainAllowed("a@example.com", [])).toBe(true);
  expect(isDomainAllowed("a@example.com", ["example.com"])).toBe(true);
  expect(isDomainAllowed("a@evil-example.com", ["example.com"])).toBe(false);
  expect(isDomainAllowed("a@example.com@evil.com", ["example.com"])).toBe(false);
});

it("only a path of this site is gone back to", () => {
  expect(localPath("/incidents?status=open#x")).toBe("/incidents?status=open#x");
  for (const path of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:1",
    "/a\nb",
    undefined,
  ]) {
    expect(localPath(path), String(path)).toBe("/");
  }
});
