import { safeHref } from "./links.ts";

/** A piece of a line. */
export type Inline =
  | { readonly kind: "text" | "code" | "strong" | "emphasis"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

/** A block of a text. */
export type Block =
  | { readonly kind: "paragraph" | "quote"; readonly lines: readonly (readonly Inline[])[] }
  | { readonly kind: "heading"; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: "list"; readonly isOrdered: boolean; readonly entries: readonly (readonly Inline[])[] }
  | { readonly kind: "code"; readonly text: string };

/**
 * Reads the small part of Markdown that notes need: paragraphs, headings, lists, quotes, code, emphasis, links. HTML and
 * images stay the text that they are, and only `http:` and `https:` become links.
 */
export function parseMarkdown(text: string): readonly Block[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (isTaken: (line: string) => boolean): string[] => {
    const start = at;
    while (at < lines.length && isTaken(lines[at] ?? "")) at += 1;
    return lines.slice(start, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const heading = /^(#{1,4})\s+(.+)$/.exec(line);
    if (line.trim() === "") at += 1;
    else if (line.startsWith("```")) {
      at += 1;
      const code = takeWhile((one) => !one.startsWith("```"));
      at += 1;
      blocks.push({ kind: "code", text: code.join("\n") });
    } else if (heading !== null) {
      at += 1;
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, content: parseInline(heading[2] ?? "") });
    } else if (BULLET.test(line) || NUMBER.test(line)) {
      const mark = BULLET.test(line) ? BULLET : NUMBER;
      const entries = takeWhile((one) => mark.test(one)).map((one) => parseInline(one.replace(mark, "")));
      blocks.push({ kind: "list", isOrdered: mark === NUMBER, entries });
    } else if (line.startsWith(">")) {
      const quoted = takeWhile((one) => one.startsWith(">")).map((one) => parseInline(one.replace(/^>\s?/, "")));
      blocks.push({ kind: "quote", lines: quoted });
    } else {
      // The first line is taken whatever it is, so that each round of the loop moves on.
      at += 1;
      blocks.push({ kind: "paragraph", lines: [line, ...takeWhile(isPlain)].map(parseInline) });
    }
  }
  return blocks;
}

const BULLET = /^\s{0,3}[-*+]\s+/;
const NUMBER = /^\s{0,3}\d{1,9}[.)]\s+/;
const START = /^(```|#{1,4}\s|>)/;

function isPlain(line: string): boolean {
  return line.trim() !== "" && !START.test(line) && !BULLET.test(line) && !NUMBER.test(line);
}

const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|(?<![\w*])\*([^*\s][^*]*)\*|(?<!\w)_([^_\s][^_]*)_(?!\w)|(?<!!)\[([^\]]+)\]\(([^)\s]+)\)|\bhttps?:\/\/[^\s<>()]*[^\s<>().,;:!?'"]/g;

/** Reads one line. */
export function parseInline(line: string): readonly Inline[] {
  const pieces: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    const [whole, code, strong, strong2, emphasis, emphasis2, text, href] = match;
    if (match.index > end) pieces.push({ kind: "text", text: line.slice(end, match.index) });
    end = match.index + whole.length;
    const bold = strong ?? strong2;
    const slanted = emphasis ?? emphasis2;
    const safe = safeHref(href ?? whole);
    if (code !== undefined) pieces.push({ kind: "code", text: code });
    else if (bold !== undefined) pieces.push({ kind: "strong", text: bold });
    else if (slanted !== undefined) pieces.push({ kind: "emphasis", text: slanted });
    else if (safe !== null) pieces.push({ kind: "link", text: text ?? whole, href: safe });
    else pieces.push({ kind: "text", text: whole });
  }
  if (end < line.length) pieces.push({ kind: "text", text: line.slice(end) });
  return pieces;
}
