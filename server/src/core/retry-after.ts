const SHORTEST_MS = 1_000;
const LONGEST_MS = 24 * 3_600_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";
const DATES = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/**
 * Milliseconds to wait by a `Retry-After` header (RFC 9110 section 10.2.3: whole seconds or one of the three HTTP-dates),
 * held between 1 second and 24 hours; anything else, a list of two values included, is ignored and gives undefined.
 * `now` is epoch milliseconds.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (text.length > 40) return undefined;
  if (/^\d+$/.test(text)) return clampRetryAfter(Number(text) * 1_000);
  const at = parseHttpDate(text, now);
  return at === undefined ? undefined : clampRetryAfter(at - now);
}

/** Holds a wait in milliseconds between 1 second and 24 hours. */
export function clampRetryAfter(waitMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, waitMs));
}

function parseHttpDate(text: string, now: number): number | undefined {
  for (const pattern of DATES) {
    const parts = pattern.exec(text)?.groups;
    if (parts === undefined) continue;
    const year = fullYear(parts.year ?? "", now);
    const month = MONTHS.indexOf(parts.month ?? "");
    const [day = 0, hour = 24, minute = 60, second = 61] = [parts.day, parts.hour, parts.minute, parts.second].map(
      Number,
    );
    const daysInMonth = (Date.UTC(year, month + 1, 1) - Date.UTC(year, month, 1)) / 86_400_000;
    // Second 60 is a leap second; every other overflow would silently become another date.
    if (day < 1 || day > daysInMonth || hour > 23 || minute > 59 || second > 60) return undefined;
    return Date.UTC(year, month, day, hour, minute, second);
  }
  return undefined;
}

/** Two digits are the year nearest to now that is at most 50 years ahead (RFC 9110 section 5.6.7). */
function fullYear(digits: string, now: number): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  const thisYear = 1970 + Math.floor(now / 31_556_952_000);
  const candidate = thisYear - (thisYear % 100) + year;
  if (candidate > thisYear + 50) return candidate - 100;
  return candidate <= thisYear - 50 ? candidate + 100 : candidate;
}
