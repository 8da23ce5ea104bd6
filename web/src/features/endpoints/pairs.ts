import type { FieldProblem } from "../../lib/api.ts";

/** A name with its value as a form holds it; `key` tells rows apart while their names change. */
export type Pair = { readonly key: number; readonly name: string; readonly value: string };

/** The rows of an object of texts. */
export function pairsOf(map: Readonly<Record<string, string>>): readonly Pair[] {
  return Object.entries(map).map(([name, value], key) => ({ key, name, value }));
}

/** The rows with an empty one below. */
export function withNewPair(pairs: readonly Pair[]): readonly Pair[] {
  return [...pairs, { key: Math.max(-1, ...pairs.map(({ key }) => key)) + 1, name: "", value: "" }];
}

/** The object of the rows; rows without name and value are left out, names that stand twice are refused. */
export function pairsBody(pairs: readonly Pair[], path: string, problems: FieldProblem[]): Record<string, string> {
  const filled = pairs.filter(({ name, value }) => name.trim() !== "" || value !== "");
  const names = filled.map(({ name }) => name.trim());
  if (names.includes("")) problems.push({ path, message: "every row needs a name" });
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice !== undefined) problems.push({ path, message: `"${twice}" stands there twice` });
  return Object.fromEntries(filled.map(({ name, value }) => [name.trim(), value]));
}
