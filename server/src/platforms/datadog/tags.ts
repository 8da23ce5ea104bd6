import { elements, type Spot, textAt } from "../reading.ts";
import type { LabelEntry } from "../signal-draft.ts";

/** So many tags of a payload are looked at; a signal keeps 64 labels anyway. */
const MAX_TAGS = 1_000;

/** Labels from tags, which are an array or one text with commas; a key that comes again adds its value to the first. */
export function tagLabels(...spots: readonly Spot[]): readonly LabelEntry[] {
  const labels = new Map<string, string>();
  const repeated = new Map<string, Set<string>>();
  const tags: string[] = [];
  for (const spot of spots) addTags(spot, tags);
  for (const tag of tags) {
    const colon = tag.indexOf(":");
    const key = colon < 0 ? tag : tag.slice(0, colon).trim();
    const value = colon < 0 ? "true" : tag.slice(colon + 1).trim();
    const first = labels.get(key);
    if (first === undefined) labels.set(key, value);
    else repeated.set(key, (repeated.get(key) ?? new Set([first])).add(value));
  }
  for (const [key, values] of repeated) labels.set(key, [...values].join(","));
  return [...labels];
}

function addTags(spot: Spot, tags: string[]): void {
  const texts = Array.isArray(spot.value) ? elements(spot).map(textAt) : (variableText(spot)?.split(",") ?? []);
  for (const text of texts) {
    const tag = text?.trim() ?? "";
    if (tag !== "" && tag !== "*" && tags.length < MAX_TAGS) tags.push(tag);
  }
}

/** The text at the place, null also for the literal name of a variable that Datadog could not resolve. */
export function variableText(spot: Spot): string | null {
  const text = textAt(spot);
  return text === null || /^\$[A-Z][A-Z0-9_]*(\[[^\]]*\])?$/.test(text) ? null : text;
}

/** The first text of several places, unresolved variables passed over. */
export function firstVariable(...spots: readonly Spot[]): string | null {
  for (const spot of spots) {
    const text = variableText(spot);
    if (text !== null) return text;
  }
  return null;
}
