import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { addCommand, numberOf, optionOf } from "./command.ts";
import { type Column, printRecord, printRows, textOf } from "./print.ts";
import { sinceOf } from "./since.ts";

/** What lists and tails of receipts show. */
export const RECEIPT_COLUMNS: readonly Column[] = [
  ["received", "received_at"],
  ["platform", "platform"],
  ["status", "status"],
  ["verified by", "verified_by"],
  ["bytes", "body_bytes"],
  ["id", "id"],
  ["reason", "reason"],
];

/** `overwatch receipt …` */
export function addReceiptCommands(program: Command, environment: CliEnvironment): void {
  const parent = program.command("receipt").description("look at what came in, and process it again");
  addCommand(parent, environment, {
    usage: "list",
    about: "list receipts, newest first",
    options: [
      new Option("--status <status>", "queued, processed, ignored, quarantined or duplicate"),
      new Option("--integration <id>", "of this integration only"),
      new Option("--since <time>", "received since; RFC 3339 or a span such as 24h"),
      new Option("--limit <n>", "how many at most").default("50"),
    ],
    examples: [["overwatch receipt list --status quarantined", "what was not understood"]],
    run: async (cli, _args, options) => {
      const query = {
        status: optionOf(options, "status"),
        integration_id: optionOf(options, "integration"),
        since: sinceOf(options, cli.now()),
      };
      const rows = await cli.api().list("/receipts", query, numberOf(options, "limit", 1, 10_000) ?? 50);
      printRows(cli.terminal, cli.isJson, rows, RECEIPT_COLUMNS);
    },
  });
  addCommand(parent, environment, {
    usage: "get <receipt>",
    about: "show a receipt with its body and the trace of its decisions",
    run: async (cli, [id = ""]) => {
      const receipt = await cli.api().get(`/receipts/${encodeURIComponent(id)}`);
      if (cli.isJson) return printRecord(cli.terminal, true, receipt);
      const { body_base64: _bytes, body, trace, ...rest } = receipt;
      printRecord(cli.terminal, false, { ...rest, body: textOf(body ?? null), trace: trace ?? null });
    },
  });
  addCommand(parent, environment, {
    usage: "replay <receipt>",
    about: "process a receipt again through the present configuration",
    options: [new Option("--dry-run", "only say what it would do")],
    run: async (cli, [id = ""], options) => {
      const path = `/receipts/${encodeURIComponent(id)}/replay`;
      const replayed = await cli.api().send("POST", path, options.dryRun === true ? { dry_run: true } : {});
      printRecord(cli.terminal, cli.isJson, replayed);
    },
  });
}
