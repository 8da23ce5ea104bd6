import { type Command, Option } from "commander";
import type { CliEnvironment } from "../config.ts";
import { addCommand } from "./command.ts";

/** `overwatch listen` */
export function addListenCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, environment, {
    usage: "listen",
    about: "follow events live and, when told where, forward each to a program as a signed webhook",
    options: [
      new Option("--forward-to <url>", "send each event there; without it they are only shown"),
      new Option("--endpoint <name>", "only what this endpoint hears, with its template and methods"),
      new Option("--events <types>", "event types and wildcards, separated by commas").default("*"),
      new Option("--filter <cel>", "only events that a CEL expression holds for"),
      new Option("--plain", "a line for each event, also in a terminal"),
      new Option("--print-secret", "write the signing secret to standard output and end"),
      new Option("--ready-file <path>", "write {pid, url, forward_to, secret_file} there once events flow"),
    ],
    examples: [
      ["overwatch listen --forward-to http://localhost:3000/webhooks", "everything, to a program under development"],
      ["export WEBHOOK_SECRET=$(overwatch listen --print-secret)", "the secret for that program, the same every time"],
      [
        `overwatch listen --events 'incident.*' --filter "incident.severity == 'critical'" --json`,
        "for another program",
      ],
    ],
    run: async (...given) => (await import("./run-listen.ts")).listen(...given),
  });
}
