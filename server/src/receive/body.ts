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

const EMPTY = Buffer.alloc(0);

/**
 * Reads a body of at most `limit` bytes; `onEnd` is called exactly once unless the reading is cancelled. The bytes are
 * taken from the budget while they are read, and given back with the outcome.
 */
export function readBody(
  req: IncomingMessage,
  limit: number,
  budget: Budget,
  onEnd: (outcome: BodyOutcome) => void,
): CancelReading {
  let first: Buffer = EMPTY;
  let rest: Buffer[] | null = null;
  let size = 0;
  let isOver = false;

  const finish = (outcome: BodyOutcome | null): void => {
    if (isOver) return;
    isOver = true;
    budget.give(size);
    rest = null;
    first = EMPTY;
    if (outcome !== null) onEnd(outcome);
  };

  req.on("data", (chunk: Buffer) => {
    if (isOver) return;
    if (size + chunk.length > limit) return finish({ kind: "too_large" });
    if (!budget.take(chunk.length)) return finish({ kind: "no_room" });
    if (size === 0) first = chunk;
    else if (rest === null) rest = [first, chunk];
    else rest.push(chunk);
    size += chunk.length;
  });
  req.on("end", () => {
    if (!isOver) finish({ kind: "complete", body: rest === null ? first : Buffer.concat(rest, size) });
  });
  req.on("close", () => finish({ kind: "aborted" }));
  return () => finish(null);
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
