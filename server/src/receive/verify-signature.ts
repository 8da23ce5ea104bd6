import { timingSafeEqual } from "node:crypto";
import type { SignatureScheme } from "../platforms/verification.ts";
import type { OpenedSecret } from "../store/receiving-integration.ts";
import { readSingleHeader } from "./headers.ts";
import { createMac, type Mac } from "./mac.ts";
import { failure, isLive, success, type Verifier } from "./verdict.ts";

type Key = { readonly secret: OpenedSecret; readonly mac: Mac };

/** How an HMAC in a header is made, and what its receipts are said to be verified by. */
export type HmacScheme = Omit<SignatureScheme, "kind"> & { readonly toleranceSeconds: number; readonly type: string };

const MOST_CANDIDATES = 8;
const LONGEST_PROOF = 2_048;
// Whole seconds of today's magnitude: no sign, fraction, exponent, milliseconds or leading zero.
const UNIX_SECONDS = /^[1-9]\d{8,10}$/;
// No dot: the signed text is `<id>.<time>.<body>`, and a dot in the id could move bytes from one part to another.
const MESSAGE_ID = /^[\x21-\x2d\x2f-\x7e]{1,256}$/;
const DIGEST: Readonly<Record<string, RegExp>> = {
  "sha256 hex": /^[0-9a-f]{64}$/,
  "sha512 hex": /^[0-9a-f]{128}$/,
  "sha256 base64": /^[A-Za-z0-9+/]{43}=$/,
  "sha512 base64": /^[A-Za-z0-9+/]{86}==$/,
};

/** Verifies an HMAC of the raw body, or of `<unix seconds>:<body>` when the scheme names a timestamp header. */
export function hmacVerifier(scheme: HmacScheme, secrets: readonly OpenedSecret[]): Verifier {
  const keys = keysOf(secrets, scheme.algorithm, (value) => Buffer.from(value, "utf8"));
  const digest = DIGEST[`${scheme.algorithm} ${scheme.encoding}`] ?? /^$/;
  return {
    expected: `${scheme.prefix}…`,
    header: scheme.header,
    verify(source, body, now) {
      const proof = readSingleHeader(source, scheme.header);
      if (proof.kind === "missing") return failure("missing", null);
      if (proof.kind === "repeated") return failure("malformed", proof.value);
      const time = scheme.timestampHeader === null ? null : readSingleHeader(source, scheme.timestampHeader);
      if (time?.kind === "missing") return failure("missing", proof.value);
      if (time !== null && (time.kind !== "present" || !UNIX_SECONDS.test(time.value))) {
        return failure("malformed", proof.value);
      }
      const candidates = readCandidates(proof.value, scheme, digest);
      if (candidates === null) return failure("malformed", proof.value);
      const prefix = time === null ? "" : `${time.value}:`;
      const found = findKey(keys, candidates, now, prefix, body, scheme.encoding);
      if (found === null) return failure("mismatch", proof.value);
      if (time === null) return success(scheme.type, found.key.secret, null);
      if (isOutside(time.value, now, scheme.toleranceSeconds)) return failure("expired", proof.value);
      return success(scheme.type, found.key.secret, `mac:${found.candidate}`);
    },
  };
}

/** The digests that the header claims, or null when any of them breaks the grammar or there are none or too many. */
function readCandidates(value: string, scheme: HmacScheme, digest: RegExp): readonly string[] | null {
  if (value.length > LONGEST_PROOF) return null;
  if (!scheme.isList) {
    if (!value.startsWith(scheme.prefix)) return null;
    const candidate = value.slice(scheme.prefix.length);
    return digest.test(candidate) ? [candidate] : null;
  }
  const entries = value.split(",");
  if (entries.length > MOST_CANDIDATES || value.includes(" ")) return null;
  // Entries of other versions are left alone: that is how such senders move to a new scheme.
  const ours = entries
    .filter((entry) => entry.startsWith(scheme.prefix))
    .map((entry) => entry.slice(scheme.prefix.length));
  return ours.length > 0 && ours.every((entry) => digest.test(entry)) ? ours : null;
}

/** Standard Webhooks 1.0: HMAC-SHA256 of `<id>.<time>.<body>`, space-separated `v1,<base64>` candidates. */
export function standardVerifier(toleranceSeconds: number, secrets: readonly OpenedSecret[]): Verifier {
  const keys = keysOf(secrets, "sha256", standardKey);
  return {
    expected: "v1,…",
    header: "webhook-signature",
    verify(source, body, now) {
      const id = readSingleHeader(source, "webhook-id");
      const time = readSingleHeader(source, "webhook-timestamp");
      const proof = readSingleHeader(source, "webhook-signature");
      const received = proof.kind === "missing" ? null : proof.value;
      if (id.kind === "missing" || time.kind === "missing" || proof.kind === "missing")
        return failure("missing", received);
      if (id.kind !== "present" || time.kind !== "present" || proof.kind !== "present")
        return failure("malformed", received);
      if (!MESSAGE_ID.test(id.value) || !UNIX_SECONDS.test(time.value)) return failure("malformed", received);
      const candidates = readStandardCandidates(proof.value);
      if (candidates === null) return failure("malformed", received);
      const found = findKey(keys, candidates, now, `${id.value}.${time.value}.`, body, "base64");
      if (found === null) return failure("mismatch", received);
      if (isOutside(time.value, now, toleranceSeconds)) return failure("expired", received);
      return success("standard_webhooks", found.key.secret, `id:${id.value}`);
    },
  };
}

function readStandardCandidates(value: string): readonly string[] | null {
  if (value.length > LONGEST_PROOF) return null;
  const entries = value.split(" ");
  if (entries.length > MOST_CANDIDATES) return null;
  const ours = entries.filter((entry) => entry.startsWith("v1,")).map((entry) => entry.slice(3));
  const digest = DIGEST["sha256 base64"] ?? /^$/;
  return ours.length > 0 && ours.every((entry) => digest.test(entry)) ? ours : null;
}

/** `whsec_` and base64 of the key; any other secret is the key as it stands. */
export function standardKey(value: string): Buffer {
  return value.startsWith("whsec_") ? Buffer.from(value.slice(6), "base64") : Buffer.from(value, "utf8");
}

function keysOf(
  secrets: readonly OpenedSecret[],
  algorithm: "sha256" | "sha512",
  bytes: (value: string) => Buffer,
): readonly Key[] {
  return secrets
    .filter((secret) => secret.purpose === "signing_secret")
    .map((secret) => ({ secret, bytes: bytes(secret.value) }))
    .filter((entry) => entry.bytes.length > 0)
    .map((entry) => ({ secret: entry.secret, mac: createMac(algorithm, entry.bytes) }));
}

function findKey(
  keys: readonly Key[],
  candidates: readonly string[],
  now: number,
  prefix: string,
  body: Buffer,
  encoding: "hex" | "base64",
): { readonly key: Key; readonly candidate: string } | null {
  for (const key of keys) {
    if (!isLive(key.secret, now)) continue;
    const expected = key.mac(prefix, body, encoding);
    for (const candidate of candidates) if (isSameText(candidate, expected)) return { key, candidate };
  }
  return null;
}

const LONGEST_DIGEST = 128;
const offeredBytes = Buffer.alloc(LONGEST_DIGEST);
const expectedBytes = Buffer.alloc(LONGEST_DIGEST);

/** Compares two digests of one encoding in constant time; what is behind them in the buffers is zeros in both. */
function isSameText(offered: string, expected: string): boolean {
  if (offered.length !== expected.length || expected.length > LONGEST_DIGEST) return false;
  offeredBytes.fill(0);
  expectedBytes.fill(0);
  offeredBytes.write(offered, "latin1");
  expectedBytes.write(expected, "latin1");
  return timingSafeEqual(offeredBytes, expectedBytes);
}

function isOutside(seconds: string, now: number, toleranceSeconds: number): boolean {
  return Math.abs(now / 1_000 - Number(seconds)) > toleranceSeconds;
}
