import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { PLATFORM_NAMES } from "../platforms/platform.ts";
import { addCommand } from "./command.ts";

const platformOption = () =>
  new Option(
    "--platform <platform>",
    "whose scheme; without it that of Standard Webhooks, by which Overwatch signs",
  ).choices(PLATFORM_NAMES);
const secretOptions = () => [
  new Option("--secret <secret>", "the secret; others on this machine can see it in the list of processes"),
  new Option("--secret-file <path>", "a file that holds the secret"),
];

/** `overwatch verify` and `overwatch sign`; both work without a server. */
export function addVerifyCommands(program: Command, environment: CliEnvironment): void {
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  addCommand(program, environment, {
    usage: "verify",
    about: "check the signature of the body on standard input, and explain; works offline",
    options: [
      platformOption(),
      ...secretOptions(),
      new Option("--header <name: value>", "a header as it came; may be repeated").argParser(collect).default([]),
      new Option("--ignore-time", "accept an old signature"),
    ],
    examples: [
      [
        "overwatch verify --platform datadog --secret-file s.txt --header 'X-Datadog-Signature: sha256=…' < body.json",
        "why is it a 401?",
      ],
    ],
    run: async (...given) => (await import("./run-verify.ts")).verify(...given),
  });
  addCommand(program, environment, {
    usage: "sign",
    about: "sign the body on standard input and write the headers; works offline",
    options: [platformOption(), ...secretOptions(), new Option("--id <id>", "the webhook-id; made when not given")],
    run: async (...given) => (await import("./run-verify.ts")).sign(...given),
  });
}
