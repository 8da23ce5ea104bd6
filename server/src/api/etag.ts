import { OverwatchError } from "../core/errors.ts";

/** The strong ETag (RFC 9110) of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Refuses when If-Match is given and names none of the present version. */
export function requireMatch(ifMatch: string | null, version: number): void {
  if (ifMatch === null || ifMatch.trim() === "*") return;
  const names = ifMatch.split(",").map((entry) => entry.trim());
  if (!names.includes(etagOf(version))) throw new OverwatchError("PRECONDITION_FAILED", { current: etagOf(version) });
}
