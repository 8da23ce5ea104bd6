import type { HmacScheme } from "./verify-signature.ts";

const LENGTHS: Readonly<Record<string, number>> = {
  "sha256 hex": 64,
  "sha512 hex": 128,
  "sha256 base64": 44,
  "sha512 base64": 88,
};

/** What is wrong with the form of a signature header; empty when its form is right. */
export function explainDigest(received: string, scheme: HmacScheme): string[] {
  const separator = scheme.type === "standard_webhooks" ? " " : ",";
  const entries = scheme.isList ? received.split(separator) : [received];
  const ours = entries.filter((entry) => entry.startsWith(scheme.prefix));
  if (ours.length === 0) {
    const equals = received.slice(0, 12).indexOf("=");
    const begins = equals > 0 ? `"${received.slice(0, equals + 1)}"` : "something else";
    return [`it begins with ${begins} where "${scheme.prefix}" is expected`];
  }
  return ours.flatMap((entry) => problemsOf(entry.slice(scheme.prefix.length), scheme)).slice(0, 5);
}

function problemsOf(digest: string, scheme: HmacScheme): readonly string[] {
  const problems: string[] = [];
  const expected = LENGTHS[`${scheme.algorithm} ${scheme.encoding}`] ?? 0;
  if (digest !== digest.trim()) problems.push("there are spaces around it");
  if (digest.length !== expected) {
    problems.push(`it has ${digest.length} characters where ${expected} are expected${nameOf(digest, expected)}`);
  }
  if (scheme.encoding === "hex" && /[^0-9a-f]/.test(digest.trim())) {
    const isUpper = /^[0-9a-fA-F]+$/.test(digest.trim());
    problems.push(
      isUpper
        ? "its hex digits are in upper case; lower case is expected"
        : "it holds characters that are no hex digits",
    );
  }
  if (scheme.encoding === "base64" && /[^A-Za-z0-9+/=]/.test(digest.trim())) {
    const isUrl = /^[A-Za-z0-9_=-]+$/.test(digest.trim());
    problems.push(
      isUrl
        ? "it is base64 of the URL alphabet; the standard one is expected"
        : "it holds characters that are no base64",
    );
  }
  return problems;
}

function nameOf(digest: string, expected: number): string {
  if (digest.length === expected) return "";
  if (/^[0-9a-f]{40}$/i.test(digest)) return "; it looks like SHA-1 in hex";
  const known = Object.entries(LENGTHS).find(([, length]) => length === digest.length);
  return known === undefined
    ? ""
    : `; so long is ${known[0].replace(" ", " in ").toUpperCase().replace(" IN ", " in ")}`;
}
