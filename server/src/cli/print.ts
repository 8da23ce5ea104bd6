import type { JsonObject, JsonValue } from "../core/json.ts";
import { plain, type Terminal } from "./terminal.ts";

/** A column of a table: its heading and where its value stands. */
export type Column = readonly [heading: string, value: string | ((row: JsonObject) => string)];

const WIDEST = 60;

/** Writes rows: one JSON object a line when JSON is wanted, else a table; an empty table is said, not printed. */
export function printRows(
  terminal: Terminal,
  isJson: boolean,
  rows: readonly JsonObject[],
  columns: readonly Column[],
): void {
  if (isJson) {
    for (const row of rows) terminal.out(JSON.stringify(row));
    return;
  }
  if (rows.length === 0) {
    terminal.say("nothing found");
    return;
  }
  const cells = rows.map((row) => columns.map(([, value]) => cellOf(row, value)));
  const widths = columns.map(([heading], index) =>
    Math.max(heading.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const lineOf = (line: readonly string[]): string =>
    line
      .map((cell, index) => (index === line.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  const heading = lineOf(columns.map(([name]) => name.toUpperCase()));
  terminal.out(terminal.isColored ? `\u001b[1m${heading}\u001b[0m` : heading);
  for (const line of cells) terminal.out(lineOf(line));
}

/** Writes one object: as JSON when that is wanted, else a line for each field, nested ones as JSON. */
export function printRecord(terminal: Terminal, isJson: boolean, record: JsonObject): void {
  if (isJson) {
    terminal.out(JSON.stringify(record));
    return;
  }
  const names = Object.keys(record);
  const width = Math.max(0, ...names.map((name) => name.length));
  for (const name of names) terminal.out(`${name.padEnd(width)}  ${plain(textOf(record[name] ?? null))}`);
}

function cellOf(row: JsonObject, value: Column[1]): string {
  const text = plain(typeof value === "string" ? textOf(row[value] ?? null) : value(row));
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}

/** A value as people read it. */
export function textOf(value: JsonValue): string {
  if (value === null) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}
