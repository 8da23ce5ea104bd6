/** A block of a set-up guide. */
export type GuideBlock =
  | { readonly kind: "step"; readonly blocks: readonly GuideBlock[] }
  | { readonly kind: "heading" | "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly entries: readonly string[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "table"; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** The part of a platform's page that says what to do there; what the console has done already is left out. */
export function readSetUp(markdown: string): readonly GuideBlock[] {
  return readBlocks(sectionOf(markdown, "Set it up").split("\n")).filter((block) => !isDoneHere(block));
}

/** A section of a page by its heading of the second level; empty when there is none. */
export function sectionOf(markdown: string, title: string): string {
  const [, after = ""] = markdown.split(`\n## ${title}\n`);
  return after.split(/\n## /)[0] ?? "";
}

/** Puts a secret that is known for this once where a guide leaves a place for it. */
export function fillSecret(markdown: string, secret: string | null): string {
  if (secret === null) return markdown;
  return markdown.replaceAll(/choose-a-long-random-text|\$OVERWATCH_SECRET|\$OVERWATCH_TOKEN|<token>/g, () => secret);
}

function isDoneHere(block: GuideBlock): boolean {
  const first = block.kind === "step" ? block.blocks[0] : block;
  return first?.kind === "paragraph" && /^Create (the|an) integration\b/.test(first.text);
}

function readBlocks(lines: readonly string[]): readonly GuideBlock[] {
  const blocks: GuideBlock[] = [];
  let at = 0;
  const takeWhile = (isTaken: (line: string) => boolean): readonly string[] => {
    const start = at;
    while (at < lines.length && isTaken(lines[at] ?? "")) at += 1;
    return lines.slice(start, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const step = STEP.exec(line);
    const fence = FENCE.exec(line);
    if (line.trim() === "") at += 1;
    else if (step !== null) {
      at += 1;
      const inside = takeWhile((one) => one.trim() === "" || /^\s{2,}/.test(one));
      blocks.push({ kind: "step", blocks: readBlocks([step[1] ?? "", ...inside.map((one) => one.slice(3))]) });
    } else if (fence !== null) {
      at += 1;
      const indent = fence[1]?.length ?? 0;
      const code = takeWhile((one) => one.trim() !== "```");
      at += 1;
      blocks.push({ kind: "code", text: code.map((one) => one.slice(indent)).join("\n") });
    } else if (line.startsWith("|")) {
      const [head = [], , ...rows] = takeWhile((one) => one.startsWith("|")).map(cellsOf);
      blocks.push({ kind: "table", head, rows });
    } else if (BULLET.test(line)) {
      const taken = takeWhile((one) => BULLET.test(one) || /^\s+\S/.test(one));
      blocks.push({ kind: "list", entries: joinEntries(taken) });
    } else if (/^#{2,5}\s/.test(line)) {
      at += 1;
      blocks.push({ kind: "heading", text: line.replace(/^#+\s+/, "") });
    } else {
      at += 1;
      const text = [line, ...takeWhile(isPlain)].map((one) => one.trim()).join(" ");
      blocks.push({ kind: "paragraph", text });
    }
  }
  return blocks;
}

const STEP = /^\d+\.\s+(.*)$/;
const FENCE = /^(\s*)```\S*\s*$/;
const BULLET = /^[-*]\s+/;

function isPlain(line: string): boolean {
  return line.trim() !== "" && !STEP.test(line) && !FENCE.test(line) && !/^[|#]|^[-*]\s/.test(line);
}

function joinEntries(lines: readonly string[]): readonly string[] {
  const entries: string[] = [];
  for (const line of lines) {
    if (BULLET.test(line)) entries.push(line.replace(BULLET, ""));
    else entries.push(`${entries.pop() ?? ""} ${line.trim()}`);
  }
  return entries;
}

function cellsOf(line: string): readonly string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
