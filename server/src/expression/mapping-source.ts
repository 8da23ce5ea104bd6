import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { compileExpression, type Expression } from "./cel.ts";
import { type ContextShape, ELEMENT_CONTEXT, MAPPING_CONTEXT } from "./context.ts";
import { didYouMean } from "./suggest.ts";

/** A constant, written so that it cannot be taken for an expression. */
export type MappingConstant = { readonly const: JsonValue };

/** Where a field comes from: an expression, a constant, or several of which the first with a value counts. */
export type MappingSource = string | MappingConstant | readonly (string | MappingConstant)[];

/** One compiled alternative of a field and its JSON path within the mapping. */
export type Source = { readonly path: string; readonly from: Expression | MappingConstant };
/** The fields that a mapping fills. */
export const FIELDS = [
  "dedup_key",
  "external_id",
  "title",
  "description",
  "status",
  "severity",
  "source_time",
  "labels",
  "links",
] as const;

/** The name of such a field. */
export type FieldName = (typeof FIELDS)[number];

/** Collects refusals: the JSON path within the mapping, what is wrong, the position in the expression from 0. */
export type Compiler = { readonly refuse: (path: string, message: string, position?: number) => void };

/** True for an object of label names and sources, so no constant. */
export function isLabelObject(value: JsonValue | undefined): value is JsonObject {
  return isObject(value) && !isConstant(value);
}

function isConstant(value: unknown): value is MappingConstant {
  return isObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, "const");
}

/** Compiles the expression that splits a payload, or null. */
export function compileEach(compiler: Compiler, source: JsonValue | undefined): Expression | null {
  if (source === undefined) return null;
  if (typeof source === "string") return compileOne(compiler, source, "$.each", MAPPING_CONTEXT, "list");
  compiler.refuse("$.each", '"each" is an expression that gives a list');
  return null;
}

/** Compiles a field's alternatives. */
export function compileSources(compiler: Compiler, source: JsonValue, path: string): readonly Source[] {
  const alternatives: readonly JsonValue[] = Array.isArray(source) ? source : [source];
  if (alternatives.length === 0 || alternatives.length > 16) {
    compiler.refuse(path, "a list of alternatives has 1 to 16 entries");
    return [];
  }
  return alternatives.flatMap((alternative, index): Source[] => {
    const place = Array.isArray(source) ? `${path}[${index}]` : path;
    if (isConstant(alternative)) return [{ path: place, from: alternative }];
    if (typeof alternative !== "string") {
      compiler.refuse(place, 'this is an expression, a constant such as {"const": "x"}, or a list of them');
      return [];
    }
    const expression = compileOne(compiler, alternative, place, ELEMENT_CONTEXT, "any");
    return expression === null ? [] : [{ path: place, from: expression }];
  });
}

function compileOne(
  compiler: Compiler,
  source: string,
  path: string,
  shape: ContextShape,
  expected: "any" | "list",
): Expression | null {
  const compiled = compileExpression(source, shape, expected);
  if (compiled.ok) return compiled.expression;
  compiler.refuse(path, compiled.error.message, compiled.error.position);
  return null;
}

/** Compiles a map of the sender's words to ours. */
export function compileWords(
  compiler: Compiler,
  words: JsonValue | undefined,
  path: string,
): ReadonlyMap<string, string> {
  const compiled = new Map<string, string>();
  if (words === undefined) return compiled;
  if (!isObject(words)) {
    compiler.refuse(path, "a map of words is an object of text");
    return compiled;
  }
  for (const [word, meaning] of Object.entries(words)) {
    if (typeof meaning === "string") compiled.set(fold(word), meaning);
    else compiler.refuse(`${path}.${word}`, "the meaning of a word is text");
  }
  return compiled;
}

/** Checks the values of fields that have none. */
export function compileDefaults(compiler: Compiler, defaults: JsonValue | undefined): JsonObject {
  if (defaults === undefined) return {};
  if (!isObject(defaults)) {
    compiler.refuse("$.defaults", "defaults are an object of fields and values");
    return {};
  }
  for (const field of Object.keys(defaults)) {
    if (!(FIELDS as readonly string[]).includes(field)) {
      compiler.refuse(`$.defaults.${field}`, `there is no field "${field}"${didYouMean(field, FIELDS)}`);
    }
  }
  return defaults;
}

/** The form in which words are compared. */
export function fold(word: string): string {
  return word.trim().toLowerCase();
}
