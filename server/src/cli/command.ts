import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { type Connection, findConnection } from "./connection.ts";
import { CliError, EXIT } from "./exit.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/** What a command works with. */
export type Cli = {
  readonly environment: CliEnvironment;
  readonly terminal: Terminal;
  /** Whether data is wanted as JSON, one object a line. */
  readonly isJson: boolean;
  /** Where the server is; looked up when it is asked for, so that offline commands need none. */
  connection(): Connection;
  api(): ApiClient;
  now(): number;
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Ends when the process is told to stop. */
  readonly stopped: AbortSignal;
};

/** The values of a command's options, as commander names them. */
export type Options = Readonly<Record<string, unknown>>;

/** What a command does. */
export type Run = (cli: Cli, args: readonly string[], options: Options) => Promise<void>;

/** Adds a command with the options that all commands share. */
export function addCommand(
  parent: Command,
  environment: CliEnvironment,
  spec: {
    /** Name and arguments, such as `get <incident>`. */
    readonly usage: string;
    readonly about: string;
    readonly options?: readonly Option[];
    /** Command lines that show its use, each with what it does. */
    readonly examples?: readonly (readonly [line: string, does: string])[];
    readonly run: Run;
  },
): Command {
  const command = parent.command(spec.usage).description(spec.about);
  for (const option of [...(spec.options ?? []), ...sharedOptions()]) command.addOption(option);
  if (spec.examples !== undefined) {
    const lines = spec.examples.map(([line, does]) => `  $ ${line}\n      ${does}`);
    command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  }
  return command.action(async (...given: unknown[]) => {
    const args = command.processedArgs.flat().filter((value): value is string => typeof value === "string");
    void given;
    await runCommand(environment, spec.run, args, command.opts<Options>());
  });
}

/** Options that every command has. */
export function sharedOptions(): readonly Option[] {
  return [
    new Option("--json", "data as JSON, one object a line"),
    new Option("-q, --quiet", "no words beside the data"),
    new Option("--no-color", "no colours, as NO_COLOR in the environment"),
    new Option("--url <url>", "the server, before OVERWATCH_URL and what login kept"),
    new Option("--key-file <path>", "a file with the API key, before OVERWATCH_API_KEY and what login kept"),
  ];
}

/** The text of an option, or null when it was not given. */
export function optionOf(options: Options, name: string): string | null {
  const value = options[name];
  return typeof value === "string" ? value : null;
}

/** A whole number of an option within bounds. */
export function numberOf(options: Options, name: string, least: number, most: number): number | null {
  const text = optionOf(options, name);
  if (text === null) return null;
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= least && value <= most) return value;
  throw new CliError(EXIT.usage, `--${name} must be a number from ${least} to ${most}, not "${text}"`);
}

async function runCommand(
  environment: CliEnvironment,
  run: Run,
  args: readonly string[],
  options: Options,
): Promise<void> {
  const terminal = createTerminal({
    isQuiet: options.quiet === true,
    isColorWanted: options.color !== false && environment.isColorWanted,
  });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, onSignal);
  const connection = (): Connection =>
    findConnection(environment, {
      ...(typeof options.url === "string" ? { url: options.url } : {}),
      ...(typeof options.keyFile === "string" ? { keyFile: options.keyFile } : {}),
    });
  try {
    await run(
      {
        environment,
        terminal,
        isJson: options.json === true,
        connection,
        api: () => createApiClient(connection()),
        now: Date.now,
        wait,
        stopped: stop.signal,
      },
      args,
      options,
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    process.stderr.write(`overwatch: ${error.message}\n${error.hint === null ? "" : `  try: ${error.hint}\n`}`);
    process.exitCode = error.exitCode;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, onSignal);
  }
}

/** Resolves after so long, or at once when the signal says so. */
function wait(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}
