import type { IntegrationPatchWire, IntegrationWire, PlatformWire } from "../../../../server/src/api/contract.ts";
import { draftOf, typeOf, type VerificationDraft, verificationFrom } from "./verification.ts";

/** The settings of an integration while somebody edits them; numbers are texts, and empty ones are not set. */
export type SettingsDraft = {
  readonly name: string;
  readonly verification: VerificationDraft;
  readonly allowedIps: string;
  readonly rateRequests: string;
  readonly rateSeconds: string;
  readonly bodyLimit: string;
  readonly quarantineLimit: string;
  readonly groupBy: string;
  readonly groupWindow: string;
  readonly groupScope: "integration" | "organization";
  readonly autoResolve: boolean;
  readonly reopen: string;
  readonly stale: string;
  readonly silent: string;
  readonly flappingChanges: string;
  readonly flappingWindow: string;
};

/** The settings as they are, to be edited. */
export function settingsOf(integration: IntegrationWire): SettingsDraft {
  const { rate_limit: rate, grouping } = integration;
  return {
    name: integration.name,
    verification: draftOf(integration.verification),
    allowedIps: integration.allowed_ips.join("\n"),
    rateRequests: textOf(rate?.requests),
    rateSeconds: textOf(rate?.per_seconds),
    bodyLimit: textOf(integration.body_limit_bytes),
    quarantineLimit: textOf(integration.quarantine_limit),
    groupBy: grouping.by.join("\n"),
    groupWindow: textOf(grouping.window_seconds),
    groupScope: grouping.scope ?? "integration",
    autoResolve: integration.auto_resolve,
    reopen: textOf(integration.reopen_seconds),
    stale: textOf(integration.stale_after_seconds),
    silent: textOf(integration.silent_after_seconds),
    flappingChanges: textOf(integration.flapping_changes),
    flappingWindow: textOf(integration.flapping_window_seconds),
  };
}

/** What of a draft is to be changed. */
export function settingsPatch(integration: IntegrationWire, draft: SettingsDraft): IntegrationPatchWire {
  const before = settingsOf(integration);
  const isChanged = (...names: readonly (keyof SettingsDraft)[]): boolean =>
    names.some((name) => JSON.stringify(draft[name]) !== JSON.stringify(before[name]));
  const patch: { -readonly [Name in keyof IntegrationPatchWire]: IntegrationPatchWire[Name] } = {};
  if (isChanged("name")) patch.name = draft.name.trim();
  if (isChanged("verification")) {
    const isSameType = typeOf(integration.verification) === draft.verification.type;
    const { tolerance_seconds: tolerance } = integration.verification;
    const kept = isSameType && typeof tolerance === "number" ? tolerance : undefined;
    patch.verification = verificationFrom(draft.verification, "", kept);
  }
  if (isChanged("allowedIps")) patch.allowed_ips = linesOf(draft.allowedIps);
  if (isChanged("rateRequests", "rateSeconds")) {
    const isNone = draft.rateRequests === "" && draft.rateSeconds === "";
    patch.rate_limit = isNone ? null : { requests: Number(draft.rateRequests), per_seconds: Number(draft.rateSeconds) };
  }
  if (isChanged("bodyLimit")) patch.body_limit_bytes = Number(draft.bodyLimit);
  if (isChanged("quarantineLimit")) patch.quarantine_limit = Number(draft.quarantineLimit);
  if (isChanged("groupBy", "groupWindow", "groupScope")) {
    patch.grouping = {
      by: linesOf(draft.groupBy),
      scope: draft.groupScope,
      ...(draft.groupWindow === "" ? {} : { window_seconds: Number(draft.groupWindow) }),
    };
  }
  if (isChanged("autoResolve")) patch.auto_resolve = draft.autoResolve;
  if (isChanged("reopen")) patch.reopen_seconds = Number(draft.reopen);
  if (isChanged("stale")) patch.stale_after_seconds = numberOrNull(draft.stale);
  if (isChanged("silent")) patch.silent_after_seconds = numberOrNull(draft.silent);
  if (isChanged("flappingChanges")) patch.flapping_changes = Number(draft.flappingChanges);
  if (isChanged("flappingWindow")) patch.flapping_window_seconds = Number(draft.flappingWindow);
  return patch;
}

/** The limit that holds where the integration sets none, in words. */
export function defaultRateWords(platform: PlatformWire | undefined): string {
  const rate = platform?.default_rate_limit ?? null;
  if (rate === null) return "Left empty, there is no limit.";
  return `Left empty, the platform's own limit holds: ${rate.requests} in ${rate.per_seconds} s.`;
}

function textOf(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

function numberOrNull(text: string): number | null {
  return text === "" ? null : Number(text);
}

function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
