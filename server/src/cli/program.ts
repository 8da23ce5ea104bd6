import { Command } from "commander";
import type { CliEnvironment } from "../config.ts";
import { addCompletionCommand } from "./completion.ts";
import { addDeliveryCommands } from "./delivery.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addEndpointCommands } from "./endpoint.ts";
import { EXIT } from "./exit.ts";
import { addIncidentCommands } from "./incident.ts";
import { addKeyCommands } from "./key.ts";
import { addListenCommand } from "./listen.ts";
import { addLoginCommands } from "./login.ts";
import { addReceiptCommands } from "./receipt.ts";
import { addTailCommand } from "./tail.ts";
import { addTriggerCommand } from "./trigger.ts";
import { addVerifyCommands } from "./verify.ts";

/** Adds the commands that talk to a server, or to nobody. */
export function addClientCommands(program: Command, environment: CliEnvironment): void {
  addListenCommand(program, environment);
  addTriggerCommand(program, environment);
  addTailCommand(program, environment);
  addIncidentCommands(program, environment);
  addReceiptCommands(program, environment);
  addDeliveryCommands(program, environment);
  addEndpointCommands(program, environment);
  addKeyCommands(program, environment);
  addLoginCommands(program, environment);
  addVerifyCommands(program, environment);
  addDoctorCommand(program, environment);
  addCompletionCommand(program, environment);
  endWithUsageCode(program);
}

/** A mistake in the command line ends with the code for that; help and version end well. */
function endWithUsageCode(command: Command): void {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));
  command.showHelpAfterError("(--help shows how it is used)");
  for (const child of command.commands) endWithUsageCode(child);
}

/** A program with the client's commands alone, to look at. */
export function describeClient(environment: CliEnvironment): Command {
  const program = new Command("overwatch");
  addClientCommands(program, environment);
  return program;
}
