import type { IntegrationCreateWire, IntegrationWire, PlatformWire } from "../../../../server/src/api/contract.ts";
import type { ShownSecret } from "../../ui/secret-dialog.tsx";

type Request = NonNullable<IntegrationCreateWire["verification"]>;

/** The ways in which webhooks can be verified. */
export const VERIFICATION_WORDS: Readonly<Record<Request["type"], string>> = {
  signature: "The platform's own signature",
  token: "A token in a header",
  basic: "User name and password",
  hmac: "An HMAC signature in any header",
  standard_webhooks: "Standard Webhooks signature",
  none: "Nothing: everybody who knows the address is believed",
};

/** A verification while somebody edits it. */
export type VerificationDraft = {
  readonly type: Request["type"];
  readonly header: string;
  readonly prefix: string;
  readonly username: string;
  readonly algorithm: "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
  readonly timestampHeader: string;
};

/** What a new verification of a type begins with. */
export function newDraft(type: Request["type"], name = "overwatch"): VerificationDraft {
  return {
    type,
    header: type === "token" ? "Authorization" : type === "hmac" ? "X-Hub-Signature-256" : "",
    prefix: type === "token" ? "Bearer " : type === "hmac" ? "sha256=" : "",
    username: name,
    algorithm: "sha256",
    encoding: "hex",
    timestampHeader: "",
  };
}

/** The verification of an integration, to be edited. */
export function draftOf(verification: IntegrationWire["verification"]): VerificationDraft {
  const type = typeOf(verification);
  const text = (name: string, otherwise: string): string => {
    const value = verification[name];
    return typeof value === "string" ? value : otherwise;
  };
  const empty = newDraft(type);
  return {
    type,
    header: text("header", type === "signature" ? "" : empty.header),
    prefix: text("prefix", empty.prefix),
    username: text("username", empty.username),
    algorithm: verification.algorithm === "sha512" ? "sha512" : "sha256",
    encoding: verification.encoding === "base64" ? "base64" : "hex",
    timestampHeader: text("timestamp_header", ""),
  };
}

/** The type of a verification as an answer has it. */
export function typeOf(verification: IntegrationWire["verification"]): Request["type"] {
  const { type } = verification;
  return typeof type === "string" && Object.hasOwn(VERIFICATION_WORDS, type) ? (type as Request["type"]) : "signature";
}

/** A draft as a request carries it; `secret` goes where its type keeps it, and `toleranceSeconds` is kept. */
export function verificationFrom(draft: VerificationDraft, secret: string, toleranceSeconds?: number): Request {
  const { type, header, prefix, username, algorithm, encoding, timestampHeader } = draft;
  const time = timestampHeader === "" ? {} : { timestamp_header: timestampHeader };
  const tolerance = toleranceSeconds === undefined ? {} : { tolerance_seconds: toleranceSeconds };
  switch (type) {
    case "signature":
      return { type, ...(header === "" ? {} : { header }), ...time, ...tolerance };
    case "token":
      return { type, header, prefix, ...(secret === "" ? {} : { token: secret }) };
    case "basic":
      return { type, username, ...(secret === "" ? {} : { password: secret }) };
    case "hmac":
      return { type, header, prefix, algorithm, encoding, ...time, ...tolerance };
    case "standard_webhooks":
      return { type, ...tolerance };
    case "none":
      return { type };
  }
}

/** The field of the API that holds the secret of a way of verifying; null for none. */
export function secretFieldOf(type: Request["type"]): "signing_secret" | "token" | "password" | null {
  if (type === "token") return "token";
  if (type === "basic") return "password";
  return type === "none" ? null : "signing_secret";
}

/** The secrets that an answer shows this once. */
export function shownSecrets(answer: Pick<IntegrationWire, "signing_secret" | "token" | "password">): ShownSecret[] {
  const { signing_secret: signing, token, password } = answer;
  const all = [
    { label: "Signing secret", value: signing, variable: "OVERWATCH_SECRET" },
    { label: "Token", value: token, variable: "OVERWATCH_TOKEN" },
    { label: "Password", value: password, variable: "OVERWATCH_PASSWORD" },
  ];
  return all.flatMap(({ label, value, variable }) => (typeof value === "string" ? [{ label, value, variable }] : []));
}

/** How webhooks of an integration prove who sent them, in a sentence. */
export function verificationSentence(draft: VerificationDraft, platform: PlatformWire | undefined): string {
  switch (draft.type) {
    case "signature":
      return `Signed by HMAC-SHA256 in the header ${draft.header || (platform?.signature_header ?? "of the platform")}.`;
    case "token":
      return `A token in the header ${draft.header}${draft.prefix.trim() === "" ? "" : ` after “${draft.prefix.trim()}”`}.`;
    case "basic":
      return `Basic authentication as ${draft.username}.`;
    case "hmac":
      return `HMAC-${draft.algorithm.toUpperCase()} in ${draft.encoding} in the header ${draft.header}.`;
    case "standard_webhooks":
      return "Signed as Standard Webhooks says, in webhook-signature.";
    case "none":
      return "Nothing is verified: everybody who knows the address is believed. Add an allow-list.";
  }
}
