import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX = "ow_live_";
const SECRET_BYTES = 32;
const SECRET_CHARS = 43;
const CHECK_CHARS = 6;

/** Makes an API key: `ow_live_`, 32 random bytes in base 62, and a CRC-32 by which scanners and typing errors are told. */
export function makeApiKey(randomBytes: (count: number) => Uint8Array): string {
  const secret = base62(BigInt(`0x${Buffer.from(randomBytes(SECRET_BYTES)).toString("hex")}`), SECRET_CHARS);
  return PREFIX + secret + checkOf(PREFIX + secret);
}

/** True when the text can be an API key: of our making with a right checksum, or one that an operator chose. */
export function isApiKeyShaped(key: string): boolean {
  if (!/^[A-Za-z0-9_]{32,128}$/.test(key)) return false;
  if (!key.startsWith(PREFIX) || key.length !== PREFIX.length + SECRET_CHARS + CHECK_CHARS) return true;
  const body = key.slice(0, -CHECK_CHARS);
  return checkOf(body) === key.slice(-CHECK_CHARS);
}

/** The SHA-256 under which a key is stored; keys have so much entropy that no slow hash is needed. */
export function hashApiKey(key: string): Buffer {
  return createHash("sha256").update(key, "utf8").digest();
}

/** The first and last characters of a key, by which people tell keys apart. */
export function hintOfApiKey(key: string): string {
  return `${key.slice(0, key.startsWith(PREFIX) ? PREFIX.length + 4 : 4)}…${key.slice(-4)}`;
}

function checkOf(text: string): string {
  return base62(BigInt(crc32(text)), CHECK_CHARS);
}

function base62(value: bigint, length: number): string {
  let rest = value;
  let text = "";
  for (let index = 0; index < length; index++) {
    text = (ALPHABET[Number(rest % 62n)] ?? "0") + text;
    rest /= 62n;
  }
  return text;
}
