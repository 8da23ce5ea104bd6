import { type Cidr, type IpAddress, parseIp } from "../../core/cidr.ts";
import { judgeAddress } from "./addresses.ts";

/** Where a request goes, after everything that needs no DNS was checked. */
export type Target = {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Without brackets and without a trailing dot. */
  readonly host: string;
  readonly port: number;
  /** The literal address, or null when the host is a name. */
  readonly ip: IpAddress | null;
  /** A name that only means something inside a network: it must resolve into the operator's allow list. */
  readonly isLocalName: boolean;
};

/** What is wrong with a URL: its text, or the address it leads to. */
export type Refusal = {
  readonly ok: false;
  readonly reason: "invalid_url" | "scheme" | "credentials" | "port" | "blocked_address";
  readonly message: string;
};

/** The verdict on a URL's text. */
export type TargetVerdict = { readonly ok: true; readonly target: Target } | Refusal;

/** What the operator says of targets. */
export type TargetRules = {
  readonly allowed: readonly Cidr[];
  readonly refusedPorts: ReadonlySet<number>;
  readonly isHttpsOnly: boolean;
};

const LONGEST_URL = 8_192;

const LOCAL_SUFFIXES = [".localhost", ".local", ".localdomain", ".internal", ".home.arpa", ".lan", ".intranet"];

/**
 * Judges a URL without DNS: scheme, credentials, port and a literal address in any spelling that the WHATWG URL standard
 * reads as one.
 */
export function judgeTarget(text: string, rules: TargetRules): TargetVerdict {
  if (text.length > LONGEST_URL) return refuse("invalid_url", `The URL is longer than ${LONGEST_URL} characters`);
  // The URL parser silently drops tabs and line breaks and turns backslashes around; none of that is meant by anyone.
  if (hasForbiddenCharacter(text))
    return refuse("invalid_url", "The URL holds spaces, control characters or backslashes");
  const url = URL.parse(text);
  if (url === null) return refuse("invalid_url", "This is not a URL");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return refuse("scheme", "The URL must start with https:// or http://");
  }
  if (rules.isHttpsOnly && url.protocol !== "https:") {
    return refuse("scheme", "The URL must start with https://: the operator allows nothing else");
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("credentials", "The URL must not hold a user name or password; use a header");
  }
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  if (rules.refusedPorts.has(port)) return refuse("port", `Port ${port} may not be called: other protocols use it`);
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname.replace(/\.$/, "");
  const ip = parseIp(host);
  if (ip === null && host.includes(":")) return refuse("invalid_url", "The URL's address cannot be read");
  if (host === "" || host.startsWith(".") || host.includes(".."))
    return refuse("invalid_url", "The URL has no host name");
  if (ip !== null) {
    const verdict = judgeAddress(ip, rules.allowed);
    if (!verdict.ok) return refuse("blocked_address", `${host} may not be called: ${verdict.message}`);
  }
  return {
    ok: true,
    target: {
      origin: url.origin,
      path: url.pathname + url.search,
      host,
      port,
      ip,
      isLocalName: ip === null && isLocalName(host),
    },
  };
}

/** True for `localhost`, names without a dot, and names under suffixes that no public DNS serves. */
export function isLocalName(host: string): boolean {
  return !host.includes(".") || host === "metadata.goog" || LOCAL_SUFFIXES.some((suffix) => host.endsWith(suffix));
}

function hasForbiddenCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code <= 0x20 || code === 0x7f || code === 0x5c) return true;
  }
  return false;
}

function refuse(reason: Refusal["reason"], message: string): Refusal {
  return { ok: false, reason, message };
}
