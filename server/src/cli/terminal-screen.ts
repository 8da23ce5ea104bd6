import type { ScreenLine } from "./listen-screen.ts";

/** A terminal that is drawn as a whole. */
export type Screen = {
  readonly size: () => { readonly columns: number; readonly rows: number };
  draw(lines: readonly ScreenLine[]): void;
  /** Leaves the terminal as it was; more than once does no harm. */
  close(): void;
};

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
const LOOKS: Readonly<Record<ScreenLine["look"], readonly [string, string]>> = {
  plain: ["", ""],
  dim: ["\u001b[2m", "\u001b[0m"],
  bold: ["\u001b[1m", "\u001b[0m"],
  selected: ["\u001b[7m", "\u001b[0m"],
};

/** Takes the terminal over, or null when a person does not sit in front of both of its ends. */
export function openScreen(on: { readonly input: (text: string) => void; readonly resize: () => void }): Screen | null {
  const { stdin, stdout } = process;
  if (stdin.isTTY !== true || stdout.isTTY !== true) return null;
  let isOpen = true;
  const onInput = (chunk: Buffer): void => on.input(chunk.toString("utf8"));
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stdin.off("data", onInput);
    stdout.off("resize", on.resize);
    process.off("exit", close);
    stdin.setRawMode(false);
    stdin.pause();
    stdout.write(LEAVE);
  };
  stdin.setRawMode(true);
  stdin.on("data", onInput);
  stdin.resume();
  stdout.on("resize", on.resize);
  // However the process ends, whoever used it gets a terminal that shows what is typed.
  process.once("exit", close);
  stdout.write(ENTER);
  return {
    size: () => ({ columns: Math.max(20, stdout.columns || 80), rows: Math.max(3, stdout.rows || 24) }),
    draw(lines) {
      if (!isOpen) return;
      const drawn = lines.map(({ text, look }, index) => {
        const [before, after] = LOOKS[look];
        return `\u001b[${index + 1};1H${before}${text}${after}\u001b[K`;
      });
      stdout.write(drawn.join(""));
    },
    close,
  };
}
