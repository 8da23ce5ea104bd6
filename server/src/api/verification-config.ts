import type { Verification } from "../core/integration.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { generateSecret, isSigningSecret } from "../runtime/webhook-signature.ts";
import type { SecretPurpose } from "../store/secrets.ts";
import { invalidField } from "./error-answer.ts";
import type { VerificationRequest } from "./schemas/integrations.ts";
import { makePlainSecret } from "./sealing.ts";

/** The secret that a way of verifying rests on, or null for none. */
export function purposeOf(verification: Verification): "signing_secret" | "token" | "password" | null {
  switch (verification.type) {
    case "token":
      return "token";
    case "basic":
      return "password";
    case "none":
      return null;
    default:
      return "signing_secret";
  }
}

/** The purposes of secrets that integrations have. */
export const INTEGRATION_PURPOSES = ["signing_secret", "token", "password"] as const satisfies readonly SecretPurpose[];

/** Takes the secret out of a verification as a request carries it, and fills in what it leaves to us. */
export function splitVerification(given: VerificationRequest): {
  readonly verification: Verification;
  readonly secret: string | null;
} {
  switch (given.type) {
    case "token": {
      const header = given.header ?? "Authorization";
      const isAuthorization = header.toLowerCase() === "authorization";
      const verification = { type: given.type, header, prefix: given.prefix ?? (isAuthorization ? "Bearer " : "") };
      return { verification, secret: given.token ?? null };
    }
    case "basic":
      return { verification: { type: given.type, username: given.username }, secret: given.password ?? null };
    case "hmac": {
      const { type, header, timestamp_header, tolerance_seconds } = given;
      const verification = {
        type,
        header,
        prefix: given.prefix ?? "",
        algorithm: given.algorithm ?? ("sha256" as const),
        encoding: given.encoding ?? ("hex" as const),
        ...(timestamp_header === undefined ? {} : { timestamp_header }),
        ...(tolerance_seconds === undefined ? {} : { tolerance_seconds }),
      };
      return { verification, secret: null };
    }
    default:
      return { verification: given, secret: null };
  }
}

/** Makes the secret that a way of verifying needs. */
export function makeSecretFor(verification: Verification, randomBytes: (count: number) => Buffer): string {
  return verification.type === "standard_webhooks" ? generateSecret(randomBytes) : makePlainSecret(randomBytes);
}

/** Refuses a secret that the way of verifying cannot use. */
export function checkSecretFits(verification: Verification, secret: string, path: string): void {
  if (verification.type !== "standard_webhooks") return;
  requireSigningSecret(secret, path);
}

/** Refuses what cannot sign by Standard Webhooks. */
export function requireSigningSecret(secret: string, path: string): void {
  if (!isSigningSecret(secret)) throw invalidField(path, "must be whsec_ and the base64 of 24 to 64 bytes");
}

/** A verification on the wire: everything but its secret. */
export function viewVerification(verification: Verification): JsonObject {
  const value: unknown = verification;
  return isObject(value) ? value : {};
}
