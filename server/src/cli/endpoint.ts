import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { ApiClient } from "./api-client.ts";
import { addCommand, numberOf, optionOf } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Column, printRecord, printRows, textOf } from "./print.ts";
import { sinceOf } from "./since.ts";

const MOST_ENDPOINTS = 2_000;

const COLUMNS: readonly Column[] = [
  ["name", "name"],
  ["circuit", (row) => (isObject(row.circuit ?? null) ? String((row.circuit as JsonObject).state) : "-")],
  ["enabled", "enabled"],
  ["events", (row) => (Array.isArray(row.events) ? row.events.join(" ") : "-")],
  ["proxy", (row) => textOf(row.proxy ?? null)],
  ["id", "id"],
  ["url", "url"],
];

/** `overwatch endpoint …` */
export function addEndpointCommands(program: Command, environment: CliEnvironment): void {
  const parent = program.command("endpoint").description("look at endpoints, and send what failed");
  addCommand(parent, environment, {
    usage: "list",
    about: "list endpoints with their circuits",
    run: async (cli) =>
      printRows(cli.terminal, cli.isJson, await cli.api().list("/endpoints", {}, MOST_ENDPOINTS), COLUMNS),
  });
  addCommand(parent, environment, {
    usage: "recover <endpoint>",
    about: "send again the exhausted deliveries of an endpoint, named by its name or id",
    options: [
      new Option("--since <time>", "exhausted since; RFC 3339 or a span such as 24h").default("24h"),
      new Option("--per-second <n>", "at this pace"),
      new Option("--fresh", "as new deliveries with webhook-ids of their own"),
      new Option("--dry-run", "only count it"),
    ],
    examples: [["overwatch endpoint recover tickets --since 6h --dry-run", "how many failed in the last six hours"]],
    run: async (cli, [name = ""], options) => {
      const endpoint = await findEndpointByName(cli.api(), name);
      const perSecond = optionOf(options, "perSecond") === null ? null : numberOf(options, "perSecond", 0.1, 1_000);
      const result = await cli.api().send("POST", `/endpoints/${String(endpoint.id)}/recover`, {
        since: sinceOf(options, cli.now()) ?? "",
        ...(perSecond === null ? {} : { per_second: perSecond }),
        ...(options.fresh === true ? { ids: "fresh" } : {}),
        ...(options.dryRun === true ? { dry_run: true } : {}),
      });
      printRecord(cli.terminal, cli.isJson, result);
    },
  });
}

/** The endpoint of that id or name; a name that two endpoints have is refused. */
export async function findEndpointByName(api: ApiClient, name: string): Promise<JsonObject> {
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(name)) return api.get(`/endpoints/${name}`);
  const endpoints = await api.list("/endpoints", {}, MOST_ENDPOINTS);
  const found = endpoints.filter((endpoint) => endpoint.name === name);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  if (found.length > 1) throw new CliError(EXIT.usage, `${found.length} endpoints are called "${name}"; give the id`);
  throw new CliError(EXIT.notFound, `no endpoint is called "${name}"`, "overwatch endpoint list");
}
