import { isDomainAllowed, type OidcPerson } from "../core/oidc-claims.ts";
import type { Queryable } from "../runtime/database.ts";
import { lockOrganization, type Organization } from "../store/organizations.ts";
import { deleteSessionsOfUser } from "../store/sessions.ts";
import {
  countWorkingAdmins,
  findUserByEmail,
  findUserByOidc,
  insertUser,
  linkUserToOidc,
  type User,
  updateUser,
} from "../store/users.ts";
import type { OidcSettings } from "./oidc-client.ts";

/** Why somebody whom the provider knows may not sign in here. */
export type OidcRefusal =
  | "not_invited"
  | "disabled"
  | "email_not_verified"
  | "domain_not_allowed"
  | "linked_to_another";

/** The account of somebody who signed in at the identity provider, or why there is none. */
export type OidcAccount =
  | { readonly ok: true; readonly user: User; readonly isNew: boolean }
  | { readonly ok: false; readonly why: OidcRefusal };

/**
 * Finds the account that the provider's subject is linked to; else links the one with the e-mail address that the provider
 * vouches for; else makes one where a default role is configured. The role follows the configured claim.
 */
export async function findOidcAccount(
  tx: Queryable,
  organization: Organization,
  person: OidcPerson,
  settings: OidcSettings,
  newId: string,
  now: number,
): Promise<OidcAccount> {
  await lockOrganization(tx, organization.id);
  const linked = await findUserByOidc(tx, organization.id, person.issuer, person.subject);
  const email = person.email ?? linked?.email ?? null;
  if (email === null) return { ok: false, why: "email_not_verified" };
  if (!isDomainAllowed(email, settings.allowedDomains)) return { ok: false, why: "domain_not_allowed" };
  const found = linked ?? (await findUserByEmail(tx, organization.id, email));
  if (found === null) return makeAccount(tx, organization, person, email, settings, newId, now);
  // Whoever has the address now need not be the one who had it.
  if (linked === null && found.oidcSubject !== null) return { ok: false, why: "linked_to_another" };
  if (found.disabledAt !== null) return { ok: false, why: "disabled" };
  if (linked === null) await linkUserToOidc(tx, found, person.issuer, person.subject, now);
  return { ok: true, user: await followRole(tx, found, person, now), isNew: false };
}

async function makeAccount(
  tx: Queryable,
  organization: Organization,
  person: OidcPerson,
  email: string,
  settings: OidcSettings,
  newId: string,
  now: number,
): Promise<OidcAccount> {
  const role = person.role ?? settings.defaultRole;
  if (role === null) return { ok: false, why: "not_invited" };
  const user: User = {
    organizationId: organization.id,
    id: newId,
    name: person.name ?? email,
    email,
    role,
    passwordHash: null,
    oidcIssuer: person.issuer,
    oidcSubject: person.subject,
    createdAt: now,
    updatedAt: now,
    disabledAt: null,
    lastSignedInAt: now,
    version: 1,
  };
  await insertUser(tx, user);
  return { ok: true, user, isNew: true };
}

/** Another role ends the sessions that had the former one. The last administrator stays one, whatever the claim says. */
async function followRole(tx: Queryable, user: User, person: OidcPerson, now: number): Promise<User> {
  if (person.role === null || person.role === user.role) return user;
  const isLastAdmin = user.role === "admin" && (await countWorkingAdmins(tx, user.organizationId)) <= 1;
  if (isLastAdmin) return user;
  const changed = { ...user, role: person.role };
  await updateUser(tx, changed, now);
  await deleteSessionsOfUser(tx, user);
  return changed;
}
