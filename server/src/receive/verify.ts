import type { Verification } from "../core/integration.ts";
import type { SignatureScheme } from "../platforms/verification.ts";
import type { OpenedSecret } from "../store/receiving-integration.ts";
import type { Verifier } from "./verdict.ts";
import { basicVerifier, tokenVerifier } from "./verify-credentials.ts";
import { type HmacScheme, hmacVerifier, standardVerifier } from "./verify-signature.ts";

const DEFAULT_TOLERANCE_SECONDS = 300;

/** How the webhooks of an integration are signed; null when they are not. */
export function schemeOf(verification: Verification, scheme: SignatureScheme): HmacScheme | null {
  switch (verification.type) {
    case "signature":
      return {
        ...scheme,
        type: "signature",
        header: verification.header?.toLowerCase() ?? scheme.header,
        timestampHeader: verification.timestamp_header?.toLowerCase() ?? scheme.timestampHeader,
        toleranceSeconds: verification.tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
      };
    case "hmac":
      return {
        type: "hmac",
        header: verification.header.toLowerCase(),
        prefix: verification.prefix,
        algorithm: verification.algorithm,
        encoding: verification.encoding,
        isList: false,
        timestampHeader: verification.timestamp_header?.toLowerCase() ?? null,
        toleranceSeconds: verification.tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
      };
    case "standard_webhooks":
      return {
        type: "standard_webhooks",
        header: "webhook-signature",
        prefix: "v1,",
        algorithm: "sha256",
        encoding: "base64",
        isList: true,
        timestampHeader: "webhook-timestamp",
        toleranceSeconds: verification.tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
      };
    default:
      return null;
  }
}

/** Builds the verifier of an integration from its settings, its platform's scheme and its opened secrets. */
export function createVerifier(
  verification: Verification,
  scheme: SignatureScheme,
  secrets: readonly OpenedSecret[],
): Verifier {
  const signed = schemeOf(verification, scheme);
  if (signed !== null) {
    return signed.type === "standard_webhooks"
      ? standardVerifier(signed.toleranceSeconds, secrets)
      : hmacVerifier(signed, secrets);
  }
  switch (verification.type) {
    case "token":
      return tokenVerifier(verification.header.toLowerCase(), verification.prefix, secrets);
    case "basic":
      return basicVerifier(verification.username, secrets);
    default:
      return {
        expected: "",
        header: null,
        verify: () => ({ ok: true, by: "none", secretId: null, replayKey: null }),
      };
  }
}
