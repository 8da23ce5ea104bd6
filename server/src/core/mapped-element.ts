import type { JsonValue } from "./json.ts";

/** The fields that a mapping may give, in the order in which pages list them. */
export const MAPPED_FIELDS = [
  "dedup_key",
  "external_id",
  "title",
  "description",
  "status",
  "severity",
  "source_time",
  "labels",
  "links",
] as const;

/** The name of a field that a mapping may give. */
export type MappedField = (typeof MAPPED_FIELDS)[number];

/**
 * What a mapping made of one element of a payload, values still as the payload has them: `status` and `severity` as
 * words, `source_time` as RFC 3339 or epoch, `labels` as an object or a list of `key:value` texts, `links` as a text, a
 * list of texts or of `{href, text}`, or an object of texts. Missing and null mean the same.
 */
export type MappedElement = { readonly [field in MappedField]?: JsonValue | undefined };
