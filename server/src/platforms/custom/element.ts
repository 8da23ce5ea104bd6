import { isObject, type JsonValue } from "../../core/json.ts";
import { COMMON_SEVERITY_WORDS } from "../../core/severity.ts";
import type { Link, ReadContext, Reading, Signal } from "../../core/signal.ts";
import { capText } from "../../core/text.ts";
import { elements, entriesAt, firstText, member, type Spot, textAt, UnreadableError } from "../reading.ts";
import { httpLink, type LabelEntry, makeSignal, severityOf } from "../signal-draft.ts";
import { readTimeOr } from "../source-time.ts";
import { readStatus, SEVERITY_WORDS, type StatusMeaning, splitTitle } from "./words.ts";

/** Where the fields of one alert stand, whether a mapping, a guess or a known format found them. */
export type ElementSpots = {
  /** The element as a whole, for messages. */
  readonly whole: Spot;
  readonly dedupKey: Spot;
  readonly externalId: Spot;
  readonly title: Spot;
  readonly description: Spot;
  readonly status: Spot;
  readonly severity: Spot;
  readonly sourceTime: Spot;
  readonly labels: Spot;
  readonly links: Spot;
  /** What tells two conditions of the same title apart where there is no dedup key, such as the host. */
  readonly source: readonly Spot[];
  /** Labels found elsewhere than in `labels`. */
  readonly otherLabels: readonly LabelEntry[];
};

/** What one element says: a signal, or why it makes none. */
export type ElementReading = {
  readonly signal: Signal | null;
  readonly aside: Exclude<StatusMeaning, Signal["status"]> | null;
  readonly externalId: string;
  readonly warnings: readonly string[];
};

/** A place at which nothing stands. */
export const NOWHERE: Spot = { path: "$", value: undefined };

/** Reads one element; throws `UnreadableError` when nothing in it could name a condition. */
export function readElement(spots: ElementSpots, context: ReadContext): ElementReading {
  const rawTitle = textAt(spots.title);
  const split = splitTitle(rawTitle ?? "");
  const status = meaningOf(spots.status, split.meaning);
  const dedup = identityOf(spots, split.title);
  const externalId = firstText(spots.externalId, spots.dedupKey) ?? "";
  if (status.meaning === "test" || status.meaning === "heartbeat" || status.meaning === "ignored") {
    return { signal: null, aside: status.meaning, externalId, warnings: [] };
  }
  if (dedup === null) {
    throw new UnreadableError(
      spots.whole.path,
      `Nothing in ${spots.whole.path} names an alert: send a title and a dedup_key, or set up a mapping.`,
    );
  }
  const severity = severityOf(severityWord(spots), SEVERITY_WORDS);
  const title = rawTitle === null ? dedup.map((part) => part.text).join(" ") : split.title;
  const description = textAt(spots.description);
  const signal = makeSignal({
    externalId: externalId === "" ? capText(title, 256) : externalId,
    dedup,
    status: status.meaning,
    severity: severity.severity,
    title,
    description: description === title ? null : description,
    labels: [...severity.labels, ...status.labels, ...labelsAt(spots.labels), ...spots.otherLabels],
    links: linksAt(spots.links),
    // A clock that runs ahead would make this signal newer than the one that ends it.
    sourceTime: Math.min(readTimeOr(spots.sourceTime.value, context.receivedAt), context.receivedAt),
    note: status.meaning === "noted" ? (description ?? title) : null,
  });
  return { signal, aside: null, externalId: signal.externalId, warnings: [...severity.warnings, ...status.warnings] };
}

/** Puts elements together into the reading of a payload. */
export function conclude(variant: string, readings: readonly ElementReading[], warnings: readonly string[]): Reading {
  const signals = readings.flatMap((reading) => (reading.signal === null ? [] : [reading.signal]));
  const heartbeat = readings.some((reading) => reading.aside === "heartbeat");
  const all = new Set([...warnings, ...readings.flatMap((reading) => reading.warnings)]);
  if (signals.length > 0) return { kind: "signals", variant, signals, heartbeat, warnings: [...all].slice(0, 20) };
  const externalIds = readings.map((reading) => reading.externalId).filter((id) => id !== "");
  const ignored = { kind: "ignored", variant, externalIds } as const;
  if (heartbeat) return { ...ignored, reason: "heartbeat", message: "A sign of life; it opens no incident." };
  if (readings.some((reading) => reading.aside === "test")) {
    return { ...ignored, reason: "test", message: "A test message; it opens no incident." };
  }
  return { ...ignored, reason: "not_an_alert", message: "No alert that could open an incident." };
}

/** The dedup key, else the source and the title without its status word; never the whole element. */
function identityOf(spots: ElementSpots, title: string): readonly { path: string; text: string }[] | null {
  const explicit = [spots.dedupKey, spots.externalId].find((spot) => textAt(spot) !== null);
  if (explicit !== undefined) return [{ path: explicit.path, text: textAt(explicit) ?? "" }];
  if (title === "") return null;
  const source = spots.source.flatMap((spot) => {
    const text = textAt(spot);
    return text === null ? [] : [{ path: spot.path, text }];
  });
  return [...source, { path: spots.title.path, text: title }];
}

function meaningOf(
  spot: Spot,
  fromTitle: StatusMeaning | null,
): { readonly meaning: StatusMeaning; readonly labels: readonly LabelEntry[]; readonly warnings: readonly string[] } {
  const word = textAt(spot);
  const meaning = word === null ? (fromTitle ?? "firing") : readStatus(word);
  if (meaning !== null) return { meaning, labels: [], warnings: [] };
  const warning = `unknown status ${JSON.stringify(capText(word ?? "", 64))} was read as firing`;
  return { meaning: "firing", labels: [["source_status", word ?? ""]], warnings: [warning] };
}

/** Senders such as Nagios put the severity into the status. */
function severityWord(spots: ElementSpots): string | null {
  const word = textAt(spots.severity);
  const status = textAt(spots.status);
  if (word !== null || status === null) return word;
  const isLevel = readStatus(status) === "firing" && Object.hasOwn(COMMON_SEVERITY_WORDS, status.toLowerCase());
  return isLevel ? status : null;
}

/** Labels from an object, from a list of `key:value` texts or `{key, value}` objects, or from one text with commas. */
export function labelsAt(spot: Spot): readonly LabelEntry[] {
  if (isObject(spot.value)) return entriesAt(spot);
  const listed: readonly JsonValue[] = Array.isArray(spot.value) ? spot.value : (textAt(spot)?.split(",") ?? []);
  const tags = listed.flatMap((one) => (typeof one === "string" ? [one.trim()] : [])).filter((tag) => tag !== "");
  const pairs = tags.flatMap((tag): readonly LabelEntry[] => {
    const cut = tag.search(/[:=]/);
    return cut > 0 && cut < tag.length - 1 ? [[tag.slice(0, cut).trim(), tag.slice(cut + 1).trim()]] : [];
  });
  const plain = tags.filter((tag) => !/^[^:=]+[:=]./.test(tag));
  const objects = elements(spot).flatMap((one): readonly LabelEntry[] => {
    const key = firstText(member(one, "key"), member(one, "name"), member(one, "tag"));
    return key === null ? [] : [[key, member(one, "value").value]];
  });
  return [...pairs, ...objects, ...(plain.length === 0 ? [] : [["tags", plain.join(",")] as const])];
}

function linksAt(spot: Spot): readonly (Link | null)[] {
  if (typeof spot.value === "string") return [httpLink(spot.value, "Source")];
  if (isObject(spot.value)) {
    const single = member(spot, "href").value ?? member(spot, "url").value;
    if (single !== undefined) return [linkAt(spot)];
    return entriesAt(spot).map(([name, value]) => httpLink(value, name === "" ? "Source" : name));
  }
  return elements(spot).map((one) => (typeof one.value === "string" ? httpLink(one.value, "Source") : linkAt(one)));
}

function linkAt(spot: Spot): Link | null {
  const href = member(spot, "href").value ?? member(spot, "url").value ?? member(spot, "src").value;
  return httpLink(href, firstText(member(spot, "text"), member(spot, "title"), member(spot, "alt")) ?? "Source");
}
