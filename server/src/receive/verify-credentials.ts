import { createHash, timingSafeEqual } from "node:crypto";
import type { OpenedSecret } from "../store/receiving-integration.ts";
import { type HeaderSource, readSingleHeader } from "./headers.ts";
import { failure, isLive, success, type Verifier } from "./verdict.ts";

const LONGEST_CREDENTIAL = 2_048;

/** Verifies a secret text in a header, or, where that header is missing, in `Authorization: Bearer`. */
export function tokenVerifier(header: string, prefix: string, secrets: readonly OpenedSecret[]): Verifier {
  const tokens = hashedSecrets(secrets, "token");
  return {
    expected: `${prefix}…`,
    header,
    verify(source, _body, now) {
      const own = readToken(source, header, prefix);
      // Senders that offer nothing but a bearer token are served even when a header of its own is set up.
      const offered =
        own.kind === "missing" && header !== "authorization" ? readToken(source, "authorization", "Bearer ") : own;
      if (offered.kind !== "present")
        return failure(offered.kind === "missing" ? "missing" : "malformed", masked(offered));
      const secret = findHashed(tokens, offered.value, now);
      return secret === null ? failure("mismatch", `${prefix}…`) : success("token", secret, null);
    },
  };
}

type Offered = { readonly kind: "missing" | "malformed" } | { readonly kind: "present"; readonly value: string };

function readToken(source: HeaderSource, header: string, prefix: string): Offered {
  const found = readSingleHeader(source, header);
  if (found.kind === "missing") return { kind: "missing" };
  if (found.kind === "repeated" || found.value.length > LONGEST_CREDENTIAL) return { kind: "malformed" };
  const start = found.value.slice(0, prefix.length);
  // The name of an authentication scheme has no case (RFC 9110 section 11.1).
  const isSame = header === "authorization" ? start.toLowerCase() === prefix.toLowerCase() : start === prefix;
  const value = found.value.slice(prefix.length);
  return isSame && value !== "" ? { kind: "present", value } : { kind: "malformed" };
}

/** Verifies Basic credentials (RFC 7617). */
export function basicVerifier(username: string, secrets: readonly OpenedSecret[]): Verifier {
  const passwords = hashedSecrets(secrets, "password");
  const expectedUser = hashOf(username);
  return {
    expected: "Basic …",
    header: "authorization",
    verify(source, _body, now) {
      const offered = readToken(source, "authorization", "Basic ");
      if (offered.kind === "missing") return failure("missing", null);
      const text = offered.kind === "present" ? readBase64(offered.value) : null;
      const colon = text?.indexOf(":") ?? -1;
      if (text === null || colon === -1) return failure("malformed", "Basic …");
      const isUser = timingSafeEqual(hashOf(text.slice(0, colon)), expectedUser);
      const secret = findHashed(passwords, text.slice(colon + 1), now);
      return isUser && secret !== null ? success("basic", secret, null) : failure("mismatch", "Basic …");
    },
  };
}

function readBase64(text: string): string | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  return Buffer.from(text, "base64").toString("utf8");
}

// Comparing hashes gives both sides one length, whatever was offered.
const hashOf = (value: string): Buffer => createHash("sha256").update(value, "utf8").digest();

type HashedSecret = { readonly secret: OpenedSecret; readonly hash: Buffer };

function hashedSecrets(secrets: readonly OpenedSecret[], purpose: "token" | "password"): readonly HashedSecret[] {
  return secrets
    .filter((secret) => secret.purpose === purpose && secret.value !== "")
    .map((secret) => ({ secret, hash: hashOf(secret.value) }));
}

function findHashed(candidates: readonly HashedSecret[], offered: string, now: number): OpenedSecret | null {
  const hash = hashOf(offered);
  return candidates.find((entry) => isLive(entry.secret, now) && timingSafeEqual(entry.hash, hash))?.secret ?? null;
}

function masked(offered: Offered): string | null {
  return offered.kind === "missing" ? null : "…";
}
