import type { JsonValue } from "../../core/json.ts";
import { entriesAt, member, memberAt, requireObject, type Spot, textAt } from "../reading.ts";
import type { LabelEntry } from "../signal-draft.ts";
import { type ElementSpots, labelsAt, NOWHERE } from "./element.ts";
import { readStatus } from "./words.ts";

/** Field names by which senders usually call a thing, best first; case, `_`, `-` and `.` do not count. */
const NAMES = {
  dedupKey: ["dedupkey", "deduplicationkey", "fingerprint", "alertkey", "incidentkey", "aggregationkey", "alias"],
  id: ["alertid", "incidentid", "key", "id", "uuid", "externalid"],
  title: ["title", "alertname", "name", "summary", "subject", "headline", "rulename", "checkname", "monitorname"],
  text: ["description", "message", "text", "body", "details", "output", "reason"],
  status: ["status", "state", "alertstatus", "alertstate", "currentstate", "action", "eventaction"],
  severity: ["severity", "level", "priority", "urgency", "criticality", "alertlevel"],
  time: ["time", "timestamp", "eventtime", "occurredat", "datetime", "date", "ts", "createdat"],
  startedAt: ["startsat", "startedat", "starttime", "triggeredat", "firedat"],
  endedAt: ["resolvedat", "endsat", "endedat", "endtime", "closedat", "recoveredat", "updatedat"],
  labels: ["labels"],
  tags: ["tags"],
  link: ["url", "link", "links", "href", "permalink", "alerturl", "incidenturl", "generatorurl"],
  source: ["source", "host", "hostname", "instance", "service", "component", "node", "application", "app"],
  kind: ["type", "eventtype", "event", "kind"],
} as const;

/** Leftover fields that may hold a credential never become labels. */
const SECRET = /token|secret|password|passwd|apikey|routingkey|servicekey|authorization|credential|signature/;

type Fields = ReadonlyMap<string, Spot>;

/** Finds the fields of an alert by the names that senders usually give them; throws where it is no object. */
export function guessElement(spot: Spot): ElementSpots {
  const fields = fieldsOf(requireObject(spot));
  const found = new Set<string>();
  const find = (names: readonly string[]): Spot => findText(fields, found, names);
  const dedupKey = find(NAMES.dedupKey);
  const id = find(NAMES.id);
  const title = firstSpot(
    find(NAMES.title),
    memberAt(spot, "annotations", "summary"),
    memberAt(spot, "labels", "alertname"),
  );
  const text = find(NAMES.text);
  const status = statusSpot(find(NAMES.status), find(NAMES.kind), member(spot, "test"));
  const isResolved = readStatus(textAt(status) ?? "") === "resolved";
  const time = find(NAMES.time);
  const startedAt = find(NAMES.startedAt);
  const endedAt = find(NAMES.endedAt);
  const links = findAny(fields, found, NAMES.link);
  const labels = findAny(fields, found, NAMES.labels);
  const tags = findAny(fields, found, NAMES.tags);
  return {
    whole: spot,
    dedupKey,
    externalId: id,
    title: firstSpot(title, text),
    description: firstSpot(text, memberAt(spot, "annotations", "description")),
    status,
    severity: firstSpot(find(NAMES.severity), memberAt(spot, "labels", "severity")),
    sourceTime: isResolved ? firstSpot(endedAt, time, NOWHERE) : firstSpot(startedAt, time, NOWHERE),
    labels,
    links,
    source: [firstSpot(findSource(fields))].filter((one) => textAt(one) !== null),
    otherLabels: [...labelsAt(tags), ...leftovers(fields, found)],
  };
}

/** Fields by their plain names; the first of several that differ in spelling only. */
function fieldsOf(spot: Spot): Fields {
  const fields = new Map<string, Spot>();
  for (const [key] of entriesAt(spot)) {
    const plain = key.toLowerCase().replace(/[_\-.\s]/g, "");
    if (!fields.has(plain)) fields.set(plain, member(spot, key));
  }
  return fields;
}

function findText(fields: Fields, found: Set<string>, names: readonly string[]): Spot {
  for (const name of names) {
    const spot = fields.get(name);
    if (spot === undefined || textAt(spot) === null) continue;
    found.add(name);
    return spot;
  }
  return NOWHERE;
}

function findAny(fields: Fields, found: Set<string>, names: readonly string[]): Spot {
  const name = names.find((one) => fields.has(one));
  if (name !== undefined) found.add(name);
  return fields.get(name ?? "") ?? NOWHERE;
}

/** The source stays a label too, so it does not count as found. */
function findSource(fields: Fields): Spot {
  return findText(fields, new Set(), NAMES.source);
}

function firstSpot(...spots: readonly Spot[]): Spot {
  return spots.find((spot) => textAt(spot) !== null) ?? NOWHERE;
}

/** A `type` counts as a status only where it says so; `"test": true` is how some senders mark a test. */
function statusSpot(status: Spot, kind: Spot, test: Spot): Spot {
  if (test.value === true) return { path: test.path, value: "test" };
  const meaning = readStatus(textAt(kind) ?? "");
  if (textAt(status) !== null) return meaning === "test" || meaning === "heartbeat" ? kind : status;
  return meaning === null ? NOWHERE : kind;
}

function leftovers(fields: Fields, found: ReadonlySet<string>): readonly LabelEntry[] {
  const isScalar = (value: JsonValue | undefined) => typeof value !== "object" && value !== undefined;
  return [...fields]
    .filter(([plain, spot]) => !found.has(plain) && !SECRET.test(plain) && isScalar(spot.value))
    .map(([, spot]) => [keyOf(spot), spot.value] as const);
}

/** The last member of a path as the sender spelt it. */
function keyOf(spot: Spot): string {
  const quoted = /\[("(?:[^"\\]|\\.)*")\]$/.exec(spot.path)?.[1];
  return quoted === undefined ? spot.path.slice(spot.path.lastIndexOf(".") + 1) : String(JSON.parse(quoted));
}
