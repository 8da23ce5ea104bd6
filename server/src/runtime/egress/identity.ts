import { createHash } from "node:crypto";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { ClientCertificate } from "../../core/endpoint-auth.ts";

/** With what a connection speaks TLS; connections of different names are never shared. */
export type Identity = { readonly name: string; readonly secureContext: SecureContext };

/** Makes the TLS context of a client certificate once; without one, of everybody. */
export type Identities = {
  /** Null when OpenSSL refuses certificate and key. */
  of(certificate: ClientCertificate | undefined): Identity | null;
};

const OLDEST_TLS = "TLSv1.2";

/** Identities that trust Node's authorities and `extraAuthorities`, or those alone that come with a client certificate. */
export function createIdentities(extraAuthorities: readonly string[]): Identities {
  const nobody: Identity = {
    name: "",
    secureContext: createSecureContext({ minVersion: OLDEST_TLS, ...trusting(extraAuthorities) }),
  };
  // Endpoints are read anew now and then: the objects that are not used any more take their contexts with them.
  const known = new WeakMap<ClientCertificate, Identity | null>();
  const make = ({ certificate, key, ca }: ClientCertificate): Identity | null => {
    try {
      const secureContext = createSecureContext({
        minVersion: OLDEST_TLS,
        cert: certificate,
        key,
        ...(ca === undefined ? trusting(extraAuthorities) : { ca }),
      });
      const hash = createHash("sha256").update(JSON.stringify([certificate, key, ca]));
      return { name: hash.digest("hex"), secureContext };
    } catch {
      return null;
    }
  };
  return {
    of(certificate) {
      if (certificate === undefined) return nobody;
      const found = known.get(certificate);
      if (found !== undefined) return found;
      const made = make(certificate);
      known.set(certificate, made);
      return made;
    },
  };
}

function trusting(extra: readonly string[]): { readonly ca?: string[] } {
  return extra.length > 0 ? { ca: [...getCACertificates("default"), ...extra] } : {};
}
