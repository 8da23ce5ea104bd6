import type { Queryable } from "../runtime/database.ts";
import { deleteSecrets, insertSecret, placeOfSecret, type SecretOwner, type SecretPurpose } from "../store/secrets.ts";
import type { ApiDeps } from "./deps.ts";

type SealingDeps = Pick<ApiDeps, "vault" | "ids" | "clock">;

/** Seals a secret and stores it beside those that its owner has. */
export async function addSecret(
  deps: SealingDeps,
  tx: Queryable,
  owner: SecretOwner,
  purpose: SecretPurpose,
  value: string,
): Promise<void> {
  const id = deps.ids.next();
  const ciphertext = deps.vault.seal(value, placeOfSecret({ organizationId: owner.organizationId, id, purpose }));
  await insertSecret(tx, { ...owner, id, purpose, ciphertext, createdAt: deps.clock.now() });
}

/** Seals a secret in place of whatever its owner has for this purpose. */
export async function replaceSecret(
  deps: SealingDeps,
  tx: Queryable,
  owner: SecretOwner,
  purpose: SecretPurpose,
  value: string,
): Promise<void> {
  await deleteSecrets(tx, owner, [purpose]);
  await addSecret(deps, tx, owner, purpose, value);
}

/** A new secret or token of an integration, safe in a URL, a header and a shell. */
export function makePlainSecret(randomBytes: (count: number) => Buffer): string {
  return randomBytes(32).toString("base64url");
}
