import { createHmac } from "node:crypto";
import { hmacHeader } from "../../src/platforms/verification.ts";
import type { HeaderSource } from "../../src/receive/headers.ts";
import type { Verifier } from "../../src/receive/verdict.ts";
import { createVerifier } from "../../src/receive/verify.ts";

/** Below this Welch's t says nothing about a difference (dudect, Reparaz and others 2017). */
export const LEAST_TELLING_T = 4.5;

const HEADER = "x-overwatch-signature";
const BODY = Buffer.from(JSON.stringify({ id: "a-1", title: "Disk full" }));
const SECRET = "a-signing-secret-of-good-length";
const NO_HEADERS: HeaderSource = { headers: {}, rawHeaders: [] };
const WARM_UP = 20_000;
// The slowest tenth is interrupts and collections, which say nothing of the code.
const KEPT_SHARE = 0.9;

/** The verifier of an integration with one secret. */
export function realVerifier(): Verifier {
  const secret = { id: "s", purpose: "signing_secret", value: SECRET, isPrevious: false, expiresAt: null } as const;
  return createVerifier({ type: "signature" }, hmacHeader({ header: HEADER, prefix: "sha256=" }), [secret]);
}

/** A verifier that stops at the first character that differs, to show that the measurement would notice. */
export function leakyVerifier(): Verifier {
  const real = realVerifier();
  const expected = `sha256=${rightMac()}`;
  return {
    ...real,
    verify(source, body, now) {
      const verdict = real.verify(source, body, now);
      const offered = String(source.headers[HEADER]);
      let place = 0;
      while (place < expected.length && offered.charCodeAt(place) === expected.charCodeAt(place)) place += 1;
      return place === expected.length ? verdict : { ok: false, reason: "mismatch", received: offered };
    },
  };
}

/**
 * Welch's t between the times of wrong MACs that differ from the right one in their first character and of such that
 * differ in their last. Both kinds are measured in one random order, so that whatever else the machine does falls on
 * both alike.
 */
export function timingT(verifier: Verifier, samples: number, random: () => number): number {
  const sources = wrongMacs();
  // Chosen beforehand, and from one list, so that no branch of the measurement itself differs between the kinds.
  const order = Uint8Array.from({ length: WARM_UP + samples }, () => Math.floor(random() * sources.length));
  const times = new Float64Array(order.length);
  for (const [index, which] of order.entries()) {
    const source = sources[which] ?? NO_HEADERS;
    const startedAt = process.hrtime.bigint();
    verifier.verify(source, BODY, 0);
    times[index] = Number(process.hrtime.bigint() - startedAt);
  }
  const measured = times.subarray(WARM_UP);
  const most = measured.toSorted()[Math.floor(samples * KEPT_SHARE)] ?? 0;
  const kept = (isLate: 0 | 1): Moments =>
    momentsOf(measured.filter((took, at) => (order[WARM_UP + at] ?? 0) % 2 === isLate && took <= most));
  return Math.abs(welchT(kept(0), kept(1)));
}

function rightMac(): string {
  return createHmac("sha256", SECRET).update(BODY).digest("hex");
}

/** Headers with MACs that are wrong in one place only: in turn in the first and in the last. */
function wrongMacs(): readonly HeaderSource[] {
  const mac = rightMac();
  const others = [..."0123456789abcdef"].filter((character) => character !== mac[0] && character !== mac.at(-1));
  return others
    .flatMap((character) => [character + mac.slice(1), mac.slice(0, -1) + character])
    .map((other) => {
      // One flat text each, as it comes off the wire: how a text was put together can be measured, too.
      const proof = Buffer.from(`sha256=${other}`).toString("latin1");
      return { headers: { [HEADER]: proof }, rawHeaders: [HEADER, proof] };
    });
}

type Moments = { readonly count: number; readonly mean: number; readonly variance: number };

function momentsOf(values: Float64Array): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, variance: squares / (values.length - 1) };
}

function welchT(one: Moments, other: Moments): number {
  return (one.mean - other.mean) / Math.sqrt(one.variance / one.count + other.variance / other.count);
}
