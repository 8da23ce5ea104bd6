import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { errorBody } from "../core/errors.ts";
import { countHeader } from "./headers.ts";
import { isWebhookTarget } from "./route.ts";

/** How the one listener is set up: strict parsing, bounded headers, bounded waiting; times in milliseconds. */
export const SERVER_OPTIONS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  insecureHTTPParser: false,
  // The guard asks for it, because Node answers without a body.
  requireHostHeader: false,
  noDelay: true,
} as const satisfies ServerOptions;

/** Who answers what. */
export type HttpRoutes = {
  /** Null on a node that takes no webhooks. */
  readonly receiver: {
    handles(target: string): boolean;
    handle(req: IncomingMessage, res: ServerResponse): void;
  } | null;
  /** Everything that is no webhook. */
  readonly api: RequestListener;
  readonly newRequestId: () => string;
};

/**
 * Puts the guard before everything that a server hears: requests that two parsers could read differently are refused,
 * nobody is told to go on sending before somebody wants the body, no connection changes its protocol, and what Node
 * cannot parse is answered in the shape of every other error.
 */
export function connectHttp(server: Server, routes: HttpRoutes): void {
  const answer = (req: IncomingMessage, res: ServerResponse, isWaiting: boolean): void => {
    if (refuseRawRequest(req, res, routes.newRequestId)) return;
    if (routes.receiver?.handles(req.url ?? "")) routes.receiver.handle(req, res);
    else {
      if (isWaiting) res.writeContinue();
      routes.api(req, res);
    }
  };
  server.on("request", (req, res) => answer(req, res, false));
  server.on("checkContinue", (req, res) => answer(req, res, true));
  server.on("checkExpectation", (req, res) =>
    refuse(req, res, 417, "Expect can only be 100-continue", routes.newRequestId()),
  );
  server.on("connect", (_req, socket) =>
    answerOnSocket(socket, 405, "CONNECT is not offered here", routes.newRequestId()),
  );
  server.on("clientError", (error, socket) => answerBrokenRequest(error, socket, routes.newRequestId));
}

/**
 * Answers and returns true when a request must not be served although Node let it through: two `Host`, a target that is
 * not a path, no `Host`, HTTP/0.9, chunks in HTTP/1.0, TRACE, or an upgrade on a webhook.
 */
export function refuseRawRequest(req: IncomingMessage, res: ServerResponse, newRequestId: () => string): boolean {
  if (req.method === "TRACE" || req.method === "CONNECT") {
    refuse(req, res, 405, `${req.method} is not offered here`, newRequestId());
    return true;
  }
  const message = judgeRawRequest(req);
  if (message === null) return false;
  refuse(req, res, 400, message, newRequestId());
  return true;
}

/** The sentence that says why a request is not well formed, or null. */
export function judgeRawRequest(
  req: Pick<IncomingMessage, "url" | "rawHeaders" | "headers" | "httpVersionMajor" | "httpVersionMinor">,
): string | null {
  const target = req.url ?? "";
  if (req.httpVersionMajor !== 1) return "Only HTTP/1.0 and HTTP/1.1 are spoken here";
  if (target.charCodeAt(0) !== 0x2f) return "The request target must be a path";
  const hosts = countHeader(req.rawHeaders, "host");
  if (hosts > 1 || (hosts === 0 && req.httpVersionMinor === 1)) return "There must be one Host header";
  if (req.httpVersionMinor === 0 && req.headers["transfer-encoding"] !== undefined) {
    return "Transfer-Encoding does not exist in HTTP/1.0";
  }
  // An offer of h2c, which Java's client makes by default, is simply not taken up.
  const upgrade = req.headers.upgrade;
  if (upgrade !== undefined && upgrade.toLowerCase() !== "h2c" && isWebhookTarget(target)) {
    return "Webhooks do not change the protocol";
  }
  return null;
}

/** Answers what Node's parser refused (`clientError`) and closes the connection. */
export function answerBrokenRequest(error: Error, socket: Duplex, newRequestId: () => string): void {
  const code = "code" in error ? error.code : undefined;
  if (code === "ECONNRESET" || !socket.writable || hasAnswerBegun(socket)) {
    socket.destroy();
    return;
  }
  const [status, message] = BROKEN[String(code)] ?? [400, "The request is not well formed"];
  answerOnSocket(socket, status, message, newRequestId());
}

const BROKEN: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "The headers are larger than 16 KiB"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "The chunk extensions are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request did not arrive in time"],
};

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "Bad Request",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
};

function answerOnSocket(socket: Duplex, status: number, message: string, requestId: string): void {
  const code = status === 405 ? "METHOD_NOT_ALLOWED" : "MALFORMED_REQUEST";
  const body = JSON.stringify(errorBody(code, requestId, {}, message));
  socket.on("error", () => undefined);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? "Bad Request"}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Request-ID: ${requestId}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function refuse(req: IncomingMessage, res: ServerResponse, status: number, message: string, requestId: string): void {
  const code = status === 405 ? "METHOD_NOT_ALLOWED" : "MALFORMED_REQUEST";
  const body = JSON.stringify(errorBody(code, requestId, {}, message));
  res.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Request-ID": requestId,
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
    ...(status === 405 ? { Allow: "GET, POST, PATCH, DELETE" } : {}),
  });
  res.end(req.method === "HEAD" ? undefined : body);
}

// The answer of an earlier request on this connection is still on its way: text put in between would corrupt it.
function hasAnswerBegun(socket: Duplex): boolean {
  const message = "_httpMessage" in socket ? socket._httpMessage : null;
  return typeof message === "object" && message !== null && "headersSent" in message && message.headersSent === true;
}
