import { RE2JS, RE2JSException } from "re2js";
import { LIMITS } from "./limits.ts";
import { createMemory } from "./memory.ts";
import { ExpressionFault, madeString, spend, stringTooLong } from "./meter.ts";

type Pattern = { readonly ok: true; readonly regex: RE2JS } | { readonly ok: false; readonly message: string };

const patterns = createMemory<Pattern>(256);

function compilePattern(pattern: string): Pattern {
  if (pattern.length > LIMITS.patternChars) {
    return { ok: false, message: `a regular expression may have at most ${LIMITS.patternChars} characters` };
  }
  return patterns(pattern, () => {
    try {
      const regex = RE2JS.compile(pattern);
      if (regex.programSize() <= LIMITS.patternInstructions) return { ok: true, regex };
      return { ok: false, message: "the regular expression is too large; use smaller repeat counts" };
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      const reason = error.message.replace(/^error parsing regexp: /, "");
      return { ok: false, message: `not a regular expression in RE2 syntax: ${reason}` };
    }
  });
}

/** Says what is wrong with a pattern in RE2 syntax (no look-around, no back-references), or null. */
export function patternProblem(pattern: string): string | null {
  const compiled = compilePattern(pattern);
  return compiled.ok ? null : compiled.message;
}

function usePattern(pattern: string, text: string): RE2JS {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new ExpressionFault("failed", compiled.message);
  // The slowest engine behind it takes one step for each character and instruction.
  spend(1 + Math.ceil((text.length * compiled.regex.programSize()) / 32));
  return compiled.regex;
}

/** True when the pattern matches anywhere in the text; linear in the length of the text. */
export function regexFound(text: string, pattern: string): boolean {
  return usePattern(pattern, text).matcher(text).find();
}

/** The first match, or its group; empty text where nothing matches. A group that does not exist is a fault. */
export function regexExtract(text: string, pattern: string, group: number | string = 0): string {
  const matcher = usePattern(pattern, text).matcher(text);
  const exists =
    typeof group === "string" ? Object.hasOwn(matcher.namedGroups, group) : group >= 0 && group <= matcher.groupCount();
  if (!exists) throw new ExpressionFault("failed", `the regular expression has no group ${group}`);
  return matcher.find() ? (matcher.group(group) ?? "") : "";
}

/** Replaces every match; `$1`, `$<name>` and `$&` in the replacement stand for groups and the whole match. */
export function regexReplace(text: string, pattern: string, replacement: string): string {
  const regex = usePattern(pattern, text);
  // What one `$…` of the replacement can insert: a part of the match, or all text before or after it.
  const insertsRest = /\$[`']/.test(replacement);
  const counter = regex.matcher(text);
  let grown = text.length;
  while (counter.find()) {
    const inserted = insertsRest ? text.length : (counter.group() ?? "").length;
    grown += replacement.length + inserted * (replacement.length >> 1);
    if (grown > LIMITS.stringChars) throw stringTooLong();
    // Each search may read on to the end of the text.
    spend(8 + Math.ceil(((text.length - counter.end()) * regex.programSize()) / 16));
  }
  return madeString(regex.matcher(text).replaceAll(replacement));
}
