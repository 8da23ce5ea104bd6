import type { FullDeliveryWire } from "../../../../server/src/api/contract.ts";

/** One attempt of a delivery. */
export type Attempt = FullDeliveryWire["attempts"][number];

/** A stretch of an attempt, in milliseconds. */
export type Stretch = { readonly name: string; readonly kind: string; readonly ms: number };

/** The stretches that an attempt is made of, in their order; empty when nothing was sent. */
export function stretchesOf(attempt: Attempt): readonly Stretch[] {
  const { timing } = attempt;
  if (typeof timing !== "object" || timing === null || Array.isArray(timing)) return [];
  const read = (name: string): number => {
    const value = (timing as Record<string, unknown>)[name];
    return typeof value === "number" && value > 0 ? value : 0;
  };
  const [dns, connect, tls] = [read("dns_ms"), read("connect_ms"), read("tls_ms")];
  const total = read("total_ms");
  // Without an answer there is no first byte: all that is left was waiting.
  const first = read("first_byte_ms") || total;
  const stretches: readonly Stretch[] = [
    { name: "Name look-up", kind: "dns", ms: dns },
    { name: "Connection", kind: "connect", ms: connect },
    { name: "TLS", kind: "tls", ms: tls },
    { name: "Waiting for the answer", kind: "wait", ms: Math.max(0, first - dns - connect - tls) },
    { name: "Reading the answer", kind: "body", ms: Math.max(0, total - first) },
  ];
  return stretches.filter(({ ms }) => ms > 0);
}

/** How long an attempt took, milliseconds; 0 when nothing was sent. */
export function totalOf(attempt: Attempt): number {
  return stretchesOf(attempt).reduce((sum, { ms }) => sum + ms, 0);
}
