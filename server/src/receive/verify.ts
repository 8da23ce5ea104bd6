import type { Verification } from "../core/integration.ts";
import type { SignatureScheme } from "../platforms/verification.ts";
import type { OpenedSecret } from "../store/receiving-integration.ts";
import type { Verifier } from "./verdict.ts";
import { basicVerifier, tokenVerifier } from "./verify-credentials.ts";
import { hmacVerifier, standardVerifier } from "./verify-signature.ts";

const DEFAULT_TOLERANCE_SECONDS = 300;

/** Builds the verifier of an integration from its settings, its platform's scheme and its opened secrets. */
export function createVerifier(
  verification: Verification,
  scheme: SignatureScheme,
  secrets: readonly OpenedSecret[],
): Verifier {
  switch (verification.type) {
    case "signature":
      return hmacVerifier(
        {
          ...scheme,
          type: "signature",
          header: verification.header?.toLowerCase() ?? scheme.header,
          timestampHeader: verification.timestamp_header?.toLowerCase() ?? scheme.timestampHeader,
          toleranceSeconds: verification.tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
        },
        secrets,
      );
    case "hmac":
      return hmacVerifier(
        {
          type: "hmac",
          header: verification.header.toLowerCase(),
          prefix: verification.prefix,
          algorithm: verification.algorithm,
          encoding: verification.encoding,
          isList: false,
          timestampHeader: verification.timestamp_header?.toLowerCase() ?? null,
          toleranceSeconds: verification.tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
        },
        secrets,
      );
    case "standard_webhooks":
      return standardVerifier(verification.tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS, secrets);
    case "token":
      return tokenVerifier(verification.header.toLowerCase(), verification.prefix, secrets);
    case "basic":
      return basicVerifier(verification.username, secrets);
    case "none":
      return {
        expected: "",
        header: null,
        verify: () => ({ ok: true, by: "none", secretId: null, replayKey: null }),
      };
  }
}
