/** The header of a delivery that says how often what it tells went through an Overwatch, this time included. */
export const HOPS_HEADER = "overwatch-hops";

/** A webhook that went through an Overwatch so often is a loop: it is kept and changes nothing. */
export const MOST_HOPS = 5;

/** Reads the header of a webhook, names in lower case; 0 when no Overwatch sent it or when it cannot be read. */
export function readHops(headers: Readonly<Record<string, string>>): number {
  const value = headers[HOPS_HEADER];
  return value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : 0;
}
