import type { IncomingMessage } from "node:http";
import { parseCidrs } from "../core/cidr.ts";
import { findSourceAddress, type SourceAddress } from "../core/source-address.ts";

/** Finds where a request came from. */
export type SourceFinder = (req: IncomingMessage) => SourceAddress;

const MOST_PEERS = 1_000;

/**
 * Makes a finder that believes `X-Forwarded-For` of the given CIDRs alone; throws for an entry that is no CIDR. Peers
 * are remembered, since they come again with every request of a connection. No other forwarding header counts.
 */
export function createSourceFinder(trustedProxies: readonly string[]): SourceFinder {
  const reading = parseCidrs(trustedProxies);
  if (!reading.ok) throw new Error(`a trusted proxy is not a CIDR: ${reading.messages.join("; ")}`);
  const { cidrs } = reading;
  const peers = new Map<string, SourceAddress>();
  return (req) => {
    const peer = req.socket.remoteAddress;
    const forwarded = cidrs.length === 0 ? undefined : req.headers["x-forwarded-for"];
    if (peer === undefined || forwarded !== undefined) return findSourceAddress(peer, String(forwarded ?? ""), cidrs);
    let source = peers.get(peer);
    if (source === undefined) {
      source = findSourceAddress(peer, undefined, []);
      if (peers.size >= MOST_PEERS) peers.clear();
      peers.set(peer, source);
    }
    return source;
  };
}

/** The same as text, for those who only count or show addresses. */
export function createSourceAddress(trustedProxies: readonly string[]): (req: IncomingMessage) => string {
  const find = createSourceFinder(trustedProxies);
  return (req) => find(req).text;
}
