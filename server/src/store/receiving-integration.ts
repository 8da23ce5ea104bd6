import type { Integration } from "../core/integration.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Queryable } from "../runtime/database.ts";
import type { Vault } from "../runtime/secrets.ts";
import { findIntegrationById } from "./integrations.ts";
import { listLiveSecrets, placeOfSecret, type SecretPurpose } from "./secrets.ts";

/** A secret in the clear, for the memory of a stage only. */
export type OpenedSecret = {
  readonly id: string;
  readonly purpose: SecretPurpose;
  readonly value: string;
  /** True for the old secret of a rotation. */
  readonly isPrevious: boolean;
  /** Epoch milliseconds, null for the present secret. */
  readonly expiresAt: number | null;
};

/** An integration with what verifies its webhooks; without readable secrets nothing can be accepted. */
export type IntegrationWithSecrets = Integration &
  ({ readonly secrets: readonly OpenedSecret[] } | { readonly secretsUnreadable: true });

/** Loads the integration that a webhook URL names, with its secrets opened; null when unknown or deleted. */
export async function loadReceivingIntegration(
  db: Queryable,
  vault: Vault,
  clock: Clock,
  id: string,
): Promise<IntegrationWithSecrets | null> {
  const integration = await findIntegrationById(db, id);
  if (integration === null) return null;
  const sealed = await listLiveSecrets(db, integration.organizationId, "integration", id, clock.now());
  try {
    const secrets = sealed.map((secret) => ({
      id: secret.id,
      purpose: secret.purpose,
      value: vault.open(secret.ciphertext, placeOfSecret(secret)),
      isPrevious: secret.expiresAt !== null,
      expiresAt: secret.expiresAt,
    }));
    return { ...integration, secrets };
  } catch {
    return { ...integration, secretsUnreadable: true };
  }
}
