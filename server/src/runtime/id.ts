import { randomFillSync } from "node:crypto";
import type { Clock } from "./clock.ts";

/** Makes UUIDs of version 7 (RFC 9562): 48 bits of milliseconds, a counter, randomness; ordered within a node. */
export type Ids = { next(): string };

/** Fills a buffer with random bytes. */
export type FillRandom = (buffer: Uint8Array) => void;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Ids from a clock and a source of randomness; the 12-bit `rand_a` counts within one millisecond. */
export function createIds(clock: Clock, fillRandom: FillRandom = (buffer) => void randomFillSync(buffer)): Ids {
  const pool = new Uint8Array(8 * 256);
  let poolAt = pool.length;
  let lastMs = -1;
  let counter = 0;
  return {
    next() {
      const now = clock.now();
      if (now > lastMs) {
        lastMs = now;
        counter = 0;
      } else if (++counter > 0xfff) {
        // The counter is full: borrow from the next millisecond rather than repeat or go back.
        lastMs += 1;
        counter = 0;
      }
      if (poolAt >= pool.length) {
        fillRandom(pool);
        poolAt = 0;
      }
      const at = poolAt;
      poolAt += 8;
      const time = lastMs.toString(16).padStart(12, "0");
      let tail = "";
      for (let index = 0; index < 8; index++) {
        const byte = pool[at + index] ?? 0;
        tail += HEX[index === 0 ? (byte & 0x3f) | 0x80 : byte] ?? "00";
        if (index === 1) tail += "-";
      }
      return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${tail}`;
    },
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for the canonical text of a UUID of any version. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}

/** The smallest UUIDv7 of a moment (epoch milliseconds): the bound of a partition or of a time filter. */
export function firstUuidAt(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

/** The day of the time in a UUIDv7, counted from 1970. */
export function dayOfUuid(id: string): number {
  return Math.floor(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) / 86_400_000);
}
