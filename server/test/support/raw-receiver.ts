import { type AddressInfo, createServer, type Socket } from "node:net";

/** One connection of a raw receiver, played by hand. */
export type RawConnection = {
  readonly socket: Socket;
  /** Which connection it is, from 0. */
  readonly index: number;
  /** Resolves once the head of a request, and as much of its body as came along, was read. */
  readonly request: Promise<string>;
  /** Writes again and again at the pace of the reader, until the connection ends. */
  pour(chunk: string | Buffer): void;
};

/** A receiver below HTTP: what it says is up to the test. */
export type RawReceiver = {
  readonly url: string;
  readonly port: number;
  connections(): number;
  openConnections(): number;
  /** Bytes handed to the kernel. */
  bytesPoured(): number;
  playWith(play: Play): void;
  waitForNoConnections(): Promise<void>;
  close(): Promise<void>;
};

/** What a receiver does with a connection. */
export type Play = (connection: RawConnection) => unknown;

/** Answers a request with these bytes, then ends the connection in the way that is asked for. */
export function saying(answer: string | Buffer, then: "fin" | "reset" | "keep" = "fin"): Play {
  return async ({ request, socket }) => {
    await request;
    if (then === "fin") socket.end(answer);
    else if (then === "keep") socket.write(answer);
    else if (answer.length === 0) socket.resetAndDestroy();
    else socket.write(answer, () => socket.resetAndDestroy());
  };
}

/** Starts a raw receiver on loopback. */
export async function startRawReceiver(first: Play): Promise<RawReceiver> {
  const sockets = new Set<Socket>();
  let play = first;
  let count = 0;
  let bytesPoured = 0;
  let waiters: (() => void)[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const index = count;
    count += 1;
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const done of waiters) done();
      waiters = [];
    });
    let head = "";
    const request = new Promise<string>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        head += chunk.toString("latin1");
        if (head.includes("\r\n\r\n")) resolve(head);
      });
    });
    const pour = (chunk: string | Buffer): void => {
      while (!socket.destroyed && socket.writable) {
        bytesPoured += chunk.length;
        if (socket.write(chunk)) continue;
        socket.once("drain", () => pour(chunk));
        return;
      }
    };
    play({ socket, index, request, pour });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections: () => count,
    openConnections: () => sockets.size,
    bytesPoured: () => bytesPoured,
    playWith(next) {
      play = next;
    },
    waitForNoConnections: () =>
      sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve)),
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}
