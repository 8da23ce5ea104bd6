/** What a command reads and writes: data goes to `out`, words for people to `say`. */
export type Terminal = {
  /** Writes data, one line. */
  out(line: string): void;
  /** Writes words, one line; nothing when the user wants quiet. */
  say(line: string): void;
  /** Everything that comes in. */
  readInput(): Promise<Buffer>;
  /** True when a person sits in front of both ends. */
  readonly isInteractive: boolean;
  readonly isColored: boolean;
};

/** The terminal of this process. */
export function createTerminal(options: { readonly isQuiet: boolean; readonly isColorWanted: boolean }): Terminal {
  const { stdin, stdout, stderr } = process;
  // Whoever reads has enough, as `head` does.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    out: (line) => void stdout.write(`${line}\n`),
    say: (line) => void (options.isQuiet || stderr.write(`${line}\n`)),
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    isColored: stdout.isTTY === true && options.isColorWanted,
  };
}

/** Text of others as it may stand in a terminal: nothing in it moves the cursor, colours, or breaks the line. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
