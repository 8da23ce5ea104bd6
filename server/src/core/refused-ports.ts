// The Fetch standard's bad ports (read 2026-11), then data stores and remote control that speak other protocols, too.
const STANDARD: readonly number[] = [
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 445, 1433, 1521, 2375, 2379, 3306, 3389, 5432, 5900,
  6379, 6432, 9042, 10250, 11211, 27017,
];

/** The ports that no endpoint may call unless the operator says otherwise. */
export const STANDARD_REFUSED_PORTS: ReadonlySet<number> = new Set(STANDARD);

/** Reads an operator's list: port numbers, and `standard` for those that are refused by default. */
export function readRefusedPorts(
  entries: readonly string[],
):
  | { readonly ok: true; readonly ports: ReadonlySet<number> }
  | { readonly ok: false; readonly messages: readonly string[] } {
  const isPort = (entry: string): boolean => /^\d{1,5}$/.test(entry) && Number(entry) <= 65_535;
  const messages = entries
    .filter((entry) => entry !== "standard" && !isPort(entry))
    .map((entry) => `"${entry.slice(0, 40)}" is neither a port nor the word standard`);
  if (messages.length > 0) return { ok: false, messages };
  return {
    ok: true,
    ports: new Set(entries.flatMap((entry) => (entry === "standard" ? STANDARD : [Number(entry)]))),
  };
}
