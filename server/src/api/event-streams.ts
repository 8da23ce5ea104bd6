import { firstUuidAt } from "../runtime/id.ts";
import { describeError } from "../runtime/log.ts";
import { type EventRow, listEventsAfter } from "../store/events.ts";
import { type Change, type ChangeFeed, createChangeFeed, type Topic } from "./change-feed.ts";
import type { ApiDeps } from "./deps.ts";
import { viewEvent } from "./event-view.ts";

/** Somebody who listens. */
export type Listener = {
  readonly organizationId: string;
  readonly topics: ReadonlySet<Topic>;
  write(text: string): void;
  /** Bytes that were written and not yet taken. */
  pendingBytes(): number;
  end(): void;
  /** True while whoever listens may still read. */
  isAllowed(): Promise<boolean>;
};

/** The live streams of this node. */
export type EventStreams = {
  /**
   * Starts telling: events behind `lastEventId`, or from now on. Returns what ends it, or null when the organization has
   * too many streams.
   */
  open(listener: Listener, lastEventId: string | null): Promise<(() => void) | null>;
  /** Tells everybody what is new; done every second while somebody listens. */
  tick(): Promise<void>;
  /** Has the next tick ask of everybody whether they may still listen. */
  recheck(): void;
  close(): void;
};

type Stream = {
  readonly listener: Listener;
  /** Ids within the overlap that need not be told. */
  readonly told: Set<string>;
  /** Up to here everything was told, but for what is committed late; epoch milliseconds. */
  toldUntil: number;
  beatAt: number;
  checkedAt: number;
  takenAt: number;
  /** True when changes were left out because the reader was too slow. */
  isMissing: boolean;
  /** Since when changes are to be caught up with, epoch milliseconds; null when they are not. */
  catchUpFrom: number | null;
};

const BOTH: ReadonlySet<Topic> = new Set<Topic>(["receipts", "deliveries"]);

const followsEvents = ({ listener: { topics } }: Pick<Stream, "listener">): boolean =>
  topics.has("events") || topics.has("incidents");
const followsChanges = ({ listener: { topics } }: Pick<Stream, "listener">): boolean =>
  topics.has("receipts") || topics.has("deliveries");

const TICK_MS = 1_000;
const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 60_000;
const STALLED_MS = 30_000;
// Ids are given before their transaction is committed: an older one can appear after a younger one was told.
const OVERLAP_MS = 10_000;
const MOST_EVENTS = 500;
const MOST_STREAMS = 100;
const MOST_PENDING_BYTES = 262_144;

/** Streams that are fed from the database: one query a second for each organization that somebody listens to. */
export function createEventStreams(deps: Pick<ApiDeps, "database" | "clock" | "log" | "isDraining">): EventStreams {
  const streams = new Set<Stream>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  /** One for each organization of which somebody follows receipts or deliveries. */
  const changes = new Map<string, ChangeFeed>();

  const stop = (stream: Stream): void => {
    if (!streams.delete(stream)) return;
    stream.listener.end();
    if (streams.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };

  const feedAll = async (): Promise<void> => {
    const now = deps.clock.now();
    for (const stream of streams) if (deps.isDraining() || !(await isAlive(stream, now))) stop(stream);
    // Those that are up to date share a query; whoever comes back after a long time catches up alone.
    const ofEvents = [...streams].filter(followsEvents);
    const groups = Map.groupBy(ofEvents, (stream) =>
      now - stream.toldUntil <= OVERLAP_MS ? stream.listener.organizationId : stream,
    );
    for (const group of groups.values()) await feed(deps, group, now);
    await feedChanges(now);
  };

  const feedChanges = async (now: number): Promise<void> => {
    const groups = Map.groupBy([...streams].filter(followsChanges), (stream) => stream.listener.organizationId);
    for (const id of changes.keys()) if (!groups.has(id)) changes.delete(id);
    for (const [organizationId, group] of groups) {
      const found = (await changes.get(organizationId)?.next(now)) ?? [];
      for (const stream of group) {
        const since = stream.catchUpFrom;
        stream.catchUpFrom = null;
        tellChanges(stream, since === null ? found : await changesSince(stream, since, now), now);
      }
    }
  };

  /** What happened since a moment, for whoever comes back; from there on it hears what the others hear. */
  const changesSince = ({ listener }: Stream, since: number, now: number): Promise<readonly Change[]> =>
    createChangeFeed(deps, listener.organizationId, listener.topics, since).next(now);

  /** Begins to look for changes of an organization, unless somebody follows them already. */
  const openChanges = async (organizationId: string, now: number): Promise<void> => {
    if (changes.has(organizationId)) return;
    const feed = createChangeFeed(deps, organizationId, BOTH, now);
    changes.set(organizationId, feed);
    await feed.next(now);
  };

  const tick = (): Promise<void> => {
    running ??= feedAll().finally(() => {
      running = null;
    });
    return running;
  };

  return {
    async open(listener, lastEventId) {
      const { organizationId } = listener;
      const ofSame = [...streams].filter((stream) => stream.listener.organizationId === organizationId);
      if (ofSame.length >= MOST_STREAMS) return null;
      const now = deps.clock.now();
      const toldUntil = lastEventId === null ? now : Math.min(now, timeOf(lastEventId));
      const recent = !followsEvents({ listener })
        ? []
        : await listEventsAfter(deps.database, organizationId, firstUuidAt(toldUntil - OVERLAP_MS), MOST_EVENTS);
      const known = recent.filter((event) => lastEventId === null || event.id <= lastEventId).map((event) => event.id);
      const stream: Stream = {
        listener,
        told: new Set(known),
        toldUntil,
        beatAt: now,
        checkedAt: now,
        takenAt: now,
        isMissing: false,
        catchUpFrom: toldUntil < now ? toldUntil : null,
      };
      streams.add(stream);
      if (followsChanges(stream)) await openChanges(organizationId, now);
      timer ??= setInterval(() => {
        tick().catch((error: unknown) => deps.log.warn(describeError(error), "the live streams could not be fed"));
      }, TICK_MS).unref();
      return () => stop(stream);
    },
    tick,
    recheck() {
      for (const stream of streams) stream.checkedAt = 0;
    },
    close() {
      for (const stream of streams) stop(stream);
    },
  };
}

/** False for a stream whose key or session has ended, or whose reader has taken nothing for too long: it can come back. */
async function isAlive(stream: Stream, now: number): Promise<boolean> {
  if (stream.listener.pendingBytes() <= MOST_PENDING_BYTES) stream.takenAt = now;
  if (now - stream.takenAt >= STALLED_MS) return false;
  if (now - stream.checkedAt < RECHECK_MS) return true;
  stream.checkedAt = now;
  return stream.listener.isAllowed();
}

async function feed(deps: Pick<ApiDeps, "database">, group: readonly Stream[], now: number): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const since = Math.min(...group.map((stream) => stream.toldUntil)) - OVERLAP_MS;
  const events = await listEventsAfter(deps.database, first.listener.organizationId, firstUuidAt(since), MOST_EVENTS);
  for (const stream of group) {
    const isAllTold = tell(stream, events, now);
    if (isAllTold && events.length < MOST_EVENTS) stream.toldUntil = Math.max(stream.toldUntil, now);
    for (const id of stream.told) if (timeOf(id) < stream.toldUntil - OVERLAP_MS) stream.told.delete(id);
    if (now - stream.beatAt < HEARTBEAT_MS) continue;
    stream.beatAt = now;
    stream.listener.write(": still here\n\n");
  }
}

/** Writes what a stream does not know; false when its reader is too slow for all of it. */
function tell(stream: Stream, events: readonly EventRow[], now: number): boolean {
  const oldest = stream.toldUntil - OVERLAP_MS;
  for (const event of events) {
    const at = timeOf(event.id);
    if (at < oldest || stream.told.has(event.id)) continue;
    if (stream.listener.pendingBytes() > MOST_PENDING_BYTES) return false;
    if (isAbout(stream, event)) stream.listener.write(format(event));
    stream.told.add(event.id);
    stream.toldUntil = Math.max(stream.toldUntil, at);
    stream.beatAt = now;
  }
  return true;
}

function isAbout({ listener: { topics } }: Stream, event: EventRow): boolean {
  return topics.has("events") || event.type.startsWith("incident.");
}

/** Writes changes of the topics that a stream follows; whoever is too slow is told later that some are missing. */
function tellChanges(stream: Stream, found: readonly Change[], now: number): void {
  const { listener } = stream;
  // Events have ids of their own to come back by; without them the moment is one.
  const id = followsEvents(stream) ? "" : `id: ${firstUuidAt(now)}\n`;
  for (const { topic, data } of found) {
    if (!listener.topics.has(topic)) continue;
    if (listener.pendingBytes() > MOST_PENDING_BYTES) {
      stream.isMissing = true;
      continue;
    }
    const body = JSON.stringify(stream.isMissing ? { ...data, is_missing_some: true } : data);
    listener.write(`${id}event: ${topic}\ndata: ${body}\n\n`);
    stream.isMissing = false;
    stream.beatAt = now;
  }
  if (followsEvents(stream) || now - stream.beatAt < HEARTBEAT_MS) return;
  stream.beatAt = now;
  listener.write(": still here\n\n");
}

/** The milliseconds in a UUIDv7. */
function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

function format(event: EventRow): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(viewEvent(event))}\n\n`;
}
