import type { ReadContext, Reading } from "../../core/signal.ts";
import { definePlatform } from "../platform.ts";
import { readPayload, requireObject, type Spot, UnreadableError } from "../reading.ts";
import { makeSignal } from "../signal-draft.ts";
import { hmacHeader } from "../verification.ts";
import { isElastAlert, readElastAlert } from "./elastalert.ts";
import { isKibana, kibanaDraft, readConnectorTest } from "./kibana.ts";
import { isKibanaSummary, readKibanaSummary } from "./kibana-summary.ts";
import { isWatcher, readWatcher } from "./watcher.ts";

// Kibana's webhook connector, whose body is the user's Mustache template, Kibana 8 and 9:
// https://www.elastic.co/guide/en/kibana/current/rule-action-variables.html
// Watcher's webhook action, Elasticsearch 7 to 9; ElastAlert 2's http_post alerter.
// Smallest body: {"rule_id":"…","rule_name":"…","alert_id":"…","action_group":"…"}

/** Kibana alerting, Elasticsearch Watcher and ElastAlert 2. */
export const elasticsearch = definePlatform({
  name: "elasticsearch",
  title: "Elasticsearch",
  signature: hmacHeader({ header: "x-overwatch-signature", prefix: "sha256=" }),
  canSign: false,
  overloadStatus: 429,
  deliveryIdHeader: null,
  defaultRateLimit: null,
  read: (payload, context) => readPayload(payload, (root) => readElasticsearch(requireObject(root), context)),
});

function readElasticsearch(root: Spot, context: ReadContext): Reading {
  const test = readConnectorTest(root);
  if (test !== null) return test;
  if (isKibanaSummary(root)) return readKibanaSummary(root, context);
  if (isWatcher(root)) return readWatcher(root, context);
  // A match may have a field called rule_name as well, a Kibana rule never counts hits.
  if (isElastAlert(root)) return readElastAlert(root, context);
  if (!isKibana(root)) {
    throw new UnreadableError(
      root.path,
      "Neither a Kibana rule, a watch nor an ElastAlert match; paste the template from the set-up page.",
    );
  }
  const { draft, warnings } = kibanaDraft(root, root, context);
  return { kind: "signals", variant: "kibana", signals: [makeSignal(draft)], heartbeat: false, warnings };
}
