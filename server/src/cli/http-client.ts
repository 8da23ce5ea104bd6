import { CliError, EXIT } from "./exit.ts";

// The only place of the command line that opens sockets. It calls what its user names, in the user's own name and from
// the user's machine, so the guard that keeps the server from being sent to internal addresses has no say here.

/** A request that is sent as it is. */
export type HttpRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From the connection to the last byte of the answer. */
  readonly timeoutMs: number;
};

/** An answer, whatever its status. */
export type HttpAnswer = { readonly status: number; readonly headers: Headers; readonly text: string };

/** Sends a request; follows no redirect. Throws a `CliError` when there is no answer. */
export async function sendHttp(request: HttpRequest): Promise<HttpAnswer> {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
      signal: AbortSignal.timeout(request.timeoutMs),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    throw new CliError(EXIT.unavailable, `${originOf(request.url)} does not answer: ${causeOf(error)}`);
  }
}

/** An answer that goes on until the signal ends it; its parts as they come. */
export async function openStream(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: () => Promise<string>; readonly parts: AsyncIterable<string> }> {
  try {
    const response = await fetch(url, { headers, redirect: "manual", signal });
    return { status: response.status, text: () => response.text(), parts: partsOf(response) };
  } catch (error) {
    throw new CliError(EXIT.unavailable, `${originOf(url)} does not answer: ${causeOf(error)}`);
  }
}

async function* partsOf(response: Response): AsyncIterable<string> {
  if (response.body === null) return;
  yield* response.body.pipeThrough(new TextDecoderStream());
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}

/** What went wrong, in the words of the operating system where there are some. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  const { cause } = error;
  if (cause instanceof AggregateError) return causeOf(cause.errors[0]);
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
