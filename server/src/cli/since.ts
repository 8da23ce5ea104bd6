import { type Options, optionOf } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The moment that `--since` means, RFC 3339: a time as it stands, or a span such as `90m` before now; null without it. */
export function sinceOf(options: Options, now: number): string | null {
  const text = optionOf(options, "since");
  if (text === null) return null;
  const span = /^(\d{1,6})([smhd])$/.exec(text);
  if (span !== null) return new Date(now - Number(span[1]) * UNITS[span[2] as keyof typeof UNITS]).toISOString();
  const time = Date.parse(text);
  if (Number.isFinite(time) && /^\d{4}-\d\d-\d\d/.test(text)) return new Date(time).toISOString();
  throw new CliError(
    EXIT.usage,
    `--since must be a time such as 2026-11-23T12:00:00Z or a span such as 24h, not "${text}"`,
  );
}
