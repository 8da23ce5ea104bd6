import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { type LiveTopic, liveState, useLiveEvents, useLiveTopic } from "./live.ts";
import { useStore } from "./store.ts";
import { type RowChange, readChanges } from "./tail-rows.ts";

type Following = {
  readonly topic: LiveTopic;
  /** What is read again. */
  readonly queryKey: QueryKey;
  /** Whether a row that has changed concerns it. */
  readonly isAbout: (row: RowChange) => boolean;
};

const AWAY_MS = 5_000;
const UNTOLD_MS = 30_000;

/**
 * Reads something again when the stream tells of rows that concern it, and whenever the stream was opened anew: what
 * happened before, nobody told.
 */
export function useFollow({ topic, queryKey, isAbout }: Following): void {
  const client = useQueryClient();
  const isFollowing = useLiveTopic(topic);
  const stream = useStore(liveState);
  const readAgain = (): void => void client.invalidateQueries({ queryKey });
  useLiveEvents([topic], ({ data }) => {
    const changes = readChanges(data);
    if (changes === null || changes.some(isAbout)) readAgain();
  });
  const readWhenOpened = useEffectEvent(() => {
    if (isFollowing) readAgain();
  });
  useEffect(() => {
    if (stream.kind === "live") readWhenOpened();
  }, [stream]);
}

/** How often to look for what is awaited, besides what a topic of the stream tells: seldom, unless the stream is away. */
export function paceBeside(topic: LiveTopic): number {
  const state = liveState.get();
  return state.kind === "live" && state.topics.has(topic) ? UNTOLD_MS : AWAY_MS;
}
