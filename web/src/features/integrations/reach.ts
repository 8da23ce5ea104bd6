/** From where an address can be reached, as far as it says so itself. */
export type Reach = "machine" | "network" | "everywhere";

/** Tells addresses of this machine and of internal networks from those that a sender on the internet can reach. */
export function reachOf(url: string): Reach {
  const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  if (/^(localhost|.*\.localhost|127\..*|::1)$/.test(host)) return "machine";
  const isInternal = /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)[\d.]+$|^f[cd][\da-f]{2}:|^fe80:/.test(
    host,
  );
  return isInternal || (!host.includes(".") && !host.includes(":")) ? "network" : "everywhere";
}
