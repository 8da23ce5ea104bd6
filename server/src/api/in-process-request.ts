import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A request that never touches the network. */
export type InProcessRequest = {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What a request listener answered. */
export type InProcessAnswer = { readonly status: number; readonly body: string };

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Gives a request to a listener of `node:http` as if it had come from this machine, and waits for its answer. */
export function requestInProcess(listener: Listener, given: InProcessRequest): Promise<InProcessAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createQuietSocket();
    const request = new IncomingMessage(socket);
    request.method = given.method;
    request.url = given.url;
    request.httpVersion = "1.1";
    request.httpVersionMajor = 1;
    request.httpVersionMinor = 1;
    const headers = { host: "localhost", ...given.headers, "content-length": String(given.body.length) };
    for (const [name, value] of Object.entries(headers)) {
      request.headers[name] = value;
      request.rawHeaders.push(name, value);
    }
    request.push(given.body);
    request.push(null);
    request.complete = true;

    const response = new ServerResponse(request);
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown): void => {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    };
    response.write = (chunk: unknown): boolean => {
      keep(chunk);
      return true;
    };
    response.end = (chunk?: unknown): ServerResponse => {
      keep(chunk);
      resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString("utf8") });
      response.emit("finish");
      return response;
    };
    response.assignSocket(socket);
    try {
      listener(request, response);
    } catch (error) {
      reject(error);
    }
  });
}

/** A socket that says it is this machine and swallows what is written. */
function createQuietSocket(): Socket {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  return Object.assign(socket, {
    remoteAddress: "127.0.0.1",
    remotePort: 0,
    encrypted: false,
    setTimeout: () => socket,
    setNoDelay: () => socket,
    setKeepAlive: () => socket,
    cork: () => undefined,
    uncork: () => undefined,
  }) as unknown as Socket;
}
