import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Account, asAccount, EmbeddedPostgresError, POSTGRES_ENVIRONMENT } from "./account.ts";
import type { Binaries } from "./binaries.ts";

/** Where everything of one embedded PostgreSQL lies. */
export type Places = {
  readonly dataDir: string;
  /** The cluster itself: what initdb makes. */
  readonly clusterDir: string;
  readonly logFile: string;
};

/** The places below a data directory. */
export function placesIn(dataDir: string): Places {
  return {
    dataDir,
    clusterDir: join(dataDir, "postgres"),
    logFile: join(dataDir, "postgres.log"),
  };
}

/** The name that every connection uses for both role and database. */
export const DATABASE_NAME = "overwatch";

// One less than the 108 bytes of sun_path on Linux, 104 elsewhere, for the closing zero.
const SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;
const SOCKET_FILE = ".s.PGSQL.5432";

/**
 * Makes the data directory, and lets the account pass through it but not list it.
 * @throws EmbeddedPostgresError when it cannot be written or the account cannot reach it.
 */
export function prepareDataDir(dataDir: string, account: Account | null): void {
  try {
    makeFolder(dataDir, 0o700);
    const stats = statSync(dataDir);
    if (account !== null && stats.uid === 0) chmodSync(dataDir, (stats.mode & 0o777) | 0o011);
    rmSync(mkdtempSync(join(dataDir, ".write-")), { recursive: true });
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The data directory ${dataDir} cannot be written (${(error as Error).message}); make it writable or choose another with OVERWATCH_DATA_DIR.`,
    );
  }
  const closed = account === null ? null : firstClosedFolder(dataDir, account);
  if (account !== null && closed !== null) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL runs as ${account.name}, who cannot enter ${closed}; choose another OVERWATCH_DATA_DIR, such as /var/lib/overwatch.`,
    );
  }
}

// Not mkdir's own recursion: that never ends where the system answers ENOENT for a folder that cannot be, as in /proc.
function makeFolder(path: string, mode: number): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), 0o755);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function firstClosedFolder(path: string, account: Account): string | null {
  const parent = dirname(path);
  const above = parent === path ? null : firstClosedFolder(parent, account);
  if (above !== null) return above;
  const { uid, gid, mode } = statSync(path);
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  return (mode & bit) === 0 ? path : null;
}

/** The major version that made the cluster, or null when there is none yet. */
export function clusterMajor(places: Places): number | null {
  const file = join(places.clusterDir, "PG_VERSION");
  return existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : null;
}

/** Makes a cluster: UTF-8, sorted by code point, reachable only through its socket folder. Whole or not at all. */
export async function makeCluster(
  places: Places,
  binaries: Binaries,
  account: Account | null,
  isDurable: boolean,
): Promise<void> {
  for (const name of readdirSync(places.dataDir)) {
    const maker = /^postgres\.new-(\d+)$/.exec(name)?.[1];
    if (maker !== undefined && !isAlive(Number(maker))) {
      rmSync(join(places.dataDir, name), { recursive: true, force: true });
    }
  }
  const staging = `${places.clusterDir}.new-${process.pid}`;
  mkdirSync(staging, { mode: 0o700 });
  if (account !== null) chownSync(staging, account.uid, account.gid);
  const locale = binaries.major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
  const initdb = await run(
    join(binaries.binDir, "initdb"),
    [
      ...["-D", staging, "-U", DATABASE_NAME, "--encoding=UTF8", "--locale=C", ...locale],
      ...["--auth-local=trust", "--auth-host=reject", "--no-instructions", ...(isDurable ? [] : ["--no-sync"])],
    ],
    account,
  );
  if (initdb.code !== 0) {
    rmSync(staging, { recursive: true, force: true });
    throw new EmbeddedPostgresError(`A new database cannot be made in ${places.dataDir}: ${lastLines(initdb.output)}`);
  }
  try {
    renameSync(staging, places.clusterDir);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    // Another process that started at the same moment was faster; its cluster is as good.
    if (clusterMajor(places) === null) throw error;
  }
}

/** The folder of the socket, 0700; the data directory's own unless that makes the path too long for a socket. */
export function makeSocketDir(places: Places, account: Account | null): { path: string; isTemporary: boolean } {
  const own = join(places.dataDir, "run");
  const isTemporary = Buffer.byteLength(join(own, SOCKET_FILE)) > SOCKET_PATH_BYTES;
  const path = isTemporary ? mkdtempSync(join(tmpdir(), "overwatch-")) : own;
  makeFolder(path, 0o700);
  if (account !== null) chownSync(path, account.uid, account.gid);
  chmodSync(path, 0o700);
  return { path, isTemporary };
}

/** True while a process of this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The last three lines of a program's output, for a sentence. */
export function lastLines(output: string): string {
  return output.trim().split("\n").slice(-3).join(" ");
}

function run(
  file: string,
  args: readonly string[],
  account: Account | null,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    // Its own session: Ctrl+C in the terminal is for us to handle.
    const child = spawn(file, args, {
      ...asAccount(account),
      cwd: "/",
      env: POSTGRES_ENVIRONMENT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
