import type { Incident } from "./incident.ts";

/** What two incidents are compared by. */
export type Comparable = Pick<Incident, "id" | "groupKey" | "integrationId" | "title" | "labels">;

/** How an incident resembles another: the same group, or words and labels in common. */
export type Likeness = { readonly match: "group" | "title" | "labels"; readonly score: number };

/** Below this two incidents have nothing to say to each other. */
const LEAST_SCORE = 0.3;

/** How much an incident resembles another, between 0 and 1; null when it does not. */
export function likenessOf(one: Comparable, other: Comparable): Likeness | null {
  if (one.groupKey === other.groupKey) return { match: "group", score: 1 };
  const title = overlap(wordsOf(one.title), wordsOf(other.title));
  const labels = overlap(pairsOf(one.labels), pairsOf(other.labels));
  const bonus = one.integrationId === other.integrationId ? 0.05 : 0;
  const score = Math.min(0.99, Math.max(title, labels) * 0.7 + Math.min(title, labels) * 0.24 + bonus);
  if (Math.max(title, labels) === 0 || score < LEAST_SCORE) return null;
  return { match: title >= labels ? "title" : "labels", score: Math.round(score * 100) / 100 };
}

/** Words that tell conditions apart: no numbers, no ids, nothing shorter than three letters. */
function wordsOf(title: string): ReadonlySet<string> {
  const words = title.toLowerCase().match(/[\p{L}][\p{L}\p{N}]*/gu) ?? [];
  return new Set(words.filter((word) => word.length > 2 && !/^[0-9a-f]{8,}$/.test(word)));
}

function pairsOf(labels: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(Object.entries(labels).map(([name, value]) => `${name}=${value}`));
}

/** Shared members in proportion to all. */
function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const shared = one.intersection(other).size;
  return shared === 0 ? 0 : shared / one.union(other).size;
}
