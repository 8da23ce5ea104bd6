import { networkInterfaces } from "node:os";

/** True when the address is one of this machine's own: loopback, unspecified, or on one of its interfaces. */
export function isOwnAddress(address: string): boolean {
  if (address === "::1" || address === "::" || address === "0.0.0.0" || address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === address) ?? false);
}
