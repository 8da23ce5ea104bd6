/** The address when it may be a link: `http:` and `https:` only, else null, and then it is shown as plain text. */
export function safeHref(href: string): string | null {
  try {
    const { protocol } = new URL(href);
    return protocol === "http:" || protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}
