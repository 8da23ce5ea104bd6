import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Account, asAccount, EmbeddedPostgresError, POSTGRES_ENVIRONMENT } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { isAlive, lastLines, type Places } from "./cluster.ts";

/** A running PostgreSQL server. */
export type ServerProcess = {
  readonly pid: number;
  /** Resolves when the server has ended, asked or not. */
  readonly ended: Promise<void>;
  /** Ends all sessions and stops the server, by force after ten seconds. */
  stop(): Promise<void>;
};

/** How a server is started. */
export type ServerOptions = {
  readonly places: Places;
  readonly binaries: Binaries;
  readonly account: Account | null;
  readonly socketDir: string;
  /** Server settings by name. */
  readonly settings: Readonly<Record<string, string>>;
};

// PostgreSQL writes its command line to postmaster.opts once it holds the lock on the cluster, so the owner named there
// is the owner of the server named in postmaster.pid.
const OWNER_SETTING = "overwatch.owner_pid";
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const LOG_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Starts the server and waits until it accepts connections.
 * @throws EmbeddedPostgresError with the last lines of its log when it does not.
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { places, binaries, account } = options;
  const settings = {
    listen_addresses: "",
    unix_socket_directories: options.socketDir,
    [OWNER_SETTING]: String(process.pid),
    ...options.settings,
  };
  const log = openLog(places.logFile);
  const logStart = statSync(places.logFile).size;
  let child: ChildProcess;
  try {
    child = spawn(
      join(binaries.binDir, "postgres"),
      ["-D", places.clusterDir, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      // A session of its own: Ctrl+C in the terminal must not stop the database before its users.
      { ...asAccount(account), cwd: "/", env: POSTGRES_ENVIRONMENT, detached: true, stdio: ["ignore", log, log] },
    );
  } finally {
    closeSync(log);
  }
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      resolve();
    };
    child.on("exit", end);
    child.on("error", end);
  });
  const pid = child.pid;
  for (let waitedMs = 0; pid !== undefined && !hasEnded && waitedMs < READY_WITHIN_MS; waitedMs += 5) {
    if (isReady(places.clusterDir, pid)) {
      return { pid, ended, stop: () => stopServer(child, ended) };
    }
    await delay(5);
  }
  if (!hasEnded) await stopServer(child, ended);
  const said = readFileSync(places.logFile).subarray(logStart).toString("utf8");
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL does not start: ${lastLines(said) || "it says nothing"} (its log is ${places.logFile})`,
  );
}

/** The eighth line of postmaster.pid is the server's own word on its state; pg_ctl waits for the same word. */
function isReady(clusterDir: string, pid: number): boolean {
  const lines = readPidFile(clusterDir);
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
}

function readPidFile(clusterDir: string): readonly string[] {
  try {
    return readFileSync(join(clusterDir, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(path, size > LOG_LIMIT_BYTES ? "w" : "a", 0o600);
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGQUIT"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

/**
 * Clears what an earlier server left in the cluster: a pid file whose process is gone or is another program's by now
 * (as after a restarted container), or a server whose owner died, which is stopped.
 * @throws EmbeddedPostgresError when another living Overwatch uses the cluster.
 */
export async function clearLeftovers(places: Places): Promise<void> {
  const pid = Number(readPidFile(places.clusterDir)[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (!isServerOf(pid, places.clusterDir)) {
    rmSync(join(places.clusterDir, "postmaster.pid"), { force: true });
    return;
  }
  let owner = livingOwner(places, pid);
  // A server that only just took the lock may not have written its command line yet.
  if (owner === null) await delay(50);
  owner ??= livingOwner(places, pid);
  if (owner !== null && owner !== process.pid) {
    throw new EmbeddedPostgresError(
      `The data directory ${places.dataDir} is in use by another Overwatch (process ${owner}); stop that one, or choose another OVERWATCH_DATA_DIR.`,
    );
  }
  // Not "is alive": in a container without an init process its zombie may stay for ever.
  for (let waitedMs = 0; isServerOf(pid, places.clusterDir); waitedMs += 20) {
    if (waitedMs % 1_000 === 0) killQuietly(pid, waitedMs < STOP_WITHIN_MS ? "SIGINT" : "SIGQUIT");
    if (waitedMs > 3 * STOP_WITHIN_MS) {
      throw new EmbeddedPostgresError(
        `A PostgreSQL that lost its Overwatch (process ${pid}) still runs in ${places.clusterDir} and does not stop; end it and start again.`,
      );
    }
    await delay(20);
  }
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in between, or not ours; the waiting decides.
  }
}

/** The process that started the server, if that still is its parent; a server whose owner died has another one. */
function livingOwner(places: Places, serverPid: number): number | null {
  try {
    const commandLine = readFileSync(join(places.clusterDir, "postmaster.opts"), "utf8");
    const owner = Number(new RegExp(`${OWNER_SETTING}=(\\d+)`).exec(commandLine)?.[1]);
    return parentOf(serverPid) === owner ? owner : null;
  } catch {
    return null;
  }
}

function isServerOf(pid: number, clusterDir: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return ask(pid, "comm").includes("postgres");
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === clusterDir && /postgres$/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    // We may not look at it: then it is not of our account, and the cluster is.
    return false;
  }
}

function parentOf(pid: number): number {
  if (process.platform !== "linux") return Number(ask(pid, "ppid"));
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}

function ask(pid: number, column: "comm" | "ppid"): string {
  try {
    return execFileSync("/bin/ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
