/** The words of a set-up page's table under a heading, each with what the table says that it means. */
export function readWordTable(page: string, heading: string): Readonly<Record<string, string>> {
  const [, after = ""] = page.split(`\n${heading}\n`);
  const [chapter = ""] = after.split(/\n#/);
  const words: Record<string, string> = {};
  for (const [, cells = "", meaning = ""] of chapter.matchAll(/^\| (`.+`) +\| (\w+) +\|$/gm)) {
    for (const [, word = ""] of cells.matchAll(/`([^`]+)`/g)) words[word] = meaning;
  }
  return words;
}
