import { Argument, type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { SEVERITIES } from "../core/severity.ts";
import { PLATFORM_NAMES } from "../platforms/platform.ts";
import { addCommand } from "./command.ts";

/** `overwatch trigger` */
export function addTriggerCommand(program: Command, environment: CliEnvironment): void {
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  const command = addCommand(program, environment, {
    usage: "trigger",
    about: "send a correctly signed sample alert of a platform through the real path",
    options: [
      new Option("--integration <name>", "the integration, by name or id; needless where the platform has one only"),
      new Option("--severity <severity>", "what the alert says of itself").choices(SEVERITIES),
      new Option("--set <path=value>", "put a value into the payload; may be repeated").argParser(collect).default([]),
      new Option("--id <text>", "the condition: the same id speaks of the same alert; a new one each time without it"),
      new Option("--resolve", "say that the condition is over; wants --id"),
      new Option("--count <n>", "so many, each of its own condition unless --id says which").default("1"),
      new Option("--rate <n>", "so many a second").default("10"),
      new Option("--secret-file <path>", "sign here with this secret instead of asking the server to"),
    ],
    examples: [
      ["overwatch trigger prometheus --severity critical --set alerts.0.labels.host=db-1", "one alert"],
      ["overwatch trigger custom --id disk-1; overwatch trigger custom --id disk-1 --resolve", "an alert and its end"],
    ],
    run: async (...given) => (await import("./run-trigger.ts")).trigger(...given),
  });
  command.addArgument(new Argument("<platform>", "the monitoring product").choices(PLATFORM_NAMES));
}
