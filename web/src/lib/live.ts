import { useEffect, useEffectEvent } from "react";
import { createStreamParser, type StreamEvent } from "./event-stream.ts";
import { createStore, type Store, useStore } from "./store.ts";

/** What the stream tells of only while somebody follows it; events it tells of always. */
export type LiveTopic = "receipts" | "deliveries";

/** How the live stream is doing. */
export type LiveState =
  | { readonly kind: "connecting" | "off" }
  /** One such value for each time that the stream was opened. */
  | { readonly kind: "live"; readonly topics: ReadonlySet<LiveTopic> }
  /** The stream broke; the next try is at `retryAt`, epoch milliseconds. */
  | { readonly kind: "waiting"; readonly retryAt: number };

/** The state of the one stream of this tab. */
export const liveState: Store<LiveState> = createStore<LiveState>({ kind: "off" });

type Listener = (event: StreamEvent) => void;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
/** The server speaks every 15 s; a stream that is silent for longer is dead although nobody said so. */
const SILENCE_MS = 40_000;

/** A page that is left for a moment finds its topic still there. */
const LEFT_MS = 30_000;

const listeners = new Set<Listener>();
const followers: Record<LiveTopic, number> = { receipts: 0, deliveries: 0 };
let retryNow: (() => void) | null = null;
let openAnew: (() => void) | null = null;
let breakNow: (() => void) | null = null;

/** Calls back on events of the stream whose type starts with one of the prefixes, such as `incident.`. */
export function useLiveEvents(prefixes: readonly string[], onEvent: Listener): void {
  const handle = useEffectEvent((event: StreamEvent) => {
    if (prefixes.some((prefix) => event.type.startsWith(prefix))) onEvent(event);
  });
  useEffect(() => {
    const listener: Listener = (event) => handle(event);
    return followLive(listener);
  }, []);
}

/** Has the stream tell of a topic as long as the component is there. True while it does. */
export function useLiveTopic(topic: LiveTopic): boolean {
  useEffect(() => {
    followers[topic] += 1;
    fitTopics();
    return () => {
      followers[topic] -= 1;
      setTimeout(fitTopics, LEFT_MS);
    };
  }, [topic]);
  const state = useStore(liveState);
  return state.kind === "live" && state.topics.has(topic);
}

/** Opens the stream anew when it tells of other topics than are followed. */
function fitTopics(): void {
  const state = liveState.get();
  if (state.kind !== "live") return;
  const wanted = followedTopics();
  if (wanted.size !== state.topics.size || [...wanted].some((topic) => !state.topics.has(topic))) openAnew?.();
}

function followedTopics(): ReadonlySet<LiveTopic> {
  return new Set((["receipts", "deliveries"] as const).filter((topic) => followers[topic] > 0));
}

/** Calls back on every event; for code outside of components. Returns how to stop. */
export function followLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tries at once instead of waiting for the next try. */
export function reconnectNow(): void {
  retryNow?.();
}

/**
 * Keeps the one stream of this tab open until it is told to stop, with growing waits between tries. `onGap` is called
 * when the stream comes back after a break: what happened meanwhile has to be read again.
 */
export function keepLive(path: string, onGap: () => void): () => void {
  const stopping = new AbortController();
  void run(path, onGap, stopping.signal);
  const onOnline = (): void => reconnectNow();
  // A device that is off the network may keep a connection that is dead for minutes.
  const onOffline = (): void => breakNow?.();
  window.addEventListener("online", onOnline);
  window.addEventListener("offline", onOffline);
  return () => {
    window.removeEventListener("online", onOnline);
    window.removeEventListener("offline", onOffline);
    stopping.abort();
    liveState.set({ kind: "off" });
  };
}

async function run(path: string, onGap: () => void, stop: AbortSignal): Promise<void> {
  let lastId = "";
  let waitMs = FIRST_WAIT_MS;
  let isFirst = true;
  let isOther = false;
  while (!stop.aborted) {
    // To follow something else is no break: what was told so far is known, and the stream goes on behind it.
    if (!isOther) liveState.set({ kind: "connecting" });
    const other = new AbortController();
    openAnew = () => other.abort();
    const broken = new AbortController();
    breakNow = () => broken.abort();
    const topics = followedTopics();
    const isGap = !isFirst && (!isOther || lastId === "");
    const url = topics.size === 0 ? path : `${path}?topics=${["events", ...topics].join(",")}`;
    await readStream(url, lastId, AbortSignal.any([stop, other.signal, broken.signal]), {
      onOpen() {
        waitMs = FIRST_WAIT_MS;
        liveState.set({ kind: "live", topics });
        if (isGap) onGap();
        isFirst = false;
        // Somebody may have come while it was being opened.
        fitTopics();
      },
      onEvent(event) {
        if (event.id !== "") lastId = event.id;
        for (const listener of listeners) listener(event);
      },
    });
    if (stop.aborted) return;
    isOther = other.signal.aborted;
    if (isOther) continue;
    // Tabs that lost the same server do not come back in the same moment.
    const pauseMs = waitMs * (0.5 + Math.random() / 2);
    liveState.set({ kind: "waiting", retryAt: Date.now() + pauseMs });
    await pause(pauseMs, stop);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

type StreamHandlers = { readonly onOpen: () => void; readonly onEvent: Listener };

/** Resolves when the stream has ended, for whatever reason. */
async function readStream(path: string, lastId: string, stop: AbortSignal, handlers: StreamHandlers): Promise<void> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE_MS);
  try {
    const response = await fetch(path, {
      headers: { accept: "text/event-stream", ...(lastId === "" ? {} : { "last-event-id": lastId }) },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.any([stop, silent.signal]),
    });
    if (!response.ok || response.body === null) return;
    handlers.onOpen();
    const feed = createStreamParser(handlers.onEvent);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE_MS);
      feed(value);
    }
  } catch {
    // The connection broke or was given up; the caller tries again.
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      retryNow = null;
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    retryNow = end;
    stop.addEventListener("abort", end);
  });
}
