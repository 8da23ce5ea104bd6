import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { ConsolePages } from "../console/pages.ts";
import { connectHttp, SERVER_OPTIONS } from "../receive/http-guard.ts";
import type { Ids } from "../runtime/id.ts";

/** The one listener of a node. */
export type FrontDoor = {
  listen(port: number, host: string): Promise<AddressInfo>;
  /** Takes no more connections and resolves when the last request is answered. */
  close(): Promise<void>;
};

/** What stands behind the door. */
export type Rooms = {
  /** Takes webhooks straight from Node's server, which is what makes accepting fast; null on a node that does not. */
  readonly receiver: {
    handles(url: string): boolean;
    handle(request: IncomingMessage, response: ServerResponse): void;
  } | null;
  readonly pages: ConsolePages;
  readonly api: FastifyInstance;
  readonly ids: Ids;
};

/** Makes the listener: webhooks go to the receiving stage, pages to the console, everything else to the API. */
export function createFrontDoor({ receiver, pages, api, ids }: Rooms): FrontDoor {
  const server = createServer(SERVER_OPTIONS);
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    pages.handles(request) ? pages.handle(request, response) : api.routing(request, response);
  connectHttp(server, { receiver, api: answer, newRequestId: ids.next });
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port, host, backlog: 1_024 }, () => {
          server.off("error", reject);
          resolve(server.address() as AddressInfo);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
