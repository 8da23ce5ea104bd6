import type { IncomingMessage, ServerResponse } from "node:http";
import { ERRORS, type ErrorCode, errorBody } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { freeNow } from "./body.ts";
import type { Schedule } from "./deadlines.ts";

/** One webhook from its arrival to its answer. */
export type Exchange = {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  /** Epoch milliseconds, and the same moment on the monotonic clock. */
  readonly receivedAt: number;
  readonly startedAt: number;
  /** A platform's name or `unknown`. */
  readonly platform: string;
  integrationId: string | null;
  organizationId: string | null;
  sourceIp: string | null;
  isAnswered: boolean;
  /** True once every byte of the body was taken off the connection. */
  isBodyRead: boolean;
  /** True when the sender waits to be told to go on. */
  isExpecting: boolean;
};

/** How an error answer differs from the table's default. */
export type Refusal = {
  readonly code: ErrorCode;
  readonly status?: number;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  readonly headers?: readonly string[];
  readonly closes?: boolean;
  /** Tells the people of the integration more; never in the answer, and made only when it is kept. */
  readonly explain?: () => JsonObject;
};

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
const LINGER_MS = 1_000;
const MOST_LINGERING = 128;
const MOST_DROPPED_BYTES = 65_536;
// Unread bodies up to this size are drained by Node, which costs less than a new connection.
const DRAINED_BYTES = 65_536;
let lingering = 0;

/** The sender's X-Request-ID when it is 1 to 128 characters of `A–Z a–z 0–9 . _ -`, else a new one. */
export function requestIdOf(req: IncomingMessage, make: () => string): string {
  const given = req.headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : make();
}

/** The status of a refusal. */
export function statusOf(refusal: Refusal): number {
  return refusal.status ?? ERRORS[refusal.code].status;
}

/** Answers 200 with the body. */
export function answerSuccess(exchange: Exchange, body: string): void {
  exchange.res.writeHead(200, headersFor(exchange, body));
  exchange.res.end(body);
}

/**
 * Answers an error. When bytes of the body are still to come, the connection is closed after the answer, so that they
 * can never be read as the next request. What is under way is thrown away for up to a second first, because a connection
 * that is closed on unread bytes is reset, and many senders then never see the answer.
 */
export function answerRefusal(exchange: Exchange, refusal: Refusal, schedule: Schedule): void {
  const { req, res } = exchange;
  const body = JSON.stringify(errorBody(refusal.code, exchange.requestId, refusal.details, refusal.message));
  const headers = headersFor(exchange, body);
  if (refusal.headers !== undefined) headers.push(...refusal.headers);
  if (refusal.retryAfterSeconds !== undefined) headers.push("Retry-After", String(refusal.retryAfterSeconds));
  const isUnread = !exchange.isBodyRead && hasBody(req) && (refusal.closes === true || !isSmall(exchange));
  if (refusal.closes === true || isUnread) headers.push("Connection", "close");
  res.writeHead(statusOf(refusal), headers);
  if (!isUnread || exchange.isExpecting || lingering >= MOST_LINGERING) {
    res.end(body);
    return;
  }
  lingering += 1;
  let isOver = false;
  const close = (): void => {
    if (isOver) return;
    isOver = true;
    lingering -= 1;
    cancel();
    res.end();
  };
  const cancel = schedule(LINGER_MS, close);
  let dropped = 0;
  req.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    freeNow(chunk);
    // Enough for what was under way; reading on would let a hundred such senders fill the memory with garbage.
    if (dropped > MOST_DROPPED_BYTES) req.pause();
  });
  req.once("end", close);
  req.once("close", close);
  res.write(body);
  req.resume();
}

function headersFor(exchange: Exchange, body: string): string[] {
  return [
    "Content-Type",
    "application/json; charset=utf-8",
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    "X-Request-ID",
    exchange.requestId,
    "Content-Length",
    String(Buffer.byteLength(body)),
  ];
}

function hasBody(req: IncomingMessage): boolean {
  return req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;
}

function isSmall(exchange: Exchange): boolean {
  if (exchange.isExpecting) return false;
  const { headers } = exchange.req;
  if (headers["transfer-encoding"] !== undefined) return false;
  return Number(headers["content-length"] ?? 0) <= DRAINED_BYTES;
}
