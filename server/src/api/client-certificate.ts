import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Static } from "typebox";
import type { ClientCertificate } from "../core/endpoint-auth.ts";
import { wireTime } from "../core/incident-view.ts";
import type { FieldProblem } from "./endpoint-check.ts";
import type { ClientCertificateView } from "./schemas/endpoint-auth.ts";

const DAY_MS = 86_400_000;
const SOON_MS = 30 * DAY_MS;
const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** What is wrong with a client certificate: PEM that cannot be read, or a key of another certificate. */
export function clientCertificateProblems(given: ClientCertificate, path: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const leaf = parseCertificates(given.certificate)?.[0];
  if (leaf === undefined) problems.push({ path: `${path}.certificate`, message: "is not a certificate in PEM" });
  const key = parseKey(given.key);
  if (key === null) problems.push({ path: `${path}.key`, message: "is not a private key in PEM without a passphrase" });
  if (leaf !== undefined && key !== null && !leaf.checkPrivateKey(key)) {
    problems.push({ path: `${path}.key`, message: "does not belong to the certificate" });
  }
  if (given.ca !== undefined && parseCertificates(given.ca) === null) {
    problems.push({ path: `${path}.ca`, message: "holds something that is not a certificate in PEM" });
  }
  return problems;
}

/** A client certificate as people may see it, with a warning when it has expired or soon will. */
export function viewClientCertificate(
  stored: ClientCertificate,
  now: number,
): Static<typeof ClientCertificateView> | null {
  const leaf = parseCertificates(stored.certificate)?.[0];
  if (leaf === undefined) return null;
  return {
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    fingerprint_sha256: leaf.fingerprint256,
    expires_at: wireTime(leaf.validToDate.getTime()),
    has_ca: stored.ca !== undefined,
    warning: warningOf(leaf, now),
  };
}

function warningOf(leaf: X509Certificate, now: number): string | null {
  const left = leaf.validToDate.getTime() - now;
  if (left <= 0) return "The certificate has expired: receivers will refuse it";
  if (leaf.validFromDate.getTime() > now) return "The certificate is not valid yet: receivers will refuse it";
  return left < SOON_MS ? `The certificate expires in ${Math.ceil(left / DAY_MS)} days` : null;
}

/** All certificates of a text; null when there is none or one cannot be read. */
function parseCertificates(text: string): readonly X509Certificate[] | null {
  const blocks = text.match(BLOCK) ?? [];
  try {
    return blocks.length === 0 ? null : blocks.map((block) => new X509Certificate(block));
  } catch {
    return null;
  }
}

function parseKey(text: string): ReturnType<typeof createPrivateKey> | null {
  try {
    return createPrivateKey(text);
  } catch {
    return null;
  }
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}
