/** Headers as lines to edit. */
export function headersText(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** The headers in lines; a line without a colon is a name without a value. */
export function headersFrom(text: string): Readonly<Record<string, string>> {
  const headers: [string, string][] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    headers.push([name.trim(), colon === -1 ? "" : line.slice(colon + 1).trim()]);
  }
  return Object.fromEntries(headers);
}
