import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { isObject } from "../core/json.ts";
import { addCommand, numberOf, optionOf } from "./command.ts";
import { type Column, printRecord, printRows } from "./print.ts";
import { sinceOf } from "./since.ts";

/** What lists and tails of deliveries show. */
export const DELIVERY_COLUMNS: readonly Column[] = [
  ["created", "created_at"],
  ["event", "event_type"],
  ["status", "status"],
  ["attempts", "attempt_count"],
  ["next", "next_attempt_at"],
  ["id", "id"],
  ["error", (row) => (isObject(row.last_error ?? null) ? JSON.stringify(row.last_error) : "-")],
];

/** `overwatch delivery …` */
export function addDeliveryCommands(program: Command, environment: CliEnvironment): void {
  const parent = program.command("delivery").description("look at what goes out, and send it again");
  addCommand(parent, environment, {
    usage: "list",
    about: "list deliveries, newest first",
    options: [
      new Option("--status <status>", "pending, in_flight, succeeded, parked, exhausted or cancelled"),
      new Option("--endpoint <id>", "to this endpoint only"),
      new Option("--incident <id>", "of this incident only"),
      new Option("--since <time>", "made since; RFC 3339 or a span such as 24h"),
      new Option("--limit <n>", "how many at most").default("50"),
    ],
    examples: [["overwatch delivery list --status exhausted --since 24h", "what was exhausted since yesterday"]],
    run: async (cli, _args, options) => {
      const query = {
        status: optionOf(options, "status"),
        endpoint_id: optionOf(options, "endpoint"),
        incident_id: optionOf(options, "incident"),
        since: sinceOf(options, cli.now()),
      };
      const rows = await cli.api().list("/deliveries", query, numberOf(options, "limit", 1, 10_000) ?? 50);
      printRows(cli.terminal, cli.isJson, rows, DELIVERY_COLUMNS);
    },
  });
  addCommand(parent, environment, {
    usage: "get <delivery>",
    about: "show a delivery with its attempts",
    run: async (cli, [id = ""]) =>
      printRecord(cli.terminal, cli.isJson, await cli.api().get(`/deliveries/${encodeURIComponent(id)}`)),
  });
  addCommand(parent, environment, {
    usage: "retry <delivery>",
    about: "send a delivery again now, with its retry policy begun anew",
    run: async (cli, [id = ""]) => {
      const delivery = await cli.api().send("POST", `/deliveries/${encodeURIComponent(id)}/retry`, {});
      if (cli.isJson) return printRecord(cli.terminal, true, delivery);
      cli.terminal.say(`delivery ${id} is ${String(delivery.status)}`);
    },
  });
}
