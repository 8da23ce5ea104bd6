import type { JsonObject } from "./json.ts";

/** How inbound webhooks of an integration are verified; secrets stand apart, in the vault. */
export type Verification =
  | {
      readonly type: "signature";
      /** Overrides of the platform's scheme, such as Grafana's renamed header. */
      readonly header?: string;
      readonly timestamp_header?: string;
      readonly tolerance_seconds?: number;
    }
  | { readonly type: "token"; readonly header: string; readonly prefix: string }
  | { readonly type: "basic"; readonly username: string }
  | {
      readonly type: "hmac";
      readonly header: string;
      readonly prefix: string;
      readonly algorithm: "sha256" | "sha512";
      readonly encoding: "hex" | "base64";
      readonly timestamp_header?: string;
      readonly tolerance_seconds?: number;
    }
  | { readonly type: "standard_webhooks"; readonly tolerance_seconds?: number }
  | { readonly type: "none" };

/** How alerts are folded into incidents. */
export type Grouping = {
  /** `["dedup_key"]`, or label names. */
  readonly by: readonly string[];
  /** An alert joins an open incident of its group only while that incident is younger than this; absent: always. */
  readonly window_seconds?: number;
  /** `organization` lets equal labels of different integrations meet in one incident. */
  readonly scope?: "integration" | "organization";
};

/** The switches of triage with their defaults applied; durations in seconds. */
export type TriagePolicy = {
  readonly auto_resolve: boolean;
  readonly reopen_seconds: number;
  /** Resolves alerts of which nothing was heard for so long; null never does. */
  readonly stale_after_seconds: number | null;
  /** So many state changes within the window make an incident flapping. */
  readonly flapping_changes: number;
  readonly flapping_window_seconds: number;
  /** Emits `integration.silent` when nothing arrived for so long; null never does. */
  readonly silent_after_seconds: number | null;
};

/** What an integration gets that says nothing. */
export const DEFAULT_TRIAGE_POLICY: TriagePolicy = {
  auto_resolve: true,
  reopen_seconds: 300,
  stale_after_seconds: null,
  flapping_changes: 6,
  flapping_window_seconds: 600,
  silent_after_seconds: null,
};

/** One configured connection to a platform, without its secrets. */
export type Integration = {
  readonly organizationId: string;
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly enabled: boolean;
  readonly verification: Verification;
  readonly allowedIps: readonly string[];
  readonly rateLimit: { readonly requests: number; readonly per_seconds: number } | null;
  readonly bodyLimitBytes: number;
  readonly quarantineLimit: number;
  /** A field mapping as the user wrote it, or null for the platform's own reading. */
  readonly mapping: JsonObject | null;
  readonly grouping: Grouping;
  readonly triage: Partial<TriagePolicy>;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastReceiptAt: number | null;
};
