import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import type { JsonObject } from "../core/json.ts";
import { type ApiClient, rowsOf } from "./api-client.ts";
import { addCommand, type Cli, numberOf, type Options, optionOf } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Column, printRecord, printRows } from "./print.ts";
import { sinceOf } from "./since.ts";

const COLUMNS: readonly Column[] = [
  ["number", "number"],
  ["severity", "severity"],
  ["status", "status"],
  ["alerts", (row) => `${String(row.firing_count)}/${String(row.alert_count)}`],
  ["assignee", "assignee"],
  ["updated", "updated_at"],
  ["title", "title"],
];

/** `overwatch incident …` */
export function addIncidentCommands(program: Command, environment: CliEnvironment): void {
  const parent = program.command("incident").description("look at incidents and act on them");
  addCommand(parent, environment, {
    usage: "list",
    about: "list incidents, newest first",
    options: [
      new Option("--status <status>", "open, acknowledged or resolved"),
      new Option("--severity <severity>", "critical, high, medium, low or info"),
      new Option("--since <time>", "opened since; RFC 3339 or a span such as 24h"),
      new Option("--search <text>", "a number, or text in the title"),
      new Option("--limit <n>", "how many at most").default("50"),
    ],
    examples: [["overwatch incident list --status open --severity critical", "what needs somebody now"]],
    run: list,
  });
  addCommand(parent, environment, {
    usage: "get <incident>",
    about: "show an incident by its number or id",
    run: async (cli, [name = ""]) => printRecord(cli.terminal, cli.isJson, await find(cli.api(), name)),
  });
  addCommand(parent, environment, { usage: "ack <incident>", about: "acknowledge it", run: act("acknowledge") });
  addCommand(parent, environment, { usage: "resolve <incident>", about: "resolve it", run: act("resolve") });
  addCommand(parent, environment, {
    usage: "merge <incident> <into>",
    about: "make its alerts those of another incident",
    examples: [["overwatch incident merge 17 12", "17 is resolved and points at 12"]],
    run: async (cli, [name = "", into = ""]) => {
      const target = await find(cli.api(), into);
      await post(cli, name, "merge", { into_id: String(target.id) }, () => `is part of ${String(target.number)}`);
    },
  });
  addCommand(parent, environment, {
    usage: "unmerge <incident>",
    about: "take a merge back: the incident that was merged away gets its alerts again",
    examples: [["overwatch incident unmerge 17", "what was merged into another stands for itself"]],
    run: act("unmerge"),
  });
  addCommand(parent, environment, {
    usage: "note <incident> <text...>",
    about: "add a note",
    run: async (cli, [name = "", ...words]) => {
      await post(cli, name, "notes", { text: words.join(" ") }, () => "has a new note");
    },
  });
}

async function list(cli: Cli, _args: readonly string[], options: Options): Promise<void> {
  const query = {
    status: optionOf(options, "status"),
    severity: optionOf(options, "severity"),
    since: sinceOf(options, cli.now()),
    q: optionOf(options, "search"),
  };
  const rows = await cli.api().list("/incidents", query, numberOf(options, "limit", 1, 10_000) ?? 50);
  printRows(cli.terminal, cli.isJson, rows, COLUMNS);
}

function act(action: "acknowledge" | "resolve" | "unmerge") {
  return async (cli: Cli, [name = ""]: readonly string[]): Promise<void> =>
    post(cli, name, action, {}, ({ status }) => `is ${String(status)}`);
}

/** Acts on an incident, then prints it or says what has become of it. */
async function post(
  cli: Cli,
  name: string,
  action: string,
  body: JsonObject,
  say: (changed: JsonObject) => string,
): Promise<void> {
  const incident = await find(cli.api(), name);
  const changed = await cli.api().send("POST", `/incidents/${String(incident.id)}/${action}`, body);
  if (cli.isJson) printRecord(cli.terminal, true, changed);
  else cli.terminal.say(`incident ${String(changed.number)} ${say(changed)}`);
}

/** An incident by its id, or by its number with or without `#`. */
async function find(api: ApiClient, name: string): Promise<JsonObject> {
  const number = /^#?(\d{1,15})$/.exec(name)?.[1];
  if (number === undefined) return api.get(`/incidents/${encodeURIComponent(name)}`);
  const found = rowsOf(await api.get("/incidents", { q: number, limit: 200 }));
  const incident = found.find((row) => row.number === Number(number));
  if (incident === undefined) throw new CliError(EXIT.notFound, `there is no incident ${number}`);
  return incident;
}
