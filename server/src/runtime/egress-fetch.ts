import type { Egress, EgressRequest } from "./egress.ts";

/** A request as libraries for the web make it. */
export type WebRequest = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

const KEEP_BYTES = 65_536;
const METHODS = ["GET", "POST"] as const satisfies readonly EgressRequest["method"][];

/**
 * Sends through the egress guard what a library would send by itself; follows no redirect, and keeps 64 KiB of an answer.
 * Throws when there was no answer, or for what such libraries have no need of.
 */
export function createWebSender(
  send: Egress["send"],
  poolKey: string,
  timeoutMs: number,
): (url: string, request: WebRequest) => Promise<Response> {
  return async (url, { method, headers, body }) => {
    const known = METHODS.find((one) => one === method);
    if (known === undefined) throw new Error(`${method} is not sent`);
    const text = body === undefined || body === null ? undefined : String(body);
    const outcome = await send({ url, method: known, headers, body: text, timeoutMs, poolKey, keepBytes: KEEP_BYTES });
    if (outcome.status === undefined) throw new Error(outcome.ok ? "no answer" : outcome.message);
    const isBodiless = outcome.status === 204 || outcome.status === 304;
    return new Response(isBodiless ? null : (outcome.body ?? ""), {
      status: outcome.status,
      headers: outcome.headers ?? {},
    });
  };
}
