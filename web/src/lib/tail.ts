import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { Page } from "../../../server/src/api/contract.ts";
import { get, type RequestOptions } from "./api.ts";
import { type List, useList } from "./list.ts";
import { type LiveTopic, liveState, useLiveEvents, useLiveTopic } from "./live.ts";
import { useStore } from "./store.ts";
import { addChanges, addLook, type Known, mergeTail, readChanges, type TailRow } from "./tail-rows.ts";

/** A list that grows at its top as things happen, and can be held. */
export type Tail<Row> = {
  readonly list: List<Row>;
  readonly rows: readonly Row[] | null;
  readonly waiting: number;
  /** Anything but `live` says that the stream is not there: what is shown may be old. */
  readonly stream: "live" | "connecting" | "waiting";
  readonly isPaused: boolean;
  readonly setPaused: (isPaused: boolean) => void;
  /** Keeps rows where they are while somebody reads them. */
  readonly hold: (isHeld: boolean) => void;
  /** Shows what waits, without ending a pause. */
  readonly showWaiting: () => void;
};

type TailOptions = {
  /** The noun, as the path and as the topic of the stream. */
  readonly noun: LiveTopic;
  readonly query: RequestOptions["query"];
};

const LOOK_LIMIT = 50;

/**
 * Follows a list by the live stream: changes of rows that are shown are laid over them; when something else has come, the
 * newest are read under the list's filters, so a second after it came it is there. While it is held or paused nothing
 * moves and what is new is counted.
 */
export function useTail<Row extends TailRow>({ noun, query }: TailOptions): Tail<Row> {
  const path = `/${noun}`;
  const list = useList<Row>({ noun, path, query, isTail: true });
  const signature = JSON.stringify(query);
  const [isPaused, setPaused] = useState(false);
  const [isHeld, hold] = useState(false);
  const [known, setKnown] = useState<Known<Row> & { readonly of: string }>({ of: signature, ...nothing<Row>() });
  const [cut, setCut] = useState<string | null>(null);
  const isFollowing = useLiveTopic(noun);
  const stream = useStore(liveState);
  const { retry } = list;
  const isStill = isPaused || isHeld;
  const { rows: ofQuery, hasGap } = known.of === signature ? known : nothing<Row>();
  const newestRead = list.rows?.[0]?.id ?? "";
  const add = (change: (before: Known<Row>) => Known<Row>): void =>
    setKnown((before) => ({ of: signature, ...change(before.of === signature ? before : nothing<Row>()) }));

  const newest = useQuery({
    queryKey: [`${noun}-tail`, signature],
    queryFn: ({ signal }) => get<Page<Row>>(path, { query: { ...query, limit: LOOK_LIMIT }, signal }),
    enabled: false,
    gcTime: 0,
    meta: { isTail: true },
  });
  const looked = newest.data?.data;
  useEffect(() => {
    if (looked !== undefined) addSeen(looked);
  }, [looked]);
  const addSeen = useEffectEvent((seen: readonly Row[]) =>
    add((before) => addLook(before, seen, LOOK_LIMIT, newestRead)),
  );
  const looking = useRef({ isBusy: false, isAsked: false });
  const look = async (): Promise<void> => {
    looking.current.isAsked = true;
    if (looking.current.isBusy) return;
    looking.current.isBusy = true;
    // What comes during a look may have come too late for it.
    while (looking.current.isAsked) {
      looking.current.isAsked = false;
      await newest.refetch();
    }
    looking.current.isBusy = false;
  };

  useLiveEvents([noun], ({ data }) => {
    const changes = readChanges(data);
    if (changes !== null) add((before) => addChanges(before, list.rows ?? [], changes));
    const isShown = (id: string): boolean => ofQuery.has(id) || (list.rows ?? []).some((row) => row.id === id);
    if (changes === null || !changes.every(({ id }) => isShown(id))) void look();
  });
  // What came before the stream was opened, or while it was away, nobody told.
  const lookWhenOpened = useEffectEvent(() => {
    if (isFollowing) void look();
  });
  useEffect(() => {
    if (stream.kind === "live") lookWhenOpened();
  }, [stream]);

  // What is on the page when it is held is what stays on it.
  const newestKnown = [newestRead, ...ofQuery.keys()].sort().at(-1) ?? newestRead;
  if (isStill && cut === null) setCut(newestKnown);
  if (!isStill && cut !== null) setCut(null);

  const merged = mergeTail(list.rows ?? [], ofQuery, isStill ? (cut ?? newestKnown) : null);
  const readAnew = (): void => {
    add(() => nothing<Row>());
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
    stream: isFollowing ? "live" : stream.kind === "waiting" ? "waiting" : "connecting",
    isPaused,
    setPaused,
    hold,
    showWaiting() {
      setCut(newestKnown);
      if (hasGap) readAnew();
    },
  };
}

function nothing<Row extends TailRow>(): Known<Row> {
  return { rows: new Map(), hasGap: false };
}
