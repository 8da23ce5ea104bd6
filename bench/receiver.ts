import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that takes webhooks and notes when each key arrived. */
export type Receiver = {
  readonly port: number;
  /** Arrival by key, in the milliseconds of `performance.now()`; the first arrival counts. */
  readonly arrivals: ReadonlyMap<string, number>;
  received(): number;
  reset(): void;
  /** While it refuses, everything is answered 503 and nothing noted. */
  refuse(isRefusing: boolean): void;
  /** Resolves with true when so many keys have arrived, with false when the time is over. */
  waitFor(count: number, withinMs: number): Promise<boolean>;
  close(): Promise<void>;
};

/** Starts a receiver on a free port of the loopback interface; bodies carry `{"key": "…"}`. */
export async function startReceiver(): Promise<Receiver> {
  const arrivals = new Map<string, number>();
  let received = 0;
  let isRefusing = false;
  let waiter: { readonly count: number; readonly done: () => void } | null = null;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      if (isRefusing) {
        response.writeHead(503, { "content-length": "0" });
        response.end();
        return;
      }
      const arrivedAt = performance.now();
      const key = /"key":"([^"]*)"/.exec(body)?.[1] ?? "";
      received += 1;
      if (!arrivals.has(key)) arrivals.set(key, arrivedAt);
      response.writeHead(200, { "content-length": "2" });
      response.end("ok");
      if (waiter !== null && arrivals.size >= waiter.count) waiter.done();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    arrivals,
    received: () => received,
    refuse(refuses) {
      isRefusing = refuses;
    },
    reset() {
      arrivals.clear();
      received = 0;
    },
    waitFor(count, withinMs) {
      if (arrivals.size >= count) return Promise.resolve(true);
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiter = null;
          resolve(false);
        }, withinMs);
        waiter = {
          count,
          done() {
            clearTimeout(timer);
            waiter = null;
            resolve(true);
          },
        };
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
