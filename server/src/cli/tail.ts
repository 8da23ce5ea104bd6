import { Argument, type Command } from "commander";
import type { CliEnvironment } from "../config.ts";
import type { JsonObject } from "../core/json.ts";
import { addCommand, type Cli } from "./command.ts";
import { DELIVERY_COLUMNS } from "./delivery.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Column, textOf } from "./print.ts";
import { RECEIPT_COLUMNS } from "./receipt.ts";
import { plain } from "./terminal.ts";

const INCIDENT_COLUMNS: readonly Column[] = [
  ["updated", "updated_at"],
  ["number", (row) => `#${String(row.number)}`],
  ["severity", "severity"],
  ["status", "status"],
  ["title", "title"],
];

const LISTS: Readonly<Record<string, readonly Column[]>> = {
  receipts: RECEIPT_COLUMNS,
  deliveries: DELIVERY_COLUMNS,
  incidents: INCIDENT_COLUMNS,
};

const EVERY_MS = 1_000;
const LOOKED_AT = 200;

/** `overwatch tail` */
export function addTailCommand(program: Command, environment: CliEnvironment): void {
  const command = addCommand(program, environment, {
    usage: "tail",
    about: "follow what comes in, goes out or changes, a line for each new state, until Ctrl+C",
    examples: [["overwatch tail receipts --json | jq -c '{platform, status, reason}'", "live, for another program"]],
    run: async (cli, [what = ""]) => follow(cli, what),
  });
  command.addArgument(new Argument("<what>", "what to follow").choices(Object.keys(LISTS)));
}

/**
 * Looks at the newest rows once a second and tells those that are new or have changed: the newest 200 of a second are
 * told, which is what a person can read.
 */
async function follow(cli: Cli, what: string): Promise<void> {
  const columns = LISTS[what] ?? [];
  const api = cli.api();
  const told = new Map<string, string>();
  const look = async (): Promise<readonly JsonObject[]> => {
    const query = what === "incidents" ? { limit: LOOKED_AT, sort: "updated" } : { limit: LOOKED_AT };
    const rows = await api.list(`/${what}`, query, LOOKED_AT);
    return [...rows].reverse().filter((row) => {
      const [id, state] = [String(row.id), JSON.stringify(row)];
      if (told.get(id) === state) return false;
      told.delete(id);
      told.set(id, state);
      if (told.size > 4 * LOOKED_AT) told.delete(told.keys().next().value ?? "");
      return true;
    });
  };
  await look();
  cli.terminal.say(`following ${what} of ${api.url}; Ctrl+C stops`);
  while (!cli.stopped.aborted) {
    await cli.wait(EVERY_MS, cli.stopped);
    try {
      for (const row of await look()) cli.terminal.out(cli.isJson ? JSON.stringify(row) : lineOf(row, columns));
    } catch (error) {
      // A server that restarts is waited for; a key that no longer holds is not.
      if (!(error instanceof CliError) || error.exitCode !== EXIT.unavailable) throw error;
      cli.terminal.say(`${error.message}; trying again`);
    }
  }
}

function lineOf(row: JsonObject, columns: readonly Column[]): string {
  return columns
    .map(([, value]) => plain(typeof value === "string" ? textOf(row[value] ?? null) : value(row)))
    .join("  ");
}
