import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** A request as it came in; `rawHeaders` keeps order, case and repetition. */
export type ReceivedRequest = {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The number of the connection that it came over, from 0. */
  readonly connection: number;
  /** Which request to this receiver it is, from 0. */
  readonly index: number;
};

/** How to answer one request. */
export type Answer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string | string[]>>;
      readonly body?: string | Buffer;
    }
  /** Accepts the request and says nothing until the receiver closes or `release` is called (then 200). */
  | "hang"
  /** Sends a head and then one byte whenever the kernel takes it, without end; `everyMs` apart. */
  | { readonly drip: { readonly everyMs: number } }
  /** Resets the connection: before a head, or after a head and half of the announced body. */
  | { readonly reset: "before_head" | "within_body" }
  /** Answers 200 with so many bytes. */
  | { readonly huge: number }
  /** Writes these bytes instead of an HTTP answer, then closes unless told to keep open. */
  | { readonly raw: string | Buffer; readonly keepOpen?: boolean };

/** Decides the answer to a request; 200 with an empty JSON object when absent. */
export type Respond = (request: ReceivedRequest) => Answer | Promise<Answer>;

/** A loopback receiver that records what it is sent. */
export type Receiver = {
  /** `http://127.0.0.1:<port>` without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Connections made so far, open or not. */
  connections(): number;
  /** Connections open now. */
  openConnections(): number;
  /** Bytes of huge answers handed to the kernel so far. */
  bytesPoured(): number;
  /** Changes the answers from now on. */
  respondWith(respond: Respond | Answer): void;
  /** Resolves with the first recorded request that fits, past or to come; the test's own time limit bounds the wait. */
  waitFor(predicate: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>;
  /** Resolves with all requests once there are so many. */
  waitForCount(count: number): Promise<readonly ReceivedRequest[]>;
  /** Resolves once no connection is open. */
  waitForNoConnections(): Promise<void>;
  /** Answers 200 to every request that hangs. */
  release(): void;
  /** Stops listening and breaks every connection. */
  close(): Promise<void>;
};

/** What a receiver is started with. */
export type ReceiverOptions = {
  readonly respond?: Respond | Answer | undefined;
  readonly host?: string | undefined;
  /** A port to take again after a close; any free one when absent. */
  readonly port?: number | undefined;
  /** PEM texts; makes it an https receiver, which asks for a client certificate when it has a `clientAuthority`. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientAuthority?: string } | undefined;
};

const OK: Extract<Answer, { readonly status: number }> = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: "{}",
};

type Waiter = { readonly isDone: () => boolean; readonly resolve: () => void };

/** Starts a receiver on a loopback port. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Map<Socket, number>();
  const hanging = new Set<ServerResponse>();
  const timers = new Set<NodeJS.Timeout>();
  let waiters: Waiter[] = [];
  let connectionCount = 0;
  let bytesPoured = 0;
  let respond = respondOf(options.respond ?? OK);

  const announce = (): void => {
    const done = waiters.filter((waiter) => waiter.isDone());
    waiters = waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  };
  const until = (isDone: () => boolean): Promise<void> =>
    isDone() ? Promise.resolve() : new Promise((resolve) => waiters.push({ isDone, resolve }));

  const server = options.tls === undefined ? createServer() : createTlsServer(tlsOptions(options.tls));
  server.keepAliveTimeout = 60_000;
  server.on(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    sockets.set(socket, connectionCount);
    connectionCount += 1;
    socket.on("error", () => {});
    socket.once("close", () => {
      sockets.delete(socket);
      announce();
    });
  });
  server.on("request", (request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const received: ReceivedRequest = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks),
        connection: sockets.get(request.socket) ?? -1,
        index: requests.length,
      };
      requests.push(received);
      announce();
      const answer = await respond(received);
      if (answer === "hang") hanging.add(response);
      else if ("huge" in answer) pour(response, answer.huge, (bytes) => (bytesPoured += bytes));
      else play(answer, response, timers);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connectionCount,
    openConnections: () => sockets.size,
    bytesPoured: () => bytesPoured,
    respondWith(next) {
      respond = respondOf(next);
    },
    async waitFor(predicate) {
      await until(() => requests.some(predicate));
      const found = requests.find(predicate);
      if (found === undefined) throw new Error("a recorded request disappeared");
      return found;
    },
    async waitForCount(count) {
      await until(() => requests.length >= count);
      return requests;
    },
    waitForNoConnections: () => until(() => sockets.size === 0),
    release() {
      for (const response of hanging) play(OK, response, timers);
      hanging.clear();
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.keys()) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

function tlsOptions({ key, cert, clientAuthority }: NonNullable<ReceiverOptions["tls"]>) {
  return clientAuthority === undefined
    ? { key, cert }
    : { key, cert, ca: clientAuthority, requestCert: true, rejectUnauthorized: true };
}

function respondOf(given: Respond | Answer): Respond {
  return typeof given === "function" ? given : () => given;
}

function play(
  answer: Exclude<Answer, "hang" | { readonly huge: number }>,
  response: ServerResponse,
  timers: Set<NodeJS.Timeout>,
): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  if ("status" in answer) {
    response.writeHead(answer.status, { ...answer.headers });
    response.end(answer.body ?? "");
  } else if ("raw" in answer) {
    if (answer.keepOpen === true) socket.write(answer.raw);
    else socket.end(answer.raw);
  } else if ("reset" in answer) {
    if (answer.reset === "before_head") {
      socket.resetAndDestroy();
      return;
    }
    response.writeHead(200, { "content-length": 100 });
    response.write("x".repeat(50), () => socket.resetAndDestroy());
  } else {
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => response.write("."), answer.drip.everyMs);
    timers.add(timer);
    response.once("close", () => {
      clearInterval(timer);
      timers.delete(timer);
    });
  }
}

/** Answers 200 with so many bytes at the reader's pace. */
function pour(response: ServerResponse, bytes: number, onPoured: (bytes: number) => void): void {
  response.writeHead(200, { "content-length": bytes });
  const chunk = Buffer.alloc(65_536, "x");
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const size = Math.min(left, chunk.length);
      left -= size;
      onPoured(size);
      if (!response.write(chunk.subarray(0, size))) {
        response.once("drain", more);
        return;
      }
    }
    response.end();
  };
  more();
}
