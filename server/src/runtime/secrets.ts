import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Where a secret stands; bound into the ciphertext, so that it cannot be moved to another row, field or tenant. */
export type SecretPlace = {
  readonly organizationId: string;
  readonly table: string;
  readonly rowId: string;
  readonly field: string;
};

/** Seals and opens secrets with AES-256-GCM (NIST SP 800-38D). */
export type Vault = {
  seal(plaintext: string, place: SecretPlace): Buffer;
  /** Throws when the key, the place or a byte differs. */
  open(sealed: Buffer, place: SecretPlace): string;
  /** Opens what either key sealed and seals it with the present one. */
  reseal(sealed: Buffer, place: SecretPlace): Buffer;
  /** How everything begins that the present key sealed. */
  readonly header: Buffer;
  /** A value that only this key produces; stored once to find a lost or wrong key at start. */
  readonly checkValue: string;
  /** The same of the other key, or null. */
  readonly otherCheckValue: string | null;
};

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 4;

/**
 * Makes a vault from the operator's secret key: any text of at least 32 characters. While the key is being changed, another
 * one opens as well, and seals nothing.
 */
export function createVault(
  secretKey: string,
  random: (bytes: number) => Buffer = randomBytes,
  otherKey: string | null = null,
): Vault {
  const own = createKey(secretKey, random);
  const other = otherKey === null ? null : createKey(otherKey, random);
  const open = (sealed: Buffer, place: SecretPlace): string => {
    const isOthers = other !== null && sealed.subarray(0, other.header.length).equals(other.header);
    return (isOthers ? other : own).open(sealed, place);
  };
  return {
    seal: own.seal,
    open,
    reseal: (sealed, place) => own.seal(open(sealed, place), place),
    header: own.header,
    checkValue: own.checkValue,
    otherCheckValue: other?.checkValue ?? null,
  };
}

function createKey(
  secretKey: string,
  random: (bytes: number) => Buffer,
): Pick<Vault, "seal" | "open" | "header" | "checkValue"> {
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync("sha256", secretKey, "overwatch", purpose, bytes));
  const key = derive("secrets at rest", 32);
  const keyId = derive("key id", KEY_ID_BYTES);
  const header = Buffer.concat([Buffer.from([FORMAT]), keyId]);
  const additional = (place: SecretPlace): Buffer =>
    Buffer.from(JSON.stringify([FORMAT, place.organizationId, place.table, place.rowId, place.field]));
  return {
    seal(plaintext, place) {
      const iv = random(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(additional(place));
      const body = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
      return Buffer.concat([header, iv, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      const start = header.length;
      if (sealed.length < start + IV_BYTES + TAG_BYTES || !sealed.subarray(0, start).equals(header)) {
        throw new Error("the secret was sealed with another key or is damaged");
      }
      const iv = sealed.subarray(start, start + IV_BYTES);
      const tag = sealed.subarray(start + IV_BYTES, start + IV_BYTES + TAG_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(additional(place));
      decipher.setAuthTag(tag);
      const body = sealed.subarray(start + IV_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
    },
    header,
    checkValue: derive("check value", 16).toString("hex"),
  };
}
