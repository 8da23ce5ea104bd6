import { sql } from "./sql.ts";

// Parameters for `unnest` in PostgreSQL's binary format (array_recv): no quoting here, no parsing there. The driver
// sends Buffers as they are; the casts name the element type, which has to be that of the buffer.

const OID = { bool: 16, int8: 20, int4: 23, text: 25, json: 114, timestamptz: 1184, uuid: 2950, jsonb: 3802 } as const;
const HEADER_BYTES = 20;
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

/** UUIDs, or null, as a `uuid[]` parameter. */
export const uuids = (values: readonly (string | null)[]) => sql`${fixed(OID.uuid, 16, values, writeUuid)}::uuid[]`;

/** Texts, or null, as a `text[]` parameter. */
export const texts = (values: readonly (string | null)[]) => sql`${variable(OID.text, values)}::text[]`;

/** Values as JSON in a `json[]` parameter. */
export const jsons = (values: readonly unknown[]) =>
  sql`${variable(
    OID.json,
    values.map((value) => JSON.stringify(value)),
  )}::json[]`;

/** Values as JSON in a `jsonb[]` parameter. */
export const jsonbs = (values: readonly unknown[]) =>
  sql`${variable(
    OID.jsonb,
    // The format wants its version before each text.
    values.map((value) => `\u0001${JSON.stringify(value)}`),
  )}::jsonb[]`;

/** Epoch milliseconds, or null, as a `timestamptz[]` parameter. */
export const timestamps = (values: readonly (number | null)[]) =>
  sql`${fixed(OID.timestamptz, 8, values, writeTimestamp)}::timestamptz[]`;

/** Whole numbers of 32 bits, or null, as an `int[]` parameter. */
export const ints = (values: readonly (number | null)[]) =>
  sql`${fixed(OID.int4, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at))}::int[]`;

/** Whole numbers of up to 53 bits, or null, as a `bigint[]` parameter. */
export const bigints = (values: readonly (number | null)[]) =>
  sql`${fixed(OID.int8, 8, values, (buffer, value, at) => buffer.writeBigInt64BE(BigInt(value), at))}::bigint[]`;

/** Truth values as a `boolean[]` parameter. */
export const booleans = (values: readonly boolean[]) =>
  sql`${fixed(OID.bool, 1, values, (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at))}::boolean[]`;

function fixed<Value>(
  oid: number,
  bytes: number,
  values: readonly (Value | null)[],
  write: (buffer: Buffer, value: Value, at: number) => void,
): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * (4 + bytes));
  let at = writeHeader(buffer, oid, values.length);
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? -1 : bytes, at);
    if (value === null) continue;
    write(buffer, value, at);
    at += bytes;
  }
  return buffer.subarray(0, at);
}

function variable(oid: number, values: readonly (string | null)[]): Buffer {
  let size = HEADER_BYTES;
  for (const value of values) size += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const buffer = Buffer.allocUnsafe(size);
  let at = writeHeader(buffer, oid, values.length);
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const written = buffer.write(value, at + 4);
    buffer.writeInt32BE(written, at);
    at += 4 + written;
  }
  return buffer.subarray(0, at);
}

/** One dimension from 1, which may hold nulls; an empty array has no dimension. */
function writeHeader(buffer: Buffer, oid: number, length: number): number {
  let at = buffer.writeInt32BE(length === 0 ? 0 : 1, 0);
  at = buffer.writeInt32BE(1, at);
  at = buffer.writeInt32BE(oid, at);
  at = buffer.writeInt32BE(length, at);
  at = buffer.writeInt32BE(1, at);
  return length === 0 ? 12 : at;
}

const HEX_DIGITS = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  HEX_DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  HEX_DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

function writeUuid(buffer: Buffer, value: string, start: number): void {
  let at = start;
  for (let index = 0; index < value.length; index += 2) {
    if (value[index] === "-") index += 1;
    const high = HEX_DIGITS[value.charCodeAt(index)] ?? -1;
    const low = HEX_DIGITS[value.charCodeAt(index + 1)] ?? -1;
    if (high < 0 || low < 0 || at === start + 16) throw new TypeError("this is not a UUID");
    buffer[at++] = high * 16 + low;
  }
  if (at !== start + 16) throw new TypeError("this is not a UUID");
}

/** Milliseconds become microseconds since 2000; parts of a millisecond are kept. */
function writeTimestamp(buffer: Buffer, value: number, at: number): void {
  const microseconds = Math.round((value - POSTGRES_EPOCH_MS) * 1000);
  buffer.writeInt32BE(Math.floor(microseconds / 2 ** 32), at);
  buffer.writeUInt32BE(((microseconds % 2 ** 32) + 2 ** 32) % 2 ** 32, at + 4);
}
