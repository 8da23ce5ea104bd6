import type { JsonValue } from "../core/json.ts";
import type { ReadContext, Reading } from "../core/signal.ts";
import type { SignatureScheme } from "./verification.ts";

/** The platforms that Overwatch reads, in the order in which pages list them. */
export const PLATFORM_NAMES = [
  "datadog",
  "newrelic",
  "pagerduty",
  "grafana",
  "elasticsearch",
  "signoz",
  "prometheus",
  "custom",
] as const;

/** A platform's name as it stands in webhook URLs. */
export type PlatformName = (typeof PLATFORM_NAMES)[number];

/** One monitoring product: how it signs, what its payloads mean, how its sender behaves. */
export type Platform = {
  readonly name: PlatformName;
  /** The product's name as people write it. */
  readonly title: string;
  /** The scheme behind verification type `signature`. */
  readonly signature: SignatureScheme;
  /** False when the real product cannot sign, so that token or basic is what its users will choose. */
  readonly canSign: boolean;
  /** 429 for senders that retry it, 503 for those to whom a 429 is final. */
  readonly overloadStatus: 429 | 503;
  /** The header (lower case) that names one webhook across its retries, or null. */
  readonly deliveryIdHeader: string | null;
  /** The limit of an integration that sets none, or null for no limit. */
  readonly defaultRateLimit: { readonly requests: number; readonly perSeconds: number } | null;
  /**
   * Reads one payload. Pure and total: never throws, never random; the same condition has the same dedup key firing
   * and resolved; an unknown shape is `unreadable` with the path that failed.
   */
  read(payload: JsonValue, context: ReadContext): Reading;
};

/** Declares a platform; exists so that a folder's export is checked where it is written. */
export function definePlatform(platform: Platform): Platform {
  return Object.freeze(platform);
}
