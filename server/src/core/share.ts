/** Where a node stands among the nodes that send: `rank` counts from 0. */
export type Place = { readonly rank: number; readonly nodes: number };

/** What an endpoint allows over all nodes, or one node's part of it. */
export type Limits = {
  readonly inFlight: number;
  /** Requests a second; null for no limit. */
  readonly perSecond: number | null;
};

/**
 * This node's part of what an endpoint allows. The parts of all nodes add up to the whole: where it cannot be split –
 * fewer requests at a time than nodes, or fewer a second – some nodes get nothing, others for every endpoint.
 */
export function shareOf(limits: Limits, endpointId: string, place: Place): Limits {
  const nodes = Math.max(1, place.nodes);
  const { inFlight, perSecond } = limits;
  const senders = Math.min(nodes, inFlight, perSecond === null ? nodes : Math.max(1, Math.floor(perSecond)));
  const position = (place.rank + spreadOf(endpointId)) % nodes;
  if (position >= senders) return { inFlight: 0, perSecond: perSecond === null ? null : 0 };
  return {
    inFlight: Math.floor(inFlight / senders) + (position < inFlight % senders ? 1 : 0),
    perSecond: perSecond === null ? null : perSecond / senders,
  };
}

/** A number that differs between endpoints: the last digits of an id of version 7 are random. */
function spreadOf(endpointId: string): number {
  return Number.parseInt(endpointId.slice(-7), 16) || 0;
}
