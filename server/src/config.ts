import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isProxyUrl, type NamedProxies, readNamedProxies } from "./core/named-proxies.ts";
import { readRefusedPorts } from "./core/refused-ports.ts";

/** What a node runs: everything, only receiving, or only triage and delivery. */
export type Role = "all" | "receive" | "work";

/** An identity provider at which people can sign in. */
export type OidcConfig = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly roleClaim: string | null;
  readonly defaultRole: "admin" | "responder" | "viewer" | null;
  readonly allowedDomains: readonly string[];
};

/** The whole configuration of a node. */
export type Config = {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly secretKey: string | null;
  readonly otherSecretKey: string | null;
  readonly bootstrapApiKey: string | null;
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
  readonly egressAllowCidrs: readonly string[];
  readonly egressRefusedPorts: ReadonlySet<number>;
  readonly isEgressHttpsOnly: boolean;
  readonly egressProxy: string | null;
  readonly egressProxies: NamedProxies;
  readonly role: Role;
  readonly logLevel: string;
  readonly databaseConnections: number;
  readonly receiptRetentionDays: number;
  readonly attemptRetentionDays: number;
  readonly incidentRetentionDays: number;
  readonly auditRetentionDays: number;
  readonly oidc: OidcConfig | null;
  readonly isFsyncOffAllowed: boolean;
  readonly shutdownGraceSeconds: number;
  readonly shutdownDelaySeconds: number;
};

/** One line of the table: how a key is read, what it means when it is absent, and what the docs say of it. */
export type ConfigKey = {
  readonly name: string;
  readonly default: string;
  readonly about: string;
  /** True for keys that may also be given as `<NAME>_FILE`. */
  readonly isSecret: boolean;
};

const key = (name: string, fallback: string, about: string, isSecret = false): ConfigKey => ({
  name,
  default: fallback,
  about,
  isSecret,
});

/** Every key of the environment that Overwatch reads; docs/configuration.md is tested against it. */
export const CONFIG_KEYS = [
  key("HOST", "127.0.0.1", "Address to listen on"),
  key("PORT", "8000", "Port to listen on; 0 takes a free one"),
  key("DATABASE_URL", "", "An existing PostgreSQL 15–18; empty starts the embedded one", true),
  key(
    "OVERWATCH_DATA_DIR",
    "",
    "Where the embedded database and the made secret key live; empty is .data/ in the clone, /var/lib/overwatch for root",
  ),
  key(
    "OVERWATCH_SECRET_KEY",
    "",
    "Seals secrets at rest, 32 characters or more; empty makes one in the data directory",
    true,
  ),
  key(
    "OVERWATCH_SECRET_KEY_OTHER",
    "",
    "A second key that opens secrets and seals none, while the key is being changed",
    true,
  ),
  key(
    "OVERWATCH_BOOTSTRAP_API_KEY",
    "",
    "An admin key of the default organization, made at the first start: 32–128 characters of A–Z a–z 0–9 _",
    true,
  ),
  key(
    "OVERWATCH_PUBLIC_URL",
    "",
    "How the outside reaches this Overwatch, for webhook URLs; empty is http://HOST:PORT",
  ),
  key("OVERWATCH_TRUSTED_PROXIES", "", "CIDRs, separated by commas, of proxies whose X-Forwarded-For counts"),
  key("OVERWATCH_EGRESS_ALLOW_CIDRS", "", "CIDRs, separated by commas, of internal addresses that endpoints may call"),
  key(
    "OVERWATCH_EGRESS_DENY_PORTS",
    "standard",
    "Ports, separated by commas, that endpoints may not call; standard stands for those of other protocols",
  ),
  key("OVERWATCH_EGRESS_HTTPS_ONLY", "false", "true refuses endpoints that are called by plain HTTP"),
  key(
    "OVERWATCH_EGRESS_PROXY",
    "",
    "http://[user:password@]host:port of a forward proxy that all outgoing requests take",
    true,
  ),
  key(
    "OVERWATCH_EGRESS_PROXIES",
    "",
    "Forward proxies that endpoints may choose by name: name=http://[user:password@]host:port, separated by commas; name=direct takes none",
    true,
  ),
  key("OVERWATCH_ROLE", "all", "all, receive (webhooks and API) or work (triage and delivery)"),
  key("OVERWATCH_DATABASE_CONNECTIONS", "12", "The most connections a node opens, 4–100"),
  key("OVERWATCH_RECEIPT_RETENTION_DAYS", "30", "Days that receipts are kept"),
  key(
    "OVERWATCH_ATTEMPT_RETENTION_DAYS",
    "30",
    "Days that delivery attempts, ended bulk runs and events without an incident are kept",
  ),
  key("OVERWATCH_INCIDENT_RETENTION_DAYS", "400", "Days that resolved incidents are kept"),
  key("OVERWATCH_AUDIT_RETENTION_DAYS", "400", "Days that the record of changes is kept, rounded up to whole months"),
  key("OVERWATCH_OIDC_ISSUER", "", "The identity provider at which people can sign in by OpenID Connect, as a URL"),
  key("OVERWATCH_OIDC_CLIENT_ID", "", "As which this Overwatch is known there"),
  key("OVERWATCH_OIDC_CLIENT_SECRET", "", "Proves that it is; empty for a public client", true),
  key("OVERWATCH_OIDC_ROLE_CLAIM", "", "The claim that names a person's role: admin, responder or viewer, or a list"),
  key("OVERWATCH_OIDC_DEFAULT_ROLE", "none", "Role of people who were not invited; none lets only those in who were"),
  key(
    "OVERWATCH_OIDC_ALLOWED_DOMAINS",
    "",
    "Domains, separated by commas, of the e-mail addresses that may sign in there",
  ),
  key("OVERWATCH_ALLOW_FSYNC_OFF", "false", "true accepts a database that a power failure may rob of accepted alerts"),
  key(
    "OVERWATCH_SHUTDOWN_DELAY_SECONDS",
    "0",
    "Seconds between /readyz turning 503 and the listener closing, 0–60, for load balancers",
  ),
  key("OVERWATCH_SHUTDOWN_GRACE_SECONDS", "10", "Seconds after which a stop is forced, 1–120"),
  key("LOG_LEVEL", "info", "debug, info, warn or error"),
] as const satisfies readonly ConfigKey[];

/** Keys of the commands around the program, which the program itself leaves alone. */
export const OUTER_KEYS = ["OVERWATCH_SKIP_BOOTSTRAP", "OVERWATCH_CHROMIUM", "OVERWATCH_URL", "OVERWATCH_API_KEY"];

/** Either the configuration or everything that is wrong with it, one sentence each. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The environment as the process got it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads and checks the configuration; reports every problem at once. */
export function readConfig(
  environment: Environment = process.env,
  defaults: { readonly dataDir: string } = { dataDir: defaultDataDir() },
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
): ConfigResult {
  const problems: string[] = [...unknownKeys(environment)];
  const text = (name: (typeof CONFIG_KEYS)[number]["name"]): string => {
    const row = CONFIG_KEYS.find((entry) => entry.name === name);
    const file = row?.isSecret ? environment[`${name}_FILE`] : undefined;
    const direct = environment[name];
    if (file && direct) problems.push(`${name} and ${name}_FILE are both set; keep one`);
    if (file) {
      try {
        return readFile(file).trim();
      } catch {
        problems.push(`${name}_FILE: the file ${file} cannot be read`);
        return "";
      }
    }
    return (direct ?? "").trim() || (row?.default ?? "");
  };
  const integer = (name: (typeof CONFIG_KEYS)[number]["name"], least: number, most: number): number => {
    const value = text(name);
    const number = Number(value);
    if (/^\d{1,9}$/.test(value) && number >= least && number <= most) return number;
    problems.push(`${name} must be a whole number from ${least} to ${most}, not "${value.slice(0, 40)}"`);
    return least;
  };
  const oneOf = <T extends string>(name: (typeof CONFIG_KEYS)[number]["name"], choices: readonly T[]): T => {
    const value = text(name);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) problems.push(`${name} must be one of ${choices.join(", ")}, not "${value.slice(0, 40)}"`);
    return found ?? (choices[0] as T);
  };
  const list = (name: (typeof CONFIG_KEYS)[number]["name"]): string[] =>
    text(name)
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");

  const secretKey = text("OVERWATCH_SECRET_KEY") || null;
  if (secretKey !== null && secretKey.length < 32)
    problems.push("OVERWATCH_SECRET_KEY must have at least 32 characters");
  const otherSecretKey = text("OVERWATCH_SECRET_KEY_OTHER") || null;
  if (otherSecretKey !== null && otherSecretKey.length < 32)
    problems.push("OVERWATCH_SECRET_KEY_OTHER must have at least 32 characters");
  const bootstrapApiKey = text("OVERWATCH_BOOTSTRAP_API_KEY") || null;
  if (bootstrapApiKey !== null && !/^[A-Za-z0-9_]{32,128}$/.test(bootstrapApiKey)) {
    problems.push("OVERWATCH_BOOTSTRAP_API_KEY must have 32 to 128 characters of A–Z a–z 0–9 _");
  }
  const databaseUrl = text("DATABASE_URL") || null;
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push("DATABASE_URL must begin with postgres:// or postgresql://");
  }
  const publicUrl = text("OVERWATCH_PUBLIC_URL") || null;
  if (publicUrl !== null && !isHttpUrl(publicUrl)) problems.push("OVERWATCH_PUBLIC_URL must be an http or https URL");

  const refusedPorts = readRefusedPorts(list("OVERWATCH_EGRESS_DENY_PORTS"));
  if (!refusedPorts.ok) problems.push(...refusedPorts.messages.map((text) => `OVERWATCH_EGRESS_DENY_PORTS: ${text}`));
  const egressProxy = text("OVERWATCH_EGRESS_PROXY") || null;
  // The value is not quoted: it can hold a password.
  if (egressProxy !== null && !isProxyUrl(egressProxy)) {
    problems.push("OVERWATCH_EGRESS_PROXY must be http://host:port, with user:password@ where the proxy asks for it");
  }
  const named = readNamedProxies(list("OVERWATCH_EGRESS_PROXIES"));
  if (!named.ok) problems.push(...named.messages.map((text) => `OVERWATCH_EGRESS_PROXIES: ${text}`));

  const config: Config = {
    host: text("HOST"),
    port: integer("PORT", 0, 65_535),
    databaseUrl,
    dataDir: resolve(text("OVERWATCH_DATA_DIR") || defaults.dataDir),
    secretKey,
    otherSecretKey,
    bootstrapApiKey,
    publicUrl: publicUrl?.replace(/\/+$/, "") ?? null,
    trustedProxies: list("OVERWATCH_TRUSTED_PROXIES"),
    egressAllowCidrs: list("OVERWATCH_EGRESS_ALLOW_CIDRS"),
    egressRefusedPorts: refusedPorts.ok ? refusedPorts.ports : new Set(),
    isEgressHttpsOnly: oneOf("OVERWATCH_EGRESS_HTTPS_ONLY", ["false", "true"]) === "true",
    egressProxy,
    egressProxies: named.ok ? named.proxies : {},
    role: oneOf("OVERWATCH_ROLE", ["all", "receive", "work"]),
    logLevel: oneOf("LOG_LEVEL", ["info", "debug", "warn", "error"]),
    databaseConnections: integer("OVERWATCH_DATABASE_CONNECTIONS", 4, 100),
    receiptRetentionDays: integer("OVERWATCH_RECEIPT_RETENTION_DAYS", 1, 3_650),
    attemptRetentionDays: integer("OVERWATCH_ATTEMPT_RETENTION_DAYS", 1, 3_650),
    incidentRetentionDays: integer("OVERWATCH_INCIDENT_RETENTION_DAYS", 1, 36_500),
    oidc: oidcOf(text, oneOf, list, problems),
    auditRetentionDays: integer("OVERWATCH_AUDIT_RETENTION_DAYS", 1, 36_500),
    isFsyncOffAllowed: oneOf("OVERWATCH_ALLOW_FSYNC_OFF", ["false", "true"]) === "true",
    shutdownDelaySeconds: integer("OVERWATCH_SHUTDOWN_DELAY_SECONDS", 0, 60),
    shutdownGraceSeconds: integer("OVERWATCH_SHUTDOWN_GRACE_SECONDS", 1, 120),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config };
}

type Reader<T> = (name: (typeof CONFIG_KEYS)[number]["name"]) => T;

function oidcOf(
  text: Reader<string>,
  oneOf: <T extends string>(name: (typeof CONFIG_KEYS)[number]["name"], choices: readonly T[]) => T,
  list: Reader<string[]>,
  problems: string[],
): OidcConfig | null {
  const issuer = text("OVERWATCH_OIDC_ISSUER");
  const clientId = text("OVERWATCH_OIDC_CLIENT_ID");
  const role = oneOf("OVERWATCH_OIDC_DEFAULT_ROLE", ["none", "viewer", "responder", "admin"]);
  if (issuer === "" && clientId === "") return null;
  if (!isHttpUrl(issuer)) problems.push("OVERWATCH_OIDC_ISSUER must be an http or https URL");
  if (clientId === "") problems.push("OVERWATCH_OIDC_CLIENT_ID is needed with OVERWATCH_OIDC_ISSUER");
  return {
    issuer,
    clientId,
    clientSecret: text("OVERWATCH_OIDC_CLIENT_SECRET") || null,
    roleClaim: text("OVERWATCH_OIDC_ROLE_CLAIM") || null,
    defaultRole: role === "none" ? null : role,
    allowedDomains: list("OVERWATCH_OIDC_ALLOWED_DOMAINS").map((domain) => domain.toLowerCase()),
  };
}

/** A setting as it is in effect; the value of a secret is `***`. */
export type SettingInEffect = {
  readonly name: string;
  readonly value: string;
  readonly source: "default" | "environment" | "file";
  readonly about: string;
};

/** Every setting with where it comes from, for people; secrets and passwords inside URLs are masked. */
export function settingsInEffect(environment: Environment = process.env): readonly SettingInEffect[] {
  return CONFIG_KEYS.map((row) => {
    const direct = (environment[row.name] ?? "").trim();
    const isFromFile = row.isSecret && Boolean(environment[`${row.name}_FILE`]);
    const source = isFromFile ? "file" : direct !== "" ? "environment" : "default";
    const value = source === "default" ? row.default : row.isSecret ? "***" : direct;
    return { name: row.name, value, source, about: row.about };
  });
}

function defaultDataDir(): string {
  return process.getuid?.() === 0 ? "/var/lib/overwatch" : resolve(import.meta.dirname, "../../.data");
}

/** What the command line reads of the environment. */
export type CliEnvironment = {
  /** Where Overwatch is, or null for what `overwatch login` kept. */
  readonly url: string | null;
  readonly apiKey: string | null;
  /** The folder for what the command line keeps of its user. */
  readonly userDir: string;
  /** Where a server on this machine keeps its data. */
  readonly dataDir: string;
  readonly port: string;
  /** False for a terminal that cannot move its cursor. */
  readonly canDraw: boolean;
  /** False where colours are not wanted (https://no-color.org) or not understood. */
  readonly isColorWanted: boolean;
};

/** Reads what the commands that talk to a server need; a server's own settings are not checked. */
export function readCliEnvironment(environment: Environment = process.env): CliEnvironment {
  const text = (name: string): string | null => environment[name]?.trim() || null;
  const home = text("XDG_CONFIG_HOME") ?? join(text("HOME") ?? text("USERPROFILE") ?? ".", ".config");
  return {
    url: text("OVERWATCH_URL"),
    apiKey: text("OVERWATCH_API_KEY"),
    userDir: join(home, "overwatch"),
    dataDir: resolve(text("OVERWATCH_DATA_DIR") ?? defaultDataDir()),
    port: text("PORT") ?? "8000",
    canDraw: text("TERM") !== "dumb",
    isColorWanted: text("NO_COLOR") === null && text("TERM") !== "dumb",
  };
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function unknownKeys(environment: Environment): string[] {
  const known = new Set<string>(OUTER_KEYS);
  for (const row of CONFIG_KEYS) {
    known.add(row.name);
    if (row.isSecret) known.add(`${row.name}_FILE`);
  }
  return Object.keys(environment)
    .filter((name) => name.startsWith("OVERWATCH_") && !known.has(name))
    .map((name) => `${name} is not a setting of Overwatch; did you mean ${closest(name, [...known])}?`);
}

function closest(name: string, candidates: readonly string[]): string {
  let best = { candidate: candidates[0] ?? "", distance: Number.POSITIVE_INFINITY };
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance < best.distance) best = { candidate, distance };
  }
  return best.candidate;
}

function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const swap = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
