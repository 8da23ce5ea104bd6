import { connect, type Socket } from "node:net";

/** A request ready to be written to a socket. */
export type PreparedRequest = Buffer;

/** What a load brought. */
export type LoadResult = {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  /** Latencies of the answers in milliseconds, sorted. */
  readonly latenciesMs: Float64Array;
};

/** One keep-alive connection that sends one request at a time and reads just enough of the answer. */
type Connection = {
  send(request: PreparedRequest): Promise<number>;
  close(): void;
};

const HEAD_END = Buffer.from("\r\n\r\n");

function openConnection(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let pending: { readonly done: (status: number) => void; readonly failed: (error: Error) => void } | null = null;
    let received: Buffer = Buffer.alloc(0);
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const fail = (error: Error): void => {
      pending?.failed(error);
      pending = null;
    };
    socket.on("error", (error) => {
      reject(error);
      fail(error);
    });
    socket.on("close", () => fail(new Error("the connection was closed")));
    socket.on("data", (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const headEnd = received.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const head = received.toString("latin1", 0, headEnd);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < headEnd + 4 + length) return;
      const status = Number(head.slice(9, 12));
      received = received.subarray(headEnd + 4 + length);
      const { done } = pending ?? {};
      pending = null;
      done?.(status);
    });
    socket.once("connect", () =>
      resolve({
        send: (request) =>
          new Promise((done, failed) => {
            if (socket.destroyed) return failed(new Error("the connection was closed"));
            pending = { done, failed };
            socket.write(request);
          }),
        close: () => socket.destroy(),
      }),
    );
  });
}

/** Sends as fast as the answers come, over a number of connections, for a number of seconds or of requests. */
export async function saturate(
  port: number,
  next: (index: number) => PreparedRequest,
  options: { readonly connections: number; readonly seconds?: number; readonly requests?: number },
): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: options.connections }, () => openConnection(port)));
  const latencies: number[] = [];
  let index = 0;
  let accepted = 0;
  let refused = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + (options.seconds ?? 120) * 1_000;
  const most = options.requests ?? Number.POSITIVE_INFINITY;
  await Promise.all(
    connections.map(async (connection) => {
      while (index < most) {
        const sentAt = performance.now();
        if (sentAt >= endsAt) break;
        const status = await connection.send(next(index++));
        latencies.push(performance.now() - sentAt);
        if (status === 200) accepted += 1;
        else refused += 1;
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const connection of connections) connection.close();
  return { accepted, refused, seconds, latenciesMs: Float64Array.from(latencies).sort() };
}

/** Sends at a fixed rate whatever the answers do; `onSend` hears the moment at which each request was due. */
export async function sendAtRate(
  port: number,
  next: (index: number) => PreparedRequest,
  options: {
    readonly perSecond: number;
    readonly seconds: number;
    readonly connections: number;
    readonly onSend: (index: number, dueAt: number) => void;
  },
): Promise<LoadResult> {
  const free = await Promise.all(Array.from({ length: options.connections }, () => openConnection(port)));
  const all = [...free];
  const latencies: number[] = [];
  const total = Math.round(options.perSecond * options.seconds);
  const backlog: { readonly index: number; readonly dueAt: number }[] = [];
  let accepted = 0;
  let refused = 0;
  let finished = 0;
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    const pump = (): void => {
      while (backlog.length > 0) {
        // In turn, so that none rests for as long as a server keeps an idle connection.
        const connection = free.shift();
        if (connection === undefined) return;
        const entry = backlog.shift();
        if (entry === undefined) return;
        void connection
          .send(next(entry.index))
          .catch(() => 0)
          .then((status) => {
            latencies.push(performance.now() - entry.dueAt);
            if (status === 200) accepted += 1;
            else refused += 1;
            finished += 1;
            free.push(connection);
            if (finished === total) resolve();
            else pump();
          });
      }
    };
    let released = 0;
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * options.perSecond) + 1);
      for (; released < due; released++) {
        const dueAt = startedAt + (released / options.perSecond) * 1_000;
        options.onSend(released, dueAt);
        backlog.push({ index: released, dueAt });
      }
      pump();
      if (released < total) setTimeout(tick, 1);
    };
    tick();
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const connection of all) connection.close();
  return { accepted, refused, seconds, latenciesMs: Float64Array.from(latencies).sort() };
}

/** The value below which the given share (0–1) of sorted figures lies; 0 when there are none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
