import { expect, test } from "vitest";
import { failTls, type TlsFailures } from "./support/tls-failures.ts";

// `npm run soak` asks the same of ten thousand failures.

const FAILURES = 1_000;
// A client that kept what belongs to a connection would keep tens of kilobytes of each.
const MOST_BYTES = 2_048;

test("F33: a thousand TLS failures of four kinds are typed and leave no socket and no memory behind", async () => {
  let left: TlsFailures = await failTls(FAILURES);
  // Other tests of this process allocate, too; a leak is there the second time as well.
  if (left.heapPerFailure > MOST_BYTES) left = await failTls(FAILURES);
  expect(left.outcomes).toEqual({
    "expired: tls": FAILURES / 4,
    "wrong_host: tls": FAILURES / 4,
    "self_signed: tls": FAILURES / 4,
    "old_version: tls": FAILURES / 4,
  });
  expect(left.openSockets).toBe(0);
  expect(left.openHandles).toBe(0);
  expect(left.openPools).toBeLessThanOrEqual(20);
  expect(left.heapPerFailure).toBeLessThan(MOST_BYTES);
});

test("F33: the measurement would notice a client that keeps something of each failure", async () => {
  const kept: unknown[] = [];
  const left = await failTls(FAILURES, (outcome) => kept.push([outcome, new Array(1_000).fill(kept.length)]));
  expect(kept).toHaveLength(FAILURES);
  expect(left.heapPerFailure).toBeGreaterThan(MOST_BYTES);
});
