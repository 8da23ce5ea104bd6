import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Overwatch as a process of its own, with an API key that is known here. */
export type NodeProcess = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** From spawn to the first 200 of /readyz. */
  readonly readyMs: number;
  /** Calls the API as its admin; throws on any answer but 2xx. */
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Everything that it has written to its standard output. */
  output(): string;
  /** Stops it by SIGTERM and resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Sends a signal, such as SIGKILL, and resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Halts it in the middle of whatever it does, as a machine that is suspended does; `resume` lets it go on. */
  freeze(): void;
  resume(): void;
  /** True until it has ended. */
  isRunning(): boolean;
};

/** The key that such a process accepts. */
export const ADMIN_KEY = "known_admin_key_0123456789_abcdefgh";

const ROOT = join(import.meta.dirname, "../../..");
const POLL_MS = 5;

/** Where compiled sources are kept, as the start command sets it. */
export const CACHE = { NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/node") };

/** What Node is given to run a program: the file, and before it what else has to be loaded. */
export type Program = readonly string[];

/** The program as it is in this checkout, with the memory that the start command gives it. */
export const PROGRAM: Program = ["--max-semi-space-size=4", join(ROOT, "server/src/main.ts")];

/**
 * Starts Overwatch with its data in the folder and resolves when it is ready. It may call receivers on the loopback
 * interface; further environment variables add to that.
 */
export async function startNodeProcess(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  program: Program = PROGRAM,
): Promise<NodeProcess> {
  const readyFile = join(dataDir, `ready-${process.pid}-${performance.now()}.json`);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...program, "serve", "--ready-file", readyFile], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH ?? "",
      ...CACHE,
      MALLOC_ARENA_MAX: "2",
      PORT: "0",
      LOG_LEVEL: "warn",
      OVERWATCH_DATA_DIR: dataDir,
      OVERWATCH_BOOTSTRAP_API_KEY: ADMIN_KEY,
      OVERWATCH_EGRESS_ALLOW_CIDRS: "127.0.0.0/8",
      ...environment,
    },
  });
  let written = "";
  child.stdout.on("data", (chunk: Buffer) => {
    written += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    written += chunk.toString();
  });
  const port = await untilThere(
    child,
    () => readPort(readyFile),
    () => written,
  );
  rmSync(readyFile, { force: true });
  const url = `http://127.0.0.1:${port}`;
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200 || null;
  await untilThere(child, isReady, () => written);
  return {
    url,
    port,
    pid: child.pid ?? 0,
    readyMs: performance.now() - startedAt,
    async call(method, path, body) {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    output: () => written,
    async stop() {
      await endChild(child, "SIGTERM");
      return child.exitCode;
    },
    kill: (signal) => endChild(child, signal),
    freeze: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}

/** Sends a signal to a child and resolves when it has ended. */
export function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

/** Looks until there is something, as long as the child lives. */
async function untilThere<T>(
  child: ChildProcess,
  look: () => T | null | Promise<T | null>,
  output: () => string,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    const end = child.exitCode ?? child.signalCode;
    if (end !== null) throw new Error(`Overwatch ended at its start with ${end}: ${output()}`);
    await pause();
  }
}

function readPort(readyFile: string): number | null {
  const ready = readIfThere(readyFile);
  return ready === null ? null : (JSON.parse(ready) as { port: number }).port;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8") || null;
  } catch {
    return null;
  }
}

// Only for a process that cannot tell us: the file and the port appear when it is ready.
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
