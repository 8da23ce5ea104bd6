import { LIMITS } from "./limits.ts";
import { markRecord, toCelValue } from "./value.ts";

/** Field names of a record with their CEL types; `dyn` where a field may be null. */
export type Fields = Readonly<Record<string, string>>;

/** The records of the context. A field of another type than stated here reads as missing. */
export const RECORDS = {
  Link: { href: "string", text: "string" },
  Incident: {
    id: "string",
    number: "int",
    title: "string",
    description: "string",
    severity: "string",
    status: "string",
    flapping: "bool",
    integration_id: "string",
    group_key: "string",
    alert_count: "int",
    firing_count: "int",
    labels: "map<string, string>",
    links: "list<Link>",
    assignee: "dyn",
    created_at: "string",
    updated_at: "string",
    acknowledged_at: "dyn",
    resolved_at: "dyn",
    url: "string",
  },
  Alert: {
    id: "string",
    integration_id: "string",
    dedup_key: "string",
    external_id: "dyn",
    status: "string",
    severity: "string",
    title: "string",
    description: "string",
    labels: "map<string, string>",
    links: "list<Link>",
    first_seen_at: "string",
    last_seen_at: "string",
    firing_since: "dyn",
  },
  Event: { id: "string", type: "string", created_at: "string" },
  Integration: { id: "string", name: "string", platform: "string" },
  Endpoint: { id: "string", name: "string" },
  Failover: { delivery_id: "string", endpoint_id: "string", endpoint_name: "string" },
} as const satisfies Record<string, Fields>;

/** The name of a record's type. */
export type RecordName = keyof typeof RECORDS;

/** What the library needs to know a record by: its constructor and its fields. */
export type RecordType = { readonly name: RecordName; readonly ctor: () => void; readonly fields: Fields };

/** The record types in an order in which each stands after those that its fields name. */
export const RECORD_TYPES: readonly RecordType[] = (Object.keys(RECORDS) as RecordName[]).map((name) => {
  // Never called: the library tells records apart by the identity of their constructor.
  const ctor = function record(): void {};
  markRecord(ctor.prototype as object);
  return { name, ctor, fields: RECORDS[name] };
});

const byName = new Map<string, RecordType>(RECORD_TYPES.map((type) => [type.name, type]));
const made = new WeakMap<object, Map<string, object>>();

/** Reads a JSON value as a CEL type; undefined (missing) where it is of another. Lists of records are cut at 256. */
export function readField(type: string, value: unknown): unknown {
  const record = byName.get(type);
  if (record !== undefined) return readRecord(record, value);
  if (type.startsWith("list<")) return readList(type.slice(5, -1), value);
  switch (type) {
    case "string":
      return typeof value === "string" ? value : undefined;
    case "int":
      return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "map<string, string>":
      return new Map(entries(value).map(([key, element]) => [key, labelText(element)]));
    case "map<string, dyn>":
      return new Map(entries(value).map(([key, element]) => [key, toCelValue(element)]));
    case "google.protobuf.Timestamp":
      return value instanceof Date ? value : undefined;
    default:
      return toCelValue(value ?? null);
  }
}

function readRecord(type: RecordType, value: unknown): object {
  const source: object = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  let byType = made.get(source);
  if (byType === undefined) {
    byType = new Map();
    made.set(source, byType);
  }
  let record = byType.get(type.name);
  if (record === undefined) {
    record = makeRecord(type, source);
    byType.set(type.name, record);
  }
  return record;
}

function makeRecord(type: RecordType, source: object): object {
  const record = Object.create(type.ctor.prototype as object) as Record<string, unknown>;
  for (const [field, fieldType] of Object.entries(type.fields)) {
    const value: unknown = Object.hasOwn(source, field) ? source[field as keyof typeof source] : undefined;
    if (value === undefined) continue;
    // People compare and join these two freely; an absent text is an empty one.
    record[field] = value === null && fieldType === "string" ? "" : readField(fieldType, value);
  }
  return record;
}

function readList(elementType: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, LIMITS.listElements).map((element) => readField(elementType, element));
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function labelText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
