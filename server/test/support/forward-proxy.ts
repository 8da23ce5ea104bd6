import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A forward proxy on loopback that notes what it was asked. */
export type ForwardProxy = {
  readonly url: string;
  readonly port: number;
  /** `CONNECT host:port` and `POST http://host/path`, in order. */
  readonly asked: readonly { readonly line: string; readonly authorization: string | undefined }[];
  openConnections(): number;
  close(): Promise<void>;
};

/**
 * Starts a proxy that reaches 127.0.0.1 whatever host it is asked for, at the port that it is asked for; `refuse` makes it
 * answer that status instead, `early` makes it send more than its answer to CONNECT.
 */
export async function startForwardProxy(
  options: { readonly refuse?: number; readonly early?: boolean; readonly isSilent?: boolean } = {},
): Promise<ForwardProxy> {
  const asked: { line: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const note = (message: IncomingMessage): void => {
    asked.push({ line: `${message.method} ${message.url}`, authorization: message.headers["proxy-authorization"] });
  };
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  };
  const server = createServer((message, response) => {
    note(message);
    if (options.refuse !== undefined) {
      response.writeHead(options.refuse).end();
      return;
    }
    const target = new URL(message.url ?? "");
    const { "proxy-authorization": _own, ...headers } = message.headers;
    const path = target.pathname + target.search;
    const onward = request(
      { host: "127.0.0.1", port: target.port, path, method: message.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    message.pipe(onward);
  });
  server.on("connection", track);
  server.on("connect", (message, socket) => {
    note(message);
    if (options.isSilent === true) return;
    if (options.refuse !== undefined) {
      socket.end(`HTTP/1.1 ${options.refuse} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const port = Number(message.url?.split(":").at(-1));
    const onward = connect(port, "127.0.0.1", () => {
      socket.write(`HTTP/1.1 200 Connection established\r\n\r\n${options.early === true ? "hello" : ""}`);
      socket.pipe(onward).pipe(socket);
    });
    track(onward);
    socket.on("error", () => onward.destroy());
    socket.once("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    openConnections: () => sockets.size,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      return closed;
    },
  };
}
