import { isObject, type JsonObject, type JsonValue } from "./json.ts";

/** What an audit entry shows in place of a secret. */
export const HIDDEN = "***";

/** A field before and after a change; absent where it was not. */
export type FieldChange = { readonly before?: JsonValue; readonly after?: JsonValue };

/** Fields that changed, by their path such as `webhook_config.url`. */
export type FieldChanges = Readonly<Record<string, FieldChange>>;

// What moves by itself or says nothing about what somebody did.
const QUIET = /^(id|version|created_at|updated_at|last_\w+_at|link_expires_at)$/;
// Fields that views hide or mask, so that a change of them cannot be seen by comparing views.
const MASKED =
  /^(url|headers|variables|auth|client_certificate|verification|signing_secret|secret|token|password|webhook_config)$/;
const SECRET = /secret|password|passphrase|token|headers|variables|^auth$|certificate|private|^key$|^current$|^new$/i;
const MOST_TEXT = 2_000;
const MOST_ELEMENTS = 200;
const MOST_DEPTH = 4;

/** The fields that differ between two views of a thing; null is what was not there yet or is gone. */
export function diffViews(before: JsonObject | null, after: JsonObject | null): FieldChanges {
  const changes: Record<string, FieldChange> = {};
  compare(before ?? {}, after ?? {}, "", 1, changes);
  return changes;
}

/** The same, with the fields of a request added that may have changed behind their mask. */
export function withMaskedFields(changes: FieldChanges, request: JsonValue | undefined): FieldChanges {
  const more: Record<string, FieldChange> = { ...changes };
  for (const name of Object.keys(asObject(request) ?? {})) {
    const isSeen = Object.keys(changes).some((path) => path === name || path.startsWith(`${name}.`));
    if (MASKED.test(name) && !isSeen) more[name] = { before: HIDDEN, after: HIDDEN };
  }
  return more;
}

/** A request's body as an audit entry keeps it: secrets hidden, long texts and lists cut. */
export function maskRequest(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.slice(0, MOST_ELEMENTS).map(maskRequest);
  const fields = asObject(value);
  if (fields === null) return cut(value);
  return Object.fromEntries(
    Object.entries(fields).map(([name, entry]) => [name, SECRET.test(name) ? HIDDEN : maskRequest(entry)]),
  );
}

function compare(
  before: JsonObject,
  after: JsonObject,
  path: string,
  depth: number,
  changes: Record<string, FieldChange>,
): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (QUIET.test(name)) continue;
    const [one, other] = [before[name], after[name]];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    const [inner, outer] = [asObject(one), asObject(other)];
    if (inner !== null && outer !== null && depth < MOST_DEPTH) {
      compare(inner, outer, `${path}${name}.`, depth + 1, changes);
    } else {
      changes[path + name] = {
        ...(one === undefined ? {} : { before: cut(one) }),
        ...(other === undefined ? {} : { after: cut(other) }),
      };
    }
  }
}

function asObject(value: JsonValue | undefined): JsonObject | null {
  return isObject(value) ? value : null;
}

function cut(value: JsonValue): JsonValue {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= MOST_TEXT ? value : `${text.slice(0, MOST_TEXT).toWellFormed()}…`;
}
