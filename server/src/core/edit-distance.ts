const LONGEST_COMPARED = 128;

/** The candidates nearest to a text by edit distance (Levenshtein, over their first 128 characters), nearest first. */
export function nearestTexts(text: string, candidates: readonly string[], limit: number): readonly string[] {
  const wanted = text.slice(0, LONGEST_COMPARED);
  const best: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    const worst = best.length < limit ? Number.POSITIVE_INFINITY : (best.at(-1)?.distance ?? 0);
    const distance = editDistance(wanted, candidate.slice(0, LONGEST_COMPARED), worst);
    if (distance >= worst) continue;
    const place = best.findIndex((entry) => entry.distance > distance);
    best.splice(place === -1 ? best.length : place, 0, { candidate, distance });
    if (best.length > limit) best.pop();
  }
  return best.map((entry) => entry.candidate);
}

/** The number of insertions, deletions and replacements between two texts; gives up with the bound once it is reached. */
export function editDistance(one: string, other: string, bound = Number.POSITIVE_INFINITY): number {
  if (Math.abs(one.length - other.length) >= bound) return bound;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced);
      next.push(cost);
      if (cost < least) least = cost;
    }
    if (least >= bound) return bound;
    row = next;
  }
  return Math.min(bound, row[other.length] ?? 0);
}
