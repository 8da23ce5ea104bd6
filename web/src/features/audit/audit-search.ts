/** What entries can be about, in the words of the API. */
export const OBJECT_KINDS = [
  "incident",
  "integration",
  "endpoint",
  "delivery",
  "receipt",
  "user",
  "session",
  "api_key",
  "view",
] as const;

/** The filters of the audit as they stand in the URL. */
export type AuditSearch = {
  readonly q?: string | undefined;
  readonly actor?: string | undefined;
  readonly kind?: (typeof OBJECT_KINDS)[number] | undefined;
  readonly object?: string | undefined;
  readonly entry?: string | undefined;
};
