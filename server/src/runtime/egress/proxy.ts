import { Buffer } from "node:buffer";
import { request } from "node:http";
import type { Socket } from "node:net";
import { isProxyUrl } from "../../core/named-proxies.ts";
import { DialError } from "./dial-error.ts";

/** A forward proxy that the operator has named. */
export type ForwardProxy = {
  readonly host: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`, or null. */
  readonly authorization: string | null;
  /** The setting that it comes from. */
  readonly setting: string;
};

const DEFAULT_PORT = 80;

/** Reads `http://[user:password@]host[:port]`. Throws a plain `Error` that does not quote it, since it can hold a password. */
export function readProxy(text: string, setting: string): ForwardProxy {
  const url = isProxyUrl(text) ? URL.parse(text) : null;
  if (url === null) {
    throw new Error(`${setting} must be http://host:port, with user:password@ where the proxy asks for it`);
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    authorization: credentials === ":" ? null : `Basic ${Buffer.from(credentials).toString("base64")}`,
    setting,
  };
}

/** Asks a proxy for a tunnel over a connected socket (RFC 9110 section 9.3.6); throws a `DialError` when there is none. */
export function openTunnel(socket: Socket, proxy: ForwardProxy, to: { host: string; port: number }): Promise<void> {
  const authority = `${to.host.includes(":") ? `[${to.host}]` : to.host}:${to.port}`;
  return new Promise((resolve, reject) => {
    const tunnel = request({
      createConnection: () => socket,
      method: "CONNECT",
      path: authority,
      maxHeaderSize: 16_384,
      headers: {
        host: authority,
        ...(proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization }),
      },
    });
    tunnel.once("connect", (answer, _socket, early) => {
      const status = answer.statusCode ?? 0;
      if (status < 200 || status > 299) reject(new DialError("connect", refusal(status, proxy)));
      // TLS begins with us: whatever comes before that is not from the receiver.
      else if (early.length > 0) reject(new DialError("connect", "The proxy sent more than an answer to CONNECT"));
      else resolve();
    });
    tunnel.once("error", (error) => reject(new DialError("connect", `The proxy opened no tunnel: ${error.message}`)));
    tunnel.end();
  });
}

function refusal(status: number, { setting }: ForwardProxy): string {
  const why = status === 407 ? `, so ${setting} needs other credentials` : "";
  return `The proxy answered ${status} instead of opening a tunnel${why}`;
}
