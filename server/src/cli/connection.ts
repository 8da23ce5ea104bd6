import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CliEnvironment } from "../config.ts";
import { isObject, type JsonValue } from "../core/json.ts";
import { CliError, EXIT } from "./exit.ts";

/** Where a server is and by which key it is asked, each with the place that said so. */
export type Connection = {
  readonly url: string;
  readonly urlFrom: string;
  readonly apiKey: string | null;
  readonly keyFrom: string | null;
};

/** What flags say of the connection. */
export type ConnectionFlags = { readonly url?: string; readonly keyFile?: string };

/** The connection by flag, else environment, else `overwatch login`, else a server of this machine's own. */
export function findConnection(environment: CliEnvironment, flags: ConnectionFlags): Connection {
  const kept = readLogin(environment);
  const [url, urlFrom] = firstOf(
    [flags.url, "--url"],
    [environment.url, "OVERWATCH_URL"],
    [kept?.url, loginPath(environment)],
    [`http://127.0.0.1:${environment.port}`, "the default"],
  );
  const address = checkUrl(url, urlFrom);
  if (flags.keyFile !== undefined) {
    return { url: address, urlFrom, apiKey: readKeyFile(flags.keyFile), keyFrom: flags.keyFile };
  }
  if (environment.apiKey !== null) {
    return { url: address, urlFrom, apiKey: environment.apiKey, keyFrom: "OVERWATCH_API_KEY" };
  }
  // A key is sent to the server that it was kept for and to no other.
  if (kept !== null && checkUrl(kept.url, urlFrom) === address) {
    return { url: address, urlFrom, apiKey: kept.apiKey, keyFrom: loginPath(environment) };
  }
  const own = join(environment.dataDir, "admin-api-key");
  const ownKey = isLoopback(address) ? readIfThere(own) : null;
  return { url: address, urlFrom, apiKey: ownKey, keyFrom: ownKey === null ? null : own };
}

/** What `overwatch login` kept. */
export type Login = { readonly url: string; readonly apiKey: string };

/** The file that `overwatch login` writes. */
export function loginPath(environment: CliEnvironment): string {
  return join(environment.userDir, "login.json");
}

/** Keeps a login in a file that only its owner can read. */
export function writeLogin(environment: CliEnvironment, login: Login): void {
  writePrivate(environment, loginPath(environment), `${JSON.stringify({ url: login.url, api_key: login.apiKey })}\n`);
}

/** Forgets the login; false when there was none. */
export function removeLogin(environment: CliEnvironment): boolean {
  if (readIfThere(loginPath(environment)) === null) return false;
  rmSync(loginPath(environment));
  return true;
}

/** Writes a file of the user's own, mode 0600, in a folder of mode 0700. */
export function writePrivate(environment: CliEnvironment, path: string, content: string): void {
  mkdirSync(environment.userDir, { recursive: true, mode: 0o700 });
  // A new file in place of the old one, whose mode may have been changed.
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode: 0o600, flag: "wx" });
}

/** The text of a file without its outer blanks, or null when it is not there or empty. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim() || null;
  } catch {
    return null;
  }
}

function readLogin(environment: CliEnvironment): Login | null {
  const text = readIfThere(loginPath(environment));
  if (text === null) return null;
  let value: JsonValue = null;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    // Told below, as for any other file that is not ours.
  }
  if (isObject(value) && typeof value.url === "string" && typeof value.api_key === "string") {
    return { url: value.url, apiKey: value.api_key };
  }
  throw new CliError(EXIT.auth, `${loginPath(environment)} cannot be read`, "overwatch login makes it anew");
}

function readKeyFile(path: string): string {
  const key = readIfThere(path);
  if (key === null) throw new CliError(EXIT.auth, `the key file ${path} cannot be read or is empty`);
  return key;
}

function checkUrl(text: string, from: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CliError(EXIT.usage, `${from}: "${text}" is not an http or https URL`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

function firstOf(...candidates: readonly (readonly [string | null | undefined, string])[]): readonly [string, string] {
  const found = candidates.find(([value]) => value !== null && value !== undefined);
  return [found?.[0] ?? "", found?.[1] ?? ""];
}
