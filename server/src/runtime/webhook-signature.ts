import { createHmac } from "node:crypto";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;
const SHORTEST_SECRET_BYTES = 24;
const LONGEST_SECRET_BYTES = 64;

/** The three headers of Standard Webhooks 1.0; the signature holds one `v1,<base64>` per live secret, newest first. */
export type SignatureHeaders = {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/** What is signed: the very bytes that are sent, and the `whsec_` secrets that are live now. */
export type Signable = {
  /** The same on every attempt of a delivery, without a full stop. */
  readonly id: string;
  /** Whole seconds since 1970 of this attempt. */
  readonly timestampSeconds: number;
  readonly body: Uint8Array | string;
  readonly secrets: readonly string[];
};

/** Thrown instead of sending something unsigned or signed over ambiguous text; the message holds no secret. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
}

/** Signs `id.timestamp.body` by HMAC-SHA256. Throws `SignatureError` when there is no usable secret. */
export function signDelivery(signable: Signable): SignatureHeaders {
  const { id, timestampSeconds, body, secrets } = signable;
  if (secrets.length === 0) throw new SignatureError("There is no live secret to sign with");
  // A full stop inside the id would let one signature stand for two different messages.
  if (id === "" || id.includes(".")) throw new SignatureError("The id of a signed webhook holds no full stop");
  if (!Number.isSafeInteger(timestampSeconds)) throw new SignatureError("The timestamp must be whole seconds");
  const signatures = secrets.map((secret) => {
    const key = keyOf(secret);
    if (key === null) throw new SignatureError("A signing secret is not whsec_ followed by base64 of 24 to 64 bytes");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestampSeconds}.`).update(body).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatures.join(" "),
  };
}

/** A new secret: `whsec_` and the standard base64 of 32 bytes from the given source of randomness. */
export function generateSecret(randomBytes: (size: number) => Uint8Array): string {
  return PREFIX + Buffer.from(randomBytes(SECRET_BYTES)).toString("base64");
}

/** True for a secret that can sign: `whsec_` and canonical standard base64 of 24 to 64 bytes. */
export function isSigningSecret(text: string): boolean {
  return keyOf(text) !== null;
}

function keyOf(secret: string): Buffer | null {
  if (!secret.startsWith(PREFIX)) return null;
  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, "base64");
  // Node skips what is not base64, so only the way back proves that every character counted.
  if (key.toString("base64") !== encoded) return null;
  return key.length < SHORTEST_SECRET_BYTES || key.length > LONGEST_SECRET_BYTES ? null : key;
}
