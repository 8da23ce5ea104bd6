import type { ReadContext, Reading } from "../../core/signal.ts";
import { entriesAt, firstText, member, type Spot, textAt, UnreadableError } from "../reading.ts";
import { httpLink, makeSignal, severityOf } from "../signal-draft.ts";
import { readTimeOr } from "../source-time.ts";
import { SEVERITY_WORDS } from "./kibana.ts";

const RULE_PLACES = ["rule_name", "elastalert_rule", "rule", "alert_name"] as const;

/** Fields shown elsewhere, or new with every match, so that they would make poor labels. */
const NO_LABELS: ReadonlySet<string> = new Set([
  ...RULE_PLACES,
  "@timestamp",
  "_id",
  "_type",
  "key",
  "message",
  "alert_text",
  "severity",
  "url",
]);

/** True for a match that ElastAlert 2 posts: the flat document, with its index or the number of hits. */
export function isElastAlert(root: Spot): boolean {
  return ["num_hits", "num_matches", "_index", "elastalert_rule"].some((key) => member(root, key).value !== undefined);
}

/** Reads one match, which always fires; throws `UnreadableError` when neither rule nor index names the condition. */
export function readElastAlert(root: Spot, context: ReadContext): Reading {
  const rule = RULE_PLACES.map((key) => member(root, key)).find((spot) => textAt(spot) !== null);
  const named = rule ?? member(root, "_index");
  const name = textAt(named);
  if (name === null) {
    throw new UnreadableError(
      `${root.path}.rule_name`,
      "ElastAlert does not name its rule; add rule_name to http_post_static_payload.",
    );
  }
  const key = member(root, "key");
  const keyText = textAt(key);
  const read = severityOf(firstText(member(root, "severity"), member(root, "priority")), SEVERITY_WORDS);
  const title = rule === undefined ? `ElastAlert match in ${name}` : name;
  const matchedAt = readTimeOr(member(root, "@timestamp").value, context.receivedAt);
  const signal = makeSignal({
    externalId: firstText(member(root, "_id")) ?? name,
    dedup: [{ path: named.path, text: name }, ...(keyText === null ? [] : [{ path: key.path, text: keyText }])],
    status: "firing",
    severity: read.severity,
    title: keyText === null ? title : `${title}: ${keyText}`,
    description: firstText(member(root, "alert_text"), member(root, "message")),
    labels: [...read.labels, ...entriesAt(root).filter(([label]) => !NO_LABELS.has(label))],
    links: [httpLink(member(root, "url").value, "Source")],
    sourceTime: Math.min(matchedAt, context.receivedAt),
  });
  const unnamed = "the rule's name is missing, the index names the condition; send rule_name";
  const warnings = rule === undefined ? [...read.warnings, unnamed] : read.warnings;
  return { kind: "signals", variant: "elastalert", signals: [signal], heartbeat: false, warnings };
}
