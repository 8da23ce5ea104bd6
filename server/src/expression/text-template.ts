import { compileExpression, type Expected, type Expression, type ExpressionError } from "./cel.ts";
import { type ContextShape, nameProblem, withName } from "./context.ts";
import { LIMITS } from "./limits.ts";
import { type Piece, scanText } from "./text-scanner.ts";

/** A compiled piece of text: what it prints, decides or repeats. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly expression: Expression; readonly start: number }
  | { readonly kind: "if"; readonly branches: readonly Branch[] }
  | { readonly kind: "for"; readonly name: string; readonly list: Expression; readonly body: readonly Part[] };

/** One branch of a condition; `else` has no test. */
export type Branch = { readonly test: Expression | null; readonly body: readonly Part[] };

/** A refusal; `position` counts UTF-16 units of the text from 0. */
export type TextError = { readonly message: string; readonly position: number };

/** What compiling text gives; all its errors at once. */
export type CompiledText =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly errors: readonly TextError[] };

type Parser = {
  readonly pieces: readonly Piece[];
  readonly errors: TextError[];
  next: number;
};
type Tag = Extract<Piece, { inner: string }>;
type Block = { readonly parts: Part[]; readonly end: Tag | null };

/** Compiles text with `{{ expression }}`, `{% if %}` and `{% for %}`; each expression is checked against the shape. */
export function compileText(source: string, shape: ContextShape): CompiledText {
  const scan = scanText(source);
  if (!scan.ok) return { ok: false, errors: [scan] };
  const parser: Parser = { pieces: scan.pieces, errors: [], next: 0 };
  const { parts } = parseBlock(parser, shape, 0, []);
  return parser.errors.length > 0 ? { ok: false, errors: parser.errors } : { ok: true, parts };
}

function parseBlock(parser: Parser, shape: ContextShape, loops: number, ends: readonly string[]): Block {
  const parts: Part[] = [];
  for (let piece = take(parser); piece !== undefined; piece = take(parser)) {
    if (piece.kind === "text") {
      if (piece.text !== "") parts.push({ kind: "text", text: piece.text });
    } else if (piece.kind === "value") {
      const expression = compileInner(parser, piece.inner, piece.innerStart, shape, "any");
      if (expression !== null) parts.push({ kind: "value", expression, start: piece.start });
    } else {
      const word = wordOf(piece);
      if (ends.includes(word)) return { parts, end: piece };
      if (word === "if") parts.push(parseIf(parser, shape, loops, piece));
      else if (word === "for") parts.push(...parseFor(parser, shape, loops, piece));
      else refuse(parser, piece, unknownTag(word));
    }
  }
  return { parts, end: null };
}

function parseIf(parser: Parser, shape: ContextShape, loops: number, opening: Tag): Part {
  const branches: Branch[] = [];
  let current: Tag | null = opening;
  while (current !== null) {
    const word = wordOf(current);
    const test = word === "else" ? null : compileRest(parser, current, shape, "bool");
    if (word === "else" && restOf(current).text !== "")
      refuse(parser, current, '"else" takes no condition; use "elif"');
    const block = parseBlock(parser, shape, loops, word === "else" ? ["endif"] : ["elif", "else", "endif"]);
    branches.push({ test, body: block.parts });
    if (block.end === null) {
      refuse(parser, opening, '"{% if %}" is never closed by "{% endif %}"');
      break;
    }
    current = wordOf(block.end) === "endif" ? null : block.end;
  }
  return { kind: "if", branches };
}

const FOR = /^([A-Za-z_][A-Za-z0-9_]*)\s+in\s+(?=\S)/;

function parseFor(parser: Parser, shape: ContextShape, loops: number, opening: Tag): Part[] {
  const rest = restOf(opening);
  const head = FOR.exec(rest.text);
  const name = head?.[1] ?? "";
  if (head === null) refuse(parser, opening, 'write "{% for name in list %}"');
  else if (loops >= LIMITS.nesting) refuse(parser, opening, `"for" may nest at most ${LIMITS.nesting} deep`);
  const problem = head === null ? null : nameProblem(name, shape);
  if (problem !== null) refuse(parser, opening, problem);
  const skipped = head?.[0].length ?? 0;
  const list =
    head === null ? null : compileInner(parser, rest.text.slice(skipped), rest.start + skipped, shape, "list");
  const inside = list === null || problem !== null ? null : withName(shape, name, elementType(list.type));
  const block = parseBlock(parser, inside ?? shape, loops + 1, ["endfor"]);
  if (block.end === null) refuse(parser, opening, '"{% for %}" is never closed by "{% endfor %}"');
  return inside === null || list === null ? [] : [{ kind: "for", name, list, body: block.parts }];
}

function elementType(listType: string): string {
  return /^list<(.+)>$/.exec(listType)?.[1] ?? "dyn";
}

function compileRest(parser: Parser, tag: Tag, shape: ContextShape, expected: Expected): Expression | null {
  const rest = restOf(tag);
  return compileInner(parser, rest.text, rest.start, shape, expected);
}

function compileInner(
  parser: Parser,
  source: string,
  start: number,
  shape: ContextShape,
  expected: Expected,
): Expression | null {
  const compiled = compileExpression(source, shape, expected);
  if (compiled.ok) return compiled.expression;
  parser.errors.push(shifted(compiled.error, start));
  return null;
}

function shifted(error: ExpressionError, start: number): TextError {
  return { message: error.message, position: start + error.position };
}

function take(parser: Parser): Piece | undefined {
  const piece = parser.pieces[parser.next];
  parser.next += 1;
  return piece;
}

function refuse(parser: Parser, tag: Tag, message: string): void {
  parser.errors.push({ message, position: tag.start });
}

function wordOf(tag: Tag): string {
  return /^\S*/.exec(tag.inner)?.[0] ?? "";
}

function restOf(tag: Tag): { readonly text: string; readonly start: number } {
  const skipped = /^\S*\s*/.exec(tag.inner)?.[0].length ?? 0;
  return { text: tag.inner.slice(skipped), start: tag.innerStart + skipped };
}

function unknownTag(word: string): string {
  if (["elif", "else", "endif", "endfor"].includes(word)) return `"${word}" stands outside of its block`;
  return `there is no tag "${word}"; there are if, elif, else, endif, for and endfor`;
}
