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

const LONGEST_URL = 8_192;

// The Fetch standard's bad ports (read 2026-11), then data stores and remote control that speak other protocols, too.
const REFUSED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 445, 1433, 1521, 2375, 2379, 3306, 3389, 5432, 5900,
  6379, 6432, 9042, 10250, 11211, 27017,
]);

const LOCAL_SUFFIXES = [".localhost", ".local", ".localdomain", ".internal", ".home.arpa", ".lan", ".intranet"];

/**
 * Judges a URL without DNS: scheme, credentials, port and a literal address in any spelling that the WHATWG URL standard
 * reads as one.
 */
export function judgeTarget(text: string, allowed: readonly Cidr[]): TargetVerdict {
  if (text.length > LONGEST_URL) return refuse("invalid_url", `The URL is longer than ${LONGEST_URL} characters`);
  // The URL parser silently drops tabs and line breaks and turns backslashes around; none of that is meant by anyone.
  if (hasForbiddenCharacter(text))
    return refuse("invalid_url", "The URL holds spaces, control characters or backslashes");
  const url = URL.parse(text);
  if (url === null) return refuse("invalid_url", "This is not a URL");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return refuse("scheme", "The URL must start with https:// or http://");
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("credentials", "The URL must not hold a user name or password; use a header");
  }
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  if (REFUSED_PORTS.has(port)) return refuse("port", `Port ${port} belongs to another protocol`);
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname.replace(/\.$/, "");
  const ip = parseIp(host);
  if (ip === null && host.includes(":")) return refuse("invalid_url", "The URL's address cannot be read");
  if (host === "" || host.startsWith(".") || host.includes(".."))
    return refuse("invalid_url", "The URL has no host name");
  if (ip !== null) {
    const verdict = judgeAddress(ip, allowed);
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
