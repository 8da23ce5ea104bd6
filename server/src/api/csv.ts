/**
 * Rows as CSV (RFC 4180), every cell quoted. Cells that a spreadsheet would run as a formula begin with an apostrophe:
 * names come from people and alerts.
 */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(writeCell).join(",")}\r\n`).join("");
}

function writeCell(cell: string): string {
  const text = /^[\s]*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return `"${text.replaceAll('"', '""')}"`;
}
