/** A piece of text with template marks: what stands between them, `{{ expression }}` or `{% tag %}`. */
export type Piece =
  | { readonly kind: "text"; readonly text: string; readonly start: number }
  | {
      readonly kind: "value" | "tag";
      /** What stands between the marks, trimmed. */
      readonly inner: string;
      /** The position of the opening mark. */
      readonly start: number;
      /** The position of the first character of `inner`. */
      readonly innerStart: number;
    };

/** The pieces, or the place of a mark that is never closed. */
export type Scan =
  | { readonly ok: true; readonly pieces: readonly Piece[] }
  | { readonly ok: false; readonly message: string; readonly position: number };

/** Splits text at its marks; `}}` and `%}` inside a string or a map of the expression do not end it. */
export function scanText(source: string): Scan {
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    const start = nextMark(source, at);
    if (start === -1) break;
    if (start > at) pieces.push({ kind: "text", text: source.slice(at, start), start: at });
    const isTag = source[start + 1] === "%";
    const end = findEnd(source, start + 2, isTag ? "%" : "}");
    if (end === -1) {
      const [opening, closing] = isTag ? ["{%", "%}"] : ["{{", "}}"];
      return { ok: false, message: `"${opening}" is never closed by "${closing}"`, position: start };
    }
    const raw = source.slice(start + 2, end);
    const innerStart = start + 2 + (raw.length - raw.trimStart().length);
    pieces.push({ kind: isTag ? "tag" : "value", inner: raw.trim(), start, innerStart });
    at = end + 2;
  }
  if (at < source.length) pieces.push({ kind: "text", text: source.slice(at), start: at });
  return { ok: true, pieces: withoutTagLines(pieces) };
}

function nextMark(source: string, from: number): number {
  for (let at = source.indexOf("{", from); at !== -1; at = source.indexOf("{", at + 1)) {
    if (source[at + 1] === "{" || source[at + 1] === "%") return at;
  }
  return -1;
}

function findEnd(source: string, from: number, closer: "}" | "%"): number {
  let braces = 0;
  let at = from;
  while (at < source.length) {
    const character = source[at];
    if (character === '"' || character === "'") {
      at = skipString(source, at, character);
      continue;
    }
    if (braces === 0 && character === closer && source[at + 1] === "}") return at;
    if (character === "{") braces += 1;
    else if (character === "}" && braces > 0) braces -= 1;
    at += 1;
  }
  return -1;
}

// The same rule as the CEL lexer's: a backslash hides the next character, also in raw strings.
function skipString(source: string, from: number, quote: string): number {
  const isTriple = source.startsWith(quote.repeat(3), from);
  const closing = isTriple ? quote.repeat(3) : quote;
  let at = from + closing.length;
  while (at < source.length) {
    if (source[at] === "\\") at += 2;
    else if (source.startsWith(closing, at)) return at + closing.length;
    else at += 1;
  }
  return source.length;
}

/** A tag alone on its line takes the line with it, so that loops and conditions leave no empty lines. */
function withoutTagLines(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece, index) => {
    if (piece.kind !== "text") return piece;
    const isFirst = index === 0;
    const isLast = index === pieces.length - 1;
    const from = ownsLine(pieces, index - 1) ? (lineEnd(piece.text, isLast)?.length ?? 0) : 0;
    const indent = ownsLine(pieces, index + 1) ? (lineStart(piece.text, isFirst)?.length ?? 0) : 0;
    return { ...piece, text: piece.text.slice(from, Math.max(from, piece.text.length - indent)) };
  });
}

function ownsLine(pieces: readonly Piece[], index: number): boolean {
  if (pieces[index]?.kind !== "tag") return false;
  const before = pieces[index - 1];
  const after = pieces[index + 1];
  const opens = before === undefined || (before.kind === "text" && lineStart(before.text, index === 1) !== null);
  const isNextToLast = index === pieces.length - 2;
  return opens && (after === undefined || (after.kind === "text" && lineEnd(after.text, isNextToLast) !== null));
}

/** The blanks that stand between a line's start and the end of the text, or null when other text does. */
function lineStart(text: string, isFirst: boolean): string | null {
  return (isFirst ? /(?:^|\n)([ \t]*)$/ : /\n([ \t]*)$/).exec(text)?.[1] ?? null;
}

/** The blanks and the line break with which the text goes on, or null when other text does. */
function lineEnd(text: string, isLast: boolean): string | null {
  return (isLast ? /^[ \t]*(?:\r?\n|$)/ : /^[ \t]*\r?\n/).exec(text)?.[0] ?? null;
}
