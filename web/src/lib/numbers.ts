const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** `12,345`. */
export function formatCount(value: number): string {
  return WHOLE.format(value);
}

/** `12.3K`, for places where the exact number does not matter; give the exact one as the title. */
export function formatCompact(value: number): string {
  return value < 10_000 ? WHOLE.format(value) : COMPACT.format(value);
}

/** `99.5 %` of a share between 0 and 1; never rounds up to 100 or down to 0. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  const rounded = Math.round(percent * 10) / 10;
  if (rounded >= 100 && share < 1) return "99.9 %";
  if (rounded <= 0 && share > 0) return "0.1 %";
  return `${rounded % 1 === 0 ? rounded.toFixed(0) : rounded.toFixed(1)} %`;
}

/** `640 B`, `12.4 KB`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ["KB", "MB", "GB", "TB"];
  let value = bytes / 1_000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** `850 ms`, `1.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor((seconds % 86_400) / 3_600), "h"],
    [Math.floor((seconds % 3_600) / 60), "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** `1 alert`, `2 alerts`; give the plural where it is not the singular with an s. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** The same of what was counted up to a bound: `at least 100,000 deliveries`. */
export function countOfAtLeast(
  counted: { readonly matched: number; readonly is_exact: boolean },
  singular: string,
  plural = `${singular}s`,
): string {
  return `${counted.is_exact ? "" : "at least "}${countOf(counted.matched, singular, plural)}`;
}
