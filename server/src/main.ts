#!/usr/bin/env node
import { Command } from "commander";
import { runMigrate } from "./cli/migrate.ts";
import { rotateKey } from "./cli/rotate-key.ts";
import { writeSchema } from "./cli/schema.ts";
import { serve } from "./cli/serve.ts";
import { printSetupLink } from "./cli/setup-link.ts";
import { readCliEnvironment } from "./config.ts";
import { VERSION } from "./core/version.ts";

// A server starts without loading what only clients need.
const isServer = process.argv.length === 2 || /^(serve$|--ready-file)/.test(process.argv[2] ?? "");
const program = new Command("overwatch")
  .description("Verified webhooks in, incidents, signed webhooks out")
  .version(VERSION, "-V, --version", "write the version of this program")
  .showSuggestionAfterError();

program
  .command("serve", { isDefault: isServer })
  .description("run a node; settings come from the environment, see docs/configuration.md")
  .option("--ready-file <path>", "write {port, pid, url} to this file once the node is ready")
  .action(serve);

program
  .command("migrate")
  .description("bring the database to this version's schema")
  .option("--dry-run", "only list what is pending")
  .action(runMigrate);

program
  .command("setup-link")
  .description("print a link that works once: for the first administrator, or for one who is locked out")
  .option("--email <address>", "make this person an administrator who can set a new password")
  .action(printSetupLink);

program
  .command("rotate-key")
  .description(
    "seal every secret with OVERWATCH_SECRET_KEY that OVERWATCH_SECRET_KEY_OTHER sealed; can be interrupted and repeated",
  )
  .action(rotateKey);

program
  .command("schema")
  .description("write the schema that the migrations make to server/schema.sql (for developers)")
  .action(writeSchema);

if (!isServer) (await import("./cli/program.ts")).addClientCommands(program, readCliEnvironment());
await program.parseAsync();
