import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { addCommand, optionOf } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Column, printRecord, printRows } from "./print.ts";

const SPAN_DAYS = /^(\d{1,4})d$/;

const COLUMNS: readonly Column[] = [
  ["name", "name"],
  ["role", "role"],
  ["key", "key_hint"],
  ["created", "created_at"],
  ["last used", "last_used_at"],
  ["expires", "expires_at"],
  ["revoked", "revoked_at"],
  ["id", "id"],
];

/** `overwatch key …` */
export function addKeyCommands(program: Command, environment: CliEnvironment): void {
  const parent = program.command("key").description("make and revoke API keys");
  addCommand(parent, environment, {
    usage: "create <name>",
    about: "make an API key; it is written to standard output this once",
    options: [
      new Option("--role <role>", "what it may do").choices(["admin", "responder", "viewer"]).default("viewer"),
      new Option("--expires <days>", "after so many days, such as 90d"),
    ],
    examples: [["overwatch key create ci --role responder > ci.key", "a key in a file"]],
    run: async (cli, [name = ""], options) => {
      const expires = optionOf(options, "expires");
      const days = expires === null ? null : Number(SPAN_DAYS.exec(expires)?.[1] ?? Number.NaN);
      if (Number.isNaN(days)) throw new CliError(EXIT.usage, `--expires must be days such as 90d, not "${expires}"`);
      const expiresAt = days === null ? {} : { expires_at: new Date(cli.now() + days * 86_400_000).toISOString() };
      const key = await cli.api().send("POST", "/api-keys", { name, role: String(options.role), ...expiresAt });
      if (cli.isJson) return printRecord(cli.terminal, true, key);
      cli.terminal.say(`made ${String(key.role)} key ${String(key.id)}; it is shown this once:`);
      cli.terminal.out(String(key.key));
    },
  });
  addCommand(parent, environment, {
    usage: "list",
    about: "list API keys",
    run: async (cli) => printRows(cli.terminal, cli.isJson, await cli.api().list("/api-keys", {}, 1_000), COLUMNS),
  });
  addCommand(parent, environment, {
    usage: "revoke <key>",
    about: "revoke an API key by its id; it stops working at once",
    run: async (cli, [id = ""]) => {
      const revoked = await cli.api().send("DELETE", `/api-keys/${encodeURIComponent(id)}`);
      if (cli.isJson) printRecord(cli.terminal, true, revoked);
      cli.terminal.say(`key ${id} is revoked`);
    },
  });
}
