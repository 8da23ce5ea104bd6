/** Text that PostgreSQL and JSON can carry: NUL and lone surrogates become U+FFFD. */
export function sanitizeText(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  return formed.includes("\0") ? formed.replaceAll("\0", "\uFFFD") : formed;
}

/** The text sanitized and cut to so many code points. */
export function capText(text: string, limit: number): string {
  const clean = sanitizeText(text.length > limit * 2 ? text.slice(0, limit * 2 + 1) : text);
  if (clean.length <= limit) return clean;
  return Array.from(clean).slice(0, limit).join("");
}
