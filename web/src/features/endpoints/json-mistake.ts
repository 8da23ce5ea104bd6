const TEXT = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const PLAIN = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
const SPACE = /[ \t\n\r]*/y;

/** Where a text stops being JSON, its end where only something is missing; browsers do not always tell. */
export function findMistake(text: string): number {
  const end = readValue(text, 0);
  if (end.at === null) return end.mistake;
  return skipSpace(text, end.at);
}

type Step = { readonly at: number } | { readonly at: null; readonly mistake: number };

function readValue(text: string, start: number): Step {
  const at = skipSpace(text, start);
  if (text[at] === "{") return readMembers(text, at, "}");
  if (text[at] === "[") return readMembers(text, at, "]");
  return match(TEXT, text, at) ?? match(PLAIN, text, at) ?? { at: null, mistake: at };
}

function readMembers(text: string, start: number, close: "}" | "]"): Step {
  let at = skipSpace(text, start + 1);
  if (text[at] === close) return { at: at + 1 };
  for (;;) {
    if (close === "}") {
      const name = match(TEXT, text, at);
      if (name === null) return { at: null, mistake: at };
      at = skipSpace(text, name.at);
      if (text[at] !== ":") return { at: null, mistake: at };
      at += 1;
    }
    const value = readValue(text, at);
    if (value.at === null) return value;
    at = skipSpace(text, value.at);
    if (text[at] === close) return { at: at + 1 };
    if (text[at] !== ",") return { at: null, mistake: at };
    at = skipSpace(text, at + 1);
  }
}

function match(pattern: RegExp, text: string, at: number): { readonly at: number } | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? { at: pattern.lastIndex } : null;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}
