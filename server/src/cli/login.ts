import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { createApiClient } from "./api-client.ts";
import { addCommand, type Cli, type Options } from "./command.ts";
import { loginPath, removeLogin, writeLogin } from "./connection.ts";
import { CliError, EXIT } from "./exit.ts";
import { printRecord } from "./print.ts";

/** `overwatch login`, `logout` and `whoami`. */
export function addLoginCommands(program: Command, environment: CliEnvironment): void {
  addCommand(program, environment, {
    usage: "login",
    about: "keep a server and an API key for later commands, in a file that only you can read",
    options: [new Option("--with-token", "read the key from standard input instead of asking")],
    examples: [["overwatch login --url https://overwatch.example --with-token < key.txt", "without a question"]],
    run: login,
  });
  addCommand(program, environment, {
    usage: "logout",
    about: "forget what login has kept",
    run: async (cli) => {
      const was = removeLogin(cli.environment);
      cli.terminal.say(was ? `removed ${loginPath(cli.environment)}` : "nobody was logged in");
    },
  });
  addCommand(program, environment, {
    usage: "whoami",
    about: "say which server and key are used, and what the key may do",
    run: async (cli) => {
      const { url, urlFrom, keyFrom } = cli.connection();
      const organization = await cli.api().get("/organization");
      const caller = isObject(organization.caller ?? null) ? (organization.caller as JsonObject) : {};
      printRecord(cli.terminal, cli.isJson, {
        server: url,
        server_from: urlFrom,
        key: caller.name ?? null,
        key_from: keyFrom,
        role: caller.role ?? null,
        organization: organization.name ?? null,
        organization_id: organization.id ?? null,
      });
    },
  });
}

async function login(cli: Cli, _args: readonly string[], options: Options): Promise<void> {
  const connection = cli.connection();
  const apiKey = await readKey(cli, options.withToken === true);
  const organization = await createApiClient({ ...connection, apiKey }).get("/organization");
  writeLogin(cli.environment, { url: connection.url, apiKey });
  cli.terminal.say(`logged in to ${String(organization.name)} at ${connection.url}`);
  cli.terminal.say(`the key is in ${loginPath(cli.environment)}; overwatch logout removes it`);
}

async function readKey(cli: Cli, isGiven: boolean): Promise<string> {
  if (!isGiven && !cli.terminal.isInteractive) {
    throw new CliError(EXIT.usage, "there is no terminal to ask in", "overwatch login --with-token < key.txt");
  }
  const key = isGiven ? (await cli.terminal.readInput()).toString("utf8").trim() : await ask("API key: ");
  if (key === "" || /\s/.test(key)) throw new CliError(EXIT.usage, "that is no API key");
  return key;
}

/** Asks without showing what is typed. */
function ask(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve) => {
    lines.once("line", (line) => resolve(line.trim()));
    lines.once("close", () => {
      process.stderr.write("\n");
      resolve("");
    });
  }).then((key) => {
    lines.close();
    return String(key);
  });
}
