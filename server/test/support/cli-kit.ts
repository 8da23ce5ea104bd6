import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ended } from "./example-program.ts";
import { CACHE, endChild, PROGRAM } from "./node-process.ts";

/** The command line as a user has it: a home of its own, the real program, no terminal. */
export type CliKit = {
  /** The folder that stands for the user's home. */
  readonly home: string;
  /** Runs a command to its end. */
  run(args: readonly string[], options?: CliOptions): Promise<Ended>;
  /** The objects that a command writes as JSON; fails the test when it ends badly. */
  rows(args: readonly string[], options?: CliOptions): Promise<readonly Record<string, unknown>[]>;
  /** Starts a command that goes on until it is stopped. */
  start(args: readonly string[], options?: CliOptions): RunningCommand;
  close(): void;
};

/** What a command gets besides its arguments. */
export type CliOptions = {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** True gives it a terminal, which tells its settings after the command has ended; needs `script`. */
  readonly inTerminal?: boolean;
};

/** A command that goes on. */
export type RunningCommand = {
  /** Resolves with what it has written to standard output once that fits; to standard error with `errors`. */
  waitFor(fits: (written: string) => boolean, stream?: "output" | "errors"): Promise<string>;
  /** Resolves with the text of a file once it is there. */
  waitForFile(path: string): Promise<string>;
  /** Ends it as Ctrl+C does. */
  stop(): Promise<Ended>;
  /** What a person types. */
  type(text: string): void;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<Ended>;
};

const POLL_MS = 10;

/** A kit; `env` is what all commands see. */
export function createCliKit(env: Readonly<Record<string, string>>): CliKit {
  const home = mkdtempSync(join(tmpdir(), "overwatch-cli-"));
  const open = (args: readonly string[], options: CliOptions) => {
    const [command, given] = options.inTerminal === true ? inTerminal(args) : [process.execPath, [...PROGRAM, ...args]];
    const child = spawn(command, given, {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH ?? "",
        ...CACHE,
        HOME: home,
        OVERWATCH_DATA_DIR: join(home, "no-data"),
        ...env,
        ...options.env,
      },
    });
    const written = { output: "", errors: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      written.output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      written.errors += chunk.toString();
    });
    // A command that does not read its input may end before it gets it.
    child.stdin.on("error", () => undefined);
    if (options.inTerminal !== true) child.stdin.end(options.input ?? "");
    const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...written })));
    return { child, written, ended };
  };
  const run = (args: readonly string[], options: CliOptions = {}): Promise<Ended> => open(args, options).ended;
  return {
    home,
    run,
    async rows(args, options) {
      const { code, output, errors } = await run([...args, "--json"], options);
      if (code !== 0) throw new Error(`${args.join(" ")}: ${code} ${errors}`);
      return output
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    start(args, options = {}) {
      const { child, written, ended } = open(args, options);
      const until = async <T>(look: () => T | null): Promise<T> => {
        for (;;) {
          const found = look();
          if (found !== null) return found;
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${written.errors}`);
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
      };
      return {
        waitFor: (fits, stream = "output") => until(() => (fits(written[stream]) ? written[stream] : null)),
        waitForFile: (path) => until(() => (existsSync(path) ? readFileSync(path, "utf8") || null : null)),
        async stop() {
          await endChild(child, "SIGINT");
          return ended;
        },
        type: (text) => void child.stdin.write(text),
        ended,
      };
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** A command line in a terminal of 90 columns and 12 rows. */
function inTerminal(args: readonly string[]): [string, readonly string[]] {
  const quoted = [process.execPath, ...PROGRAM, ...args].map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(" ");
  return ["script", ["-qfec", `stty rows 12 cols 90; ${quoted}; code=$?; stty -a; exit $code`, "/dev/null"]];
}
