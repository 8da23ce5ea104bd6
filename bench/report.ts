/** One measured figure beside what it should be. */
export type Figure = {
  readonly id: string;
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** Null where there is nothing to compare. */
  readonly isReached: boolean | null;
};

/** The figures as a table of text. */
export function formatReport(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.id,
    figure.what,
    figure.measured,
    figure.target,
    figure.isReached === null ? "" : figure.isReached ? "reached" : "MISSED",
  ]);
  const header = ["id", "what", "measured", "target", ""];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
