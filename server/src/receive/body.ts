import type { IncomingMessage } from "node:http";
import { gunzip } from "node:zlib";

/** Bytes that may be held at one time. */
export type Budget = {
  /** False when they are not there; then nothing was taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
};

/** A budget of so many bytes. */
export function createBudget(bytes: number): Budget {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
    give(returned) {
      left += returned;
    },
  };
}

/** How reading a body ended. */
export type BodyOutcome =
  | { readonly kind: "complete"; readonly body: Buffer }
  | { readonly kind: "too_large" | "no_room" | "aborted" };

/** Stops reading without an outcome, as a deadline does. */
export type CancelReading = () => void;

const LEAST_ROOM = 4_096;

/**
 * Reads a body of at most `limit` bytes; `onEnd` is called exactly once unless the reading is cancelled. The memory is
 * taken from the budget while it is held, and given back with the outcome. Senders are not known yet, so what they sent
 * is freed at once when it is not wanted: the collector would let a hundred floods pile up first.
 */
export function readBody(
  req: IncomingMessage,
  limit: number,
  budget: Budget,
  onEnd: (outcome: BodyOutcome) => void,
): CancelReading {
  let held: Buffer | null = null;
  let size = 0;
  let isOver = false;

  const finish = (outcome: BodyOutcome | null): void => {
    if (isOver) return;
    isOver = true;
    if (held !== null) {
      budget.give(held.length);
      if (outcome?.kind !== "complete") freeNow(held);
    }
    held = null;
    if (outcome !== null) onEnd(outcome);
  };

  /** Makes room for so many bytes in all; false when the budget has none. */
  const grow = (wanted: number): boolean => {
    const room = Math.min(limit, Math.max(LEAST_ROOM, 2 * wanted));
    if (!budget.take(room)) return false;
    const larger = Buffer.allocUnsafeSlow(room);
    if (held !== null) {
      held.copy(larger, 0, 0, size);
      budget.give(held.length);
      freeNow(held);
    }
    held = larger;
    return true;
  };

  /** Keeps a chunk: the first as it is, since most bodies are one; more are put together, however small they are. */
  const keep = (chunk: Buffer): boolean => {
    if (held === null) {
      if (!budget.take(chunk.length)) return false;
      held = chunk;
      size = chunk.length;
      return true;
    }
    if (size + chunk.length > held.length && !grow(size + chunk.length)) return false;
    chunk.copy(held, size);
    size += chunk.length;
    freeNow(chunk);
    return true;
  };

  req.on("data", (chunk: Buffer) => {
    if (isOver) return;
    if (size + chunk.length > limit) finish({ kind: "too_large" });
    else if (!keep(chunk)) finish({ kind: "no_room" });
    else return;
    freeNow(chunk);
  });
  req.on("end", () => finish({ kind: "complete", body: held === null ? Buffer.alloc(0) : cutTo(held, size) }));
  req.on("close", () => finish({ kind: "aborted" }));
  return () => finish(null);
}

/** Frees the memory of bytes that nobody looks at any more, unless they share it with others. */
export function freeNow(bytes: Buffer): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength) bytes.buffer.transfer(0);
}

/** The first `size` bytes, without memory behind them. */
function cutTo(bytes: Buffer, size: number): Buffer {
  return bytes.length === size ? bytes : Buffer.from(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + size));
}

/** The inflated bytes, or why there are none. */
export type Inflation =
  | { readonly kind: "inflated"; readonly body: Buffer }
  | { readonly kind: "too_large" | "damaged" };

// JSON of a storm repeats itself; beyond this it is a bomb. Small bodies may exceed it, since they cost nothing.
const MOST_RATIO = 100;
const HARMLESS_BYTES = 65_536;

/** Inflates gzip (RFC 1952) to at most `limit` bytes and a hundred times its size. */
export function inflate(compressed: Buffer, limit: number, onEnd: (outcome: Inflation) => void): void {
  const most = Math.min(limit, Math.max(HARMLESS_BYTES, compressed.length * MOST_RATIO));
  gunzip(compressed, { maxOutputLength: most }, (error, body) => {
    if (error === null) return onEnd({ kind: "inflated", body });
    onEnd({ kind: "code" in error && error.code === "ERR_BUFFER_TOO_LARGE" ? "too_large" : "damaged" });
  });
}
