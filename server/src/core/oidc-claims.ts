/** A role by which people are told what they may do. */
type Role = "admin" | "responder" | "viewer";

/** What an identity provider says of somebody who signed in there. */
export type OidcPerson = {
  readonly issuer: string;
  readonly subject: string;
  /** In lower case, and only when the provider vouches for it. */
  readonly email: string | null;
  readonly name: string | null;
  /** What the configured claim gives, or null when it names no role. */
  readonly role: Role | null;
};

const STRONGEST_FIRST = ["admin", "responder", "viewer"] as const;

/** Reads the claims of an ID token (OpenID Connect Core 1.0, section 5.1). */
export function readOidcClaims(claims: Readonly<Record<string, unknown>>, roleClaim: string | null): OidcPerson | null {
  const { iss, sub, email, email_verified: isVerified, name } = claims;
  if (typeof iss !== "string" || typeof sub !== "string" || sub === "") return null;
  const isVouched = (isVerified === true || isVerified === "true") && typeof email === "string" && email.includes("@");
  return {
    issuer: iss,
    subject: sub,
    email: isVouched ? email.normalize("NFKC").trim().toLowerCase() : null,
    name: typeof name === "string" && name.trim() !== "" ? name.trim().slice(0, 200) : null,
    role: roleClaim === null ? null : roleIn(claims[roleClaim]),
  };
}

/** True when the address is of one of the domains; no domains allow all. */
export function isDomainAllowed(email: string, domains: readonly string[]): boolean {
  return domains.length === 0 || domains.includes(email.slice(email.lastIndexOf("@") + 1));
}

/** The path when it is one of this site's own; `/` otherwise, so that nobody is led elsewhere after signing in. */
export function localPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[^\\\p{Cc}]{0,2000}$/u.test(path) ? path : "/";
}

function roleIn(value: unknown): Role | null {
  const words = Array.isArray(value) ? value : [value];
  return STRONGEST_FIRST.find((role) => words.includes(role)) ?? null;
}
