import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { endChild } from "./node-process.ts";

/** Where the examples are. */
export const EXAMPLES = join(import.meta.dirname, "../../../examples");

/** How the examples of one language are run: the program, and the arguments before those of the example. */
export type Command = { readonly program: string; readonly args: readonly string[] };

/** What a program that has ended left behind. */
export type Ended = { readonly code: number | null; readonly output: string; readonly errors: string };

/** A receiver of the examples that listens. */
export type Listening = {
  readonly url: string;
  /** Ends it and returns the lines that it printed after the first. */
  stop(): Promise<readonly string[]>;
};

/** What examples may see of the environment: where programs are and where Go keeps its cache, and no proxy. */
function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = "", HOME = tmpdir() } = process.env;
  return { PATH, HOME, GOTOOLCHAIN: "local", ...more };
}

/** The language's interpreter or compiler when it is on this machine and new enough, else null. */
export function findPython(): string | null {
  const isRecent = "import sys; sys.exit(sys.version_info < (3, 9))";
  return spawnSync("python3", ["-c", isRecent]).status === 0 ? "python3" : null;
}

/** The same for Go; any version whose compiler starts. */
export function findGo(): string | null {
  return spawnSync("go", ["version"], { env: environment({}) }).status === 0 ? "go" : null;
}

/** How an example in a language that needs no compiling is run; the file is named from the examples' folder. */
export function commandOf(file: string): Command {
  const programs: Readonly<Record<string, string>> = { ".sh": "sh", ".py": "python3", ".mjs": process.execPath };
  return { program: programs[extname(file)] ?? file, args: [join(EXAMPLES, file)] };
}

/** Compiles an example of one Go file; `remove` deletes the program. Throws with what the compiler said. */
export async function buildGo(file: string): Promise<{ readonly command: Command; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "overwatch-example-"));
  const program = join(folder, "example");
  const built = await runToEnd({ program: "go", args: ["build", "-o", program, file] }, {});
  if (built.code !== 0) throw new Error(built.errors);
  return { command: { program, args: [] }, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs a program until it ends. */
export async function runToEnd(
  command: Command,
  variables: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Ended> {
  const child = start(command, variables, args);
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, output: output(), errors: errors() };
}

/** Starts a receiver on a free port; throws with its errors when it ends before it listens. */
export async function startListening(command: Command, secret: string): Promise<Listening> {
  const child = start(command, { SECRET: secret, PORT: "0" }, []);
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", () => {
      const found = /^Listening on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(output())?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("error", reject);
    child.once("close", () => reject(new Error(`it does not listen: ${output()}${errors()}`)));
  });
  return {
    url,
    async stop() {
      await endChild(child, "SIGTERM");
      // Only when the pipes are closed too has everything that it printed been read.
      await closed;
      return output().trimEnd().split("\n").slice(1);
    },
  };
}

function start(command: Command, variables: Readonly<Record<string, string>>, args: readonly string[]): ChildProcess {
  return spawn(command.program, [...command.args, ...args], {
    env: environment(variables),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function collect(stream: ChildProcess["stdout"]): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
