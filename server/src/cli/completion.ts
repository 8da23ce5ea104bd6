import { Argument, type Command } from "commander";
import type { CliEnvironment } from "../config.ts";
import { addCommand } from "./command.ts";

/** `overwatch completion` */
export function addCompletionCommand(program: Command, environment: CliEnvironment): void {
  const command = addCommand(program, environment, {
    usage: "completion",
    about: "write a completion script for a shell",
    examples: [["source <(overwatch completion bash)", "for this shell; put it into ~/.bashrc for all"]],
    run: async (cli, [shell = ""]) => {
      const lines = SCRIPTS[shell]?.(listWords(program)) ?? [];
      for (const line of lines) cli.terminal.out(line);
    },
  });
  command.addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]));
}

/** What may follow a command line: its words so far, then subcommands, choices of arguments and long options. */
type Words = readonly (readonly [path: string, next: readonly string[]])[];

/** The words of a program and of every command below it. */
export function listWords(command: Command, path = ""): Words {
  const next = [
    ...command.commands.map((child) => child.name()),
    ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    ...command.options.flatMap((option) => (option.long == null ? [] : [option.long])),
  ];
  const below = command.commands.flatMap((child) => listWords(child, `${path} ${child.name()}`.trim()));
  return [[path, next], ...below];
}

const SCRIPTS: Readonly<Record<string, (words: Words) => readonly string[]>> = {
  bash: (words) => [
    "_overwatch() {",
    '  local path="" word next=""',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || path="$path${path:+ }$word"; done',
    '  case "$path" in',
    ...words.map(([path, next]) => `    "${path}") next="${next.join(" ")}" ;;`),
    "  esac",
    '  COMPREPLY=($(compgen -W "$next" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -o default -F _overwatch overwatch",
  ],
  zsh: (words) => [
    "#compdef overwatch",
    "_overwatch() {",
    '  local spot="" word',
    '  for word in "${(@)words[2,CURRENT-1]}"; do [[ $word == -* ]] || spot="$spot${spot:+ }$word"; done',
    '  case "$spot" in',
    ...words.map(([path, next]) => `    "${path}") compadd -- ${next.join(" ")} ;;`),
    "  esac",
    "}",
    "compdef _overwatch overwatch",
  ],
  fish: (words) => [
    "complete -c overwatch -e",
    ...words.flatMap(([path, next]) => {
      const isHere = path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1)}`;
      return next.map((word) =>
        word.startsWith("--")
          ? `complete -c overwatch -n '${isHere}' -l ${word.slice(2)}`
          : `complete -c overwatch -f -n '${isHere}' -a ${word}`,
      );
    }),
  ],
};
