import { createHash, createHmac, hash } from "node:crypto";

/** Makes HMACs (RFC 2104) of `<prefix><body>` with one key. */
export type Mac = (prefix: string, body: Buffer, encoding: "hex" | "base64") => string;

const BLOCK_BYTES = { sha256: 64, sha512: 128 } as const;
const DIGEST_BYTES = { sha256: 32, sha512: 64 } as const;
const SCRATCH_BYTES = 65_536;

// Shared by all keys: nothing awaits between filling and hashing.
const scratch = Buffer.alloc(SCRATCH_BYTES);

/**
 * Prepares a key. Bodies that fit into a scratch buffer are hashed by two one-shot calls over pads that were made once,
 * which costs half of a streaming `createHmac`; larger ones are streamed. The prefix is ASCII.
 */
export function createMac(algorithm: "sha256" | "sha512", key: Buffer): Mac {
  const block = BLOCK_BYTES[algorithm];
  const short = key.length > block ? createHash(algorithm).update(key).digest() : key;
  const inner = Buffer.alloc(block, 0x36);
  const outer = Buffer.alloc(block + DIGEST_BYTES[algorithm], 0x5c);
  for (const [index, byte] of short.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  return (prefix, body, encoding) => {
    const length = block + prefix.length + body.length;
    if (length > SCRATCH_BYTES) return createHmac(algorithm, key).update(prefix).update(body).digest(encoding);
    inner.copy(scratch);
    if (prefix !== "") scratch.write(prefix, block, "latin1");
    body.copy(scratch, block + prefix.length);
    outer.write(hash(algorithm, scratch.subarray(0, length), "latin1"), block, "latin1");
    return hash(algorithm, outer, encoding);
  };
}
