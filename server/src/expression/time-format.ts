import { createMemory } from "./memory.ts";
import { ExpressionFault, spend } from "./meter.ts";

type Formatter = { readonly format: Intl.DateTimeFormat | null };

const formatters = createMemory<Formatter>(64);

function makeFormatter(timeZone: string): Formatter {
  try {
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      weekday: "short",
      hourCycle: "h23",
    });
    return { format };
  } catch {
    return { format: null };
  }
}

const TOKENS = /YYYY|MMM|MM|DD|HH|mm|ss|ddd/g;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * Writes a time by a pattern of `YYYY MM MMM DD HH mm ss ddd` in an IANA time zone; takes a CEL timestamp or RFC 3339
 * text. Throws an `ExpressionFault` for what is no time and for an unknown zone.
 */
export function formatTime(value: unknown, pattern: string, zone = "UTC"): string {
  spend(256);
  const time = value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw new ExpressionFault("failed", "format_time() needs a timestamp or RFC 3339 text");
  const { format } = formatters(zone.slice(0, 64), () => makeFormatter(zone));
  if (format === null) throw new ExpressionFault("failed", `format_time() knows no time zone "${zone.slice(0, 64)}"`);
  const parts: Record<string, string> = {};
  for (const part of format.formatToParts(time)) parts[part.type] = part.value;
  const written: Record<string, string | undefined> = {
    YYYY: parts.year,
    MMM: MONTHS[Number(parts.month) - 1],
    MM: parts.month,
    DD: parts.day,
    HH: parts.hour,
    mm: parts.minute,
    ss: parts.second,
    ddd: parts.weekday,
  };
  return pattern.replace(TOKENS, (token) => written[token] ?? token);
}
