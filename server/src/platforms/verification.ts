/** How a platform signs its webhooks, as data; the receive stage interprets it. */
export type SignatureScheme = {
  readonly kind: "hmac_header";
  /** Header name in lower case. */
  readonly header: string;
  /** The exact text before the digest, such as `sha256=`, or the empty string. */
  readonly prefix: string;
  readonly algorithm: "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
  /** True when the header may carry several candidates separated by commas, any one of which suffices. */
  readonly isList: boolean;
  /** The header with the unix time that is signed as `<time>:<body>`, or null. */
  readonly timestampHeader: string | null;
};

/** An HMAC of the raw body in one header; hex SHA-256 unless said otherwise. */
export function hmacHeader(
  options: Pick<SignatureScheme, "header"> & Partial<Omit<SignatureScheme, "header" | "kind">>,
): SignatureScheme {
  return {
    kind: "hmac_header",
    prefix: "",
    algorithm: "sha256",
    encoding: "hex",
    isList: false,
    timestampHeader: null,
    ...options,
  };
}
