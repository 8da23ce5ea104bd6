import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A secret of 32 random bytes, safe in a URL and a cookie. */
export function makeSecretToken(randomBytes: (count: number) => Buffer): string {
  return randomBytes(32).toString("base64url");
}

/** The SHA-256 under which such a secret is stored; it has so much entropy that no slow hash is needed. */
export function hashSecretToken(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}

/** The token that proves that a request was made by a page which could read an answer of the session. */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac("sha256", sessionToken).update("csrf").digest("base64url");
}

/** Compares secrets without telling by the time how much of them is right. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(hashSecretToken(one), hashSecretToken(other));
}
