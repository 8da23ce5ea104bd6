import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import type { Page, ReceiptWire } from "../../../../server/src/api/contract.ts";
import { get, type RequestOptions } from "../../lib/api.ts";
import { type List, useList } from "../../lib/list.ts";
import { addPolled, mergeTail, type Polled } from "./tail-rows.ts";

/** A list that grows at its top as receipts come, and can be held. */
export type Tail = {
  readonly list: List<ReceiptWire>;
  readonly rows: readonly ReceiptWire[] | null;
  readonly waiting: number;
  readonly isPaused: boolean;
  readonly setPaused: (isPaused: boolean) => void;
  /** Shows what waits, without ending a pause. */
  readonly showWaiting: () => void;
};

const POLL_MS = 2_000;
const POLL_LIMIT = 50;
const NOTHING: Polled<ReceiptWire> = { rows: new Map(), hasGap: false };

/**
 * Follows receipts: every two seconds the newest are asked for, as long as the tab is looked at. While `isHeld`, such as
 * under the pointer, and while it is paused nothing moves and what is new is counted.
 */
export function useTail(query: RequestOptions["query"], isHeld: boolean): Tail {
  const list = useList<ReceiptWire>({ noun: "receipts", path: "/receipts", query });
  const signature = JSON.stringify(query);
  const [isPaused, setPaused] = useState(false);
  const [known, setKnown] = useState({ signature, ...NOTHING });
  const [cut, setCut] = useState<string | null>(null);
  const poll = useQuery({
    queryKey: ["receipts-tail", signature],
    queryFn: ({ signal }) => get<Page<ReceiptWire>>("/receipts", { query: { ...query, limit: POLL_LIMIT }, signal }),
    refetchInterval: POLL_MS,
    enabled: list.rows !== null,
    gcTime: 0,
  });
  const polled = poll.data?.data;
  const { retry } = list;
  const isStill = isPaused || isHeld;
  const { rows: ofQuery, hasGap } = known.signature === signature ? known : NOTHING;
  const newestRead = list.rows?.[0]?.id ?? "";

  useEffect(() => {
    if (polled === undefined) return;
    setKnown((before) => {
      const ofSame = before.signature === signature ? before : NOTHING;
      return { signature, ...addPolled(ofSame, polled, POLL_LIMIT, newestRead) };
    });
  }, [polled, signature, newestRead]);

  // What is on the page when it is held is what stays on it.
  const newestKnown = [newestRead, ...ofQuery.keys()].sort().at(-1) ?? newestRead;
  if (isStill && cut === null) setCut(newestKnown);
  if (!isStill && cut !== null) setCut(null);

  const merged = mergeTail(list.rows ?? [], ofQuery, isStill ? (cut ?? newestKnown) : null);
  const readAnew = (): void => {
    setKnown({ signature, ...NOTHING });
    retry();
  };
  const closeGap = useEffectEvent(readAnew);
  useEffect(() => {
    if (hasGap && !isStill) closeGap();
  }, [hasGap, isStill]);

  return {
    list,
    rows: list.rows === null ? null : merged.rows,
    waiting: merged.waiting,
    isPaused,
    setPaused,
    showWaiting() {
      setCut(newestKnown);
      if (hasGap) readAnew();
    },
  };
}
