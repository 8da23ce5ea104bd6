import type { EndpointDraft } from "./endpoint-draft.ts";

/** The words in capitals of a preset's URLs, which people replace by what is theirs: TEAM, PROJECT_KEY. */
export function placeholdersOf({ url, overrides }: Pick<EndpointDraft, "url" | "overrides">): readonly string[] {
  const found = [url, ...overrides.map((one) => one.url)].flatMap((text) => {
    const plain = text.replaceAll(/\{\{.*?\}\}/g, "");
    return plain.match(/(?<![A-Za-z0-9_%-])[A-Z][A-Z_]{2,}(?![A-Za-z0-9_%-])/g) ?? [];
  });
  return [...new Set(found)];
}

/** The draft with what was filled in in the place of these words. */
export function fillPlaceholders(draft: EndpointDraft, filled: Readonly<Record<string, string>>): EndpointDraft {
  const fill = (text: string): string =>
    Object.entries(filled).reduce((made, [word, value]) => {
      if (value.trim() === "") return made;
      return made.replaceAll(new RegExp(`(?<![A-Za-z0-9_%-])${word}(?![A-Za-z0-9_%-])`, "g"), () => value.trim());
    }, text);
  return {
    ...draft,
    url: fill(draft.url),
    overrides: draft.overrides.map((one) => ({ ...one, url: fill(one.url) })),
  };
}
