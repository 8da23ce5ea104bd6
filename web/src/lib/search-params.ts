/** Search parameters as they stand in the URL: texts, and lists where a name is repeated. */
export type RawSearch = Readonly<Record<string, unknown>>;

/** Reads a query string into plain texts, so that URLs stay readable: `?status=open&status=acknowledged`. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name];
    found[name] = before === undefined ? value : [before, value].flat();
  }
  return found;
}

/** Writes search parameters; absent, empty and false values are left out. */
export function stringifySearch(search: RawSearch): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of [value].flat()) {
      if (one === undefined || one === null || one === "" || one === false) continue;
      parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** The text of a parameter, or undefined. */
export function readText(value: unknown): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first === "number" || typeof first === "boolean") return String(first);
  return typeof first === "string" && first !== "" ? first : undefined;
}

/** One of the words, or undefined. */
export function readWord<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  const text = readText(value);
  return words.find((word) => word === text);
}

/** The words of a repeated parameter that are known, or undefined when there are none. */
export function readWords<Word extends string>(value: unknown, words: readonly Word[]): readonly Word[] | undefined {
  const given = [value].flat();
  const known = words.filter((word) => given.includes(word));
  return known.length === 0 ? undefined : known;
}

/** The texts of a repeated parameter, or undefined when there are none. */
export function readTexts(value: unknown): readonly string[] | undefined {
  const texts = [value].flat().filter((one): one is string => typeof one === "string" && one !== "");
  return texts.length === 0 ? undefined : texts;
}

/** True for a switch that is on, else undefined, so that it vanishes from the URL. */
export function readSwitch(value: unknown): true | undefined {
  return readText(value) === "true" ? true : undefined;
}
