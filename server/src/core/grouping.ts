import { sha256Hex, utf8Length } from "./hash.ts";
import type { Grouping } from "./integration.ts";

const LONGEST_KEY_BYTES = 255;

/** The name of an alert's group and the labels that grouping asked for but the alert does not have. */
export type GroupName = { readonly key: string; readonly missing: readonly string[] };

/**
 * Names the group of an alert: `<integration>:<dedup key>` or `<integration>:<label>=<value>,…`, without the integration
 * for scope `organization`. A missing label groups as an empty value. Over 255 bytes the name is hashed.
 */
export function nameGroup(
  grouping: Grouping,
  integrationId: string,
  alert: { readonly dedupKey: string; readonly labels: Readonly<Record<string, string>> },
): GroupName {
  const prefix = grouping.scope === "organization" ? "" : `${integrationId}:`;
  const missing: string[] = [];
  const parts = grouping.by.map((name) => {
    if (name === "dedup_key")
      return grouping.by.length === 1 ? alert.dedupKey : `dedup_key=${escapeText(alert.dedupKey)}`;
    const value = Object.hasOwn(alert.labels, name) ? alert.labels[name] : undefined;
    if (value === undefined) missing.push(name);
    return `${escapeText(name)}=${escapeText(value ?? "")}`;
  });
  return { key: bounded(prefix, parts.join(",")), missing };
}

/**
 * The group name that an incident keeps once its window has passed, so that the group's name is free for the next one;
 * `createdAt` in epoch milliseconds tells the windows apart.
 */
export function closedWindowName(groupKey: string, createdAt: number): string {
  return bounded(`@${createdAt}:`, groupKey);
}

/** What made the group of an incident, for people: a key of the sender's own, fields with their values, or unknown by now. */
export type GroupMakeup =
  | { readonly kind: "dedup_key" }
  | { readonly kind: "fields"; readonly fields: readonly { readonly name: string; readonly value: string }[] }
  | { readonly kind: "changed" };

/**
 * Tells what made a group of this key by the present rule; `changed` when the rule or the alert's labels have changed
 * since, so that they make another key.
 */
export function describeGroup(
  groupKey: string,
  grouping: Grouping,
  integrationId: string,
  alert: { readonly dedupKey: string; readonly labels: Readonly<Record<string, string>> },
): GroupMakeup {
  const { key } = nameGroup(grouping, integrationId, alert);
  const createdAt = /^@(\d+):/.exec(groupKey)?.[1];
  const isSame = groupKey === key || (createdAt !== undefined && groupKey === closedWindowName(key, Number(createdAt)));
  if (!isSame) return { kind: "changed" };
  if (grouping.by.length === 1 && grouping.by[0] === "dedup_key") return { kind: "dedup_key" };
  const read = (name: string): string => {
    if (name === "dedup_key") return alert.dedupKey;
    return Object.hasOwn(alert.labels, name) ? (alert.labels[name] ?? "") : "";
  };
  return { kind: "fields", fields: grouping.by.map((name) => ({ name, value: read(name) })) };
}

function bounded(prefix: string, rest: string): string {
  const key = prefix + rest;
  return utf8Length(key) <= LONGEST_KEY_BYTES ? key : `${prefix}sha256:${sha256Hex(rest)}`;
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll(",", "\\,").replaceAll("=", "\\=");
}
