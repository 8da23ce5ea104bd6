import type { Dispatcher } from "undici";
import { type FailureReason, reasonOfStatus } from "../../core/failure-reason.ts";
import { parseRetryAfter } from "../../core/retry-after.ts";
import type { ConnectionSetup } from "./dial.ts";
import { DialError } from "./dial-error.ts";

/** How long the parts of a request took, in milliseconds; null for what was not reached or, on a kept connection, not needed. */
export type Timing = {
  readonly dns_ms: number | null;
  readonly connect_ms: number | null;
  readonly tls_ms: number | null;
  /** From the start of the request to the first byte of its answer. */
  readonly first_byte_ms: number | null;
  readonly total_ms: number;
};

/** What came of a request: a value, never an exception. Header names are in lower case; repeated ones are joined by commas. */
export type Outcome =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** As much of the answer as the request asked to keep, read as UTF-8. */
      readonly body: string;
      readonly timing: Timing;
    }
  | {
      readonly ok: false;
      readonly reason: FailureReason;
      /** One sentence for people; it can quote the receiver, so mask secrets before it is shown. */
      readonly message: string;
      readonly timing: Timing;
      readonly status?: number;
      readonly retryAfterMs?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };

/** What an exchange needs of its surroundings. */
export type ExchangeOptions = {
  readonly timeoutMs: number;
  readonly keepBytes: number;
  readonly monotonicMs: () => number;
  /** Epoch milliseconds, for dates in `Retry-After`. */
  readonly now: () => number;
  readonly settle: (outcome: Outcome) => void;
};

/** One request on its way: the handler that the HTTP client reports to, and what the client notes on it. */
export type Exchange = Dispatcher.DispatchHandler & {
  /** The connection that the request was given to. */
  setup: ConnectionSetup | null;
};

const READ_BYTES = 65_536;
const MOST_INTERIM_ANSWERS = 16;

/**
 * Follows one request to its end under a single deadline. The answer's status decides; at most 64 KiB of it are read, then
 * the connection is dropped. Settles exactly once.
 */
export function createExchange(options: ExchangeOptions): Exchange {
  const startedAt = options.monotonicMs();
  const chunks: Buffer[] = [];
  let controller: Dispatcher.DispatchController | null = null;
  let usedSetup: ConnectionSetup | null = null;
  let answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | null = null;
  let firstByteAt: number | null = null;
  let received = 0;
  let interim = 0;
  let isSettled = false;

  function timing(): Timing {
    return {
      dns_ms: rounded(usedSetup?.dnsMs ?? null),
      connect_ms: rounded(usedSetup?.connectMs ?? null),
      tls_ms: rounded(usedSetup?.tlsMs ?? null),
      first_byte_ms: firstByteAt === null ? null : rounded(firstByteAt - startedAt),
      total_ms: rounded(options.monotonicMs() - startedAt) ?? 0,
    };
  }

  function settle(outcome: Outcome): void {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    options.settle(outcome);
  }

  function fail(reason: FailureReason, message: string): void {
    if (isSettled) return;
    // Until a request was written, what the connection took is this request's to show.
    if (usedSetup === null && exchange.setup?.isUnused === true) usedSetup = exchange.setup;
    const known =
      answer === null ? {} : { status: answer.status, headers: answer.headers, body: text(chunks, options.keepBytes) };
    settle({ ok: false, reason, message, timing: timing(), ...known });
  }

  function finish(): void {
    if (isSettled || answer === null) return;
    const { status, headers } = answer;
    const body = text(chunks, options.keepBytes);
    if (status >= 200 && status < 300) {
      settle({ ok: true, status, headers, body, timing: timing() });
      return;
    }
    const reason = reasonOfStatus(status);
    const retryAfterMs = parseRetryAfter(headers["retry-after"], options.now());
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    settle({
      ok: false,
      reason,
      status,
      message: describeAnswer(status, headers),
      headers,
      body,
      timing: timing(),
      ...wait,
    });
  }

  const timer = setTimeout(() => {
    const got = answer === null ? "no answer" : `an unfinished answer (${answer.status})`;
    fail("timeout", `${got} within ${Math.round(options.timeoutMs)} ms`);
    controller?.abort(new Error("deadline"));
  }, options.timeoutMs);

  const exchange: Exchange = {
    setup: null,
    onRequestStart(startedController) {
      controller = startedController;
      // The deadline can pass while the request waits for its connection; then nothing may be sent any more. Throwing drops
      // the request alone, where an abort would also break the connection that the next one waits for.
      if (isSettled) throw new Error("the deadline had passed");
      if (exchange.setup?.isUnused === true) {
        exchange.setup.isUnused = false;
        usedSetup = { ...exchange.setup };
      }
    },
    onResponseStart(_controller, status, headers) {
      firstByteAt ??= options.monotonicMs();
      if (status >= 200) {
        answer = { status, headers: flatten(headers) };
        return;
      }
      interim += 1;
      if (interim <= MOST_INTERIM_ANSWERS) return;
      fail("reset", `More than ${MOST_INTERIM_ANSWERS} interim answers (${status}) came before a real one`);
      controller?.abort(new Error("interim answers"));
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
      received += chunk.length;
      if (received <= READ_BYTES) return;
      finish();
      controller?.abort(new Error("enough was read"));
    },
    onResponseEnd() {
      finish();
    },
    onResponseError(_controller, error) {
      if (error instanceof DialError) fail(error.reason, error.message);
      else fail(...reasonOfError(error));
    },
  };
  return exchange;
}

function reasonOfError(error: Error): [FailureReason, string] {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") {
    return ["render", `The request cannot be sent: ${error.message}`];
  }
  if (code === "UND_ERR_CLOSED" || code === "UND_ERR_DESTROYED") return ["reset", "Overwatch was stopping"];
  if (code === "UND_ERR_HEADERS_OVERFLOW") return ["reset", "The answer's headers are larger than 16 KiB"];
  if (error.name === "HTTPParserError") return ["reset", `The answer is not valid HTTP: ${error.message}`];
  // A receiver that refuses our certificate says so only after the handshake (TLS 1.3).
  if (code.startsWith("ERR_SSL_")) return ["tls", `The receiver ended TLS: ${reasonIn(error)}`];
  if (code === "ETIMEDOUT") return ["timeout", "The connection timed out"];
  return [
    "reset",
    `The connection broke before the answer was complete (${code === "" ? error.name : code}: ${error.message})`,
  ];
}

function reasonIn(error: Error): string {
  return "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
}

function describeAnswer(status: number, headers: Readonly<Record<string, string>>): string {
  if (status < 300 || status >= 400) return `The receiver answered ${status}`;
  const location = headers.location;
  const where = location === undefined ? "" : ` to ${location.slice(0, 200)}`;
  return `The receiver answered ${status}, a redirect${where}, which is not followed`;
}

function flatten(headers: Record<string, string | string[] | undefined>): Readonly<Record<string, string>> {
  const flat: Record<string, string> = Object.create(null);
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}

function text(chunks: readonly Buffer[], keepBytes: number): string {
  const [only] = chunks;
  if (only === undefined) return "";
  const whole = chunks.length === 1 ? only : Buffer.concat(chunks);
  return whole.toString("utf8", 0, Math.min(keepBytes, READ_BYTES, whole.length));
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 100) / 100;
}
