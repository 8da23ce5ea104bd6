/** How a command ends, told to whoever called it. */
export const EXIT = { ok: 0, failed: 1, usage: 2, auth: 3, notFound: 4, unavailable: 5 } as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence for people, an exit code for scripts, and what to do next where that is known. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  readonly hint: string | null;

  constructor(exitCode: ExitCode, message: string, hint: string | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}
