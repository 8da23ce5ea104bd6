import { networkInterfaces } from "node:os";
import { parseIp, sameIp } from "../core/cidr.ts";

const LOOPBACK_AND_UNSPECIFIED = ["::1", "::", "0.0.0.0"].flatMap((text) => parseIp(text) ?? []);

/** True when the address, in any spelling, is one of this machine's: loopback, unspecified, or on one of its interfaces. */
export function isOwnAddress(address: string): boolean {
  const ip = parseIp(address);
  if (ip === null) return false;
  if (ip.version === 4 && (ip.groups[0] ?? 0) >> 8 === 127) return true;
  if (LOOPBACK_AND_UNSPECIFIED.some((own) => sameIp(own, ip))) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => isSame(entry.address, ip)) ?? false);
}

function isSame(text: string, ip: NonNullable<ReturnType<typeof parseIp>>): boolean {
  const own = parseIp(text);
  return own !== null && sameIp(own, ip);
}
