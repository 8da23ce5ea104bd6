import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** An Overwatch under measurement: a process of its own with an API key that is known here. */
export type Subject = {
  readonly port: number;
  readonly pid: number;
  /** From spawn to the first 200 of /readyz. */
  readonly readyMs: number;
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
};

const ROOT = join(import.meta.dirname, "..");
const API_KEY = "benchmark_admin_key_0123456789abcdef";

/** Starts Overwatch on an embedded database in the folder and waits until it is ready. */
export async function startSubject(dataDir: string, environment: Record<string, string> = {}): Promise<Subject> {
  const readyFile = join(dataDir, "ready.json");
  rmSync(readyFile, { force: true });
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(ROOT, "server/src/main.ts"), "serve", "--ready-file", readyFile], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH ?? "",
      PORT: "0",
      LOG_LEVEL: "warn",
      OVERWATCH_DATA_DIR: dataDir,
      OVERWATCH_BOOTSTRAP_API_KEY: API_KEY,
      OVERWATCH_EGRESS_ALLOW_CIDRS: "127.0.0.0/8",
      ...environment,
    },
  });
  const port = await readPort(child, readyFile);
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const readyMs = performance.now() - startedAt;
  return {
    port,
    pid: child.pid ?? 0,
    readyMs,
    async call(method, path, body) {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    stop: () => stopChild(child),
  };
}

function readPort(child: ChildProcess, readyFile: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`Overwatch ended at its start with ${code}`)));
    const look = (): void => {
      const port = readReadyPort(readyFile, child.pid ?? 0);
      if (port !== null) resolve(port);
      else if (child.exitCode === null) setTimeout(look, 5);
    };
    look();
  });
}

function readReadyPort(path: string, pid: number): number | null {
  try {
    const ready = JSON.parse(readFileSync(path, "utf8")) as { port: number; pid: number };
    return ready.pid === pid ? ready.port : null;
  } catch {
    return null;
  }
}

/** Ends a child with SIGTERM and waits for it. */
export function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
