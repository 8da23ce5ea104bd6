import { findMistake } from "./json-mistake.ts";

/** A template as JSON, or where its text is none. */
export type ParsedTemplate =
  | { readonly ok: true; readonly value: JsonTemplate }
  | { readonly ok: false; readonly message: string; readonly position: number };

/** What a template can be. */
export type JsonTemplate =
  | null
  | boolean
  | number
  | string
  | readonly JsonTemplate[]
  | { readonly [name: string]: JsonTemplate };

/** The text of a template in an editor; the standard body is empty. */
export function writeTemplate(template: unknown): string {
  return template === null || template === undefined ? "" : JSON.stringify(template, null, 2);
}

/** Reads the text of an editor; an empty one is the standard body, null. */
export function parseTemplate(text: string): ParsedTemplate {
  if (text.trim() === "") return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(text) as JsonTemplate };
  } catch {
    const position = findMistake(text);
    const { line, column } = placeOf(text, position);
    return { ok: false, message: `is no JSON at line ${line}, column ${column}`, position };
  }
}

/**
 * Where in the text of a template a problem lies: `path` names the leaf below the template, such as `.blocks[0].text`,
 * and `within` the place in its text. Null when there is no such leaf.
 */
export function findInTemplate(text: string, path: string, within = 0): number | null {
  const steps = [...path.matchAll(/\.([^.[\]]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/g)].map(
    (match) => match[1] ?? match[2] ?? Number(match[3]),
  );
  let at = skipSpace(text, 0);
  for (const step of steps) {
    const next = enter(text, at, step);
    if (next === null) return null;
    at = next;
  }
  return text[at] === '"' ? skipCharacters(text, at + 1, within) : at;
}

function enter(text: string, start: number, step: string | number): number | null {
  const isList = text[start] === "[";
  if (!isList && text[start] !== "{") return null;
  let at = skipSpace(text, start + 1);
  for (let index = 0; at < text.length && !"]}".includes(text[at] ?? "]"); index += 1) {
    let name: string | number = index;
    if (!isList) {
      const end = skipValue(text, at);
      name = readText(text.slice(at, end));
      at = skipSpace(text, skipSpace(text, end) + 1);
    }
    if (name === step) return at;
    at = skipSpace(text, skipValue(text, at));
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return null;
}

/** The place behind a value; the text is known to be JSON. */
function skipValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at];
    if (character === '"') {
      at += 1;
      while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      at += 1;
    } else if (character === "{" || character === "[") {
      depth += 1;
      at += 1;
    } else if (character === "}" || character === "]") {
      depth -= 1;
      at += 1;
    } else if (depth === 0) {
      while (at < text.length && !/[\s,\]}]/.test(text[at] ?? "")) at += 1;
    } else at += 1;
  } while (depth > 0 && at < text.length);
  return at;
}

/** The place in a quoted text behind so many of its characters, each escape being one. */
function skipCharacters(text: string, start: number, count: number): number {
  let at = start;
  for (let passed = 0; passed < count && at < text.length && text[at] !== '"'; passed += 1) {
    at += text[at] !== "\\" ? 1 : text[at + 1] === "u" ? 6 : 2;
  }
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && /\s/.test(text[at] ?? "")) at += 1;
  return at;
}

function readText(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function placeOf(text: string, position: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, position).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
