/**
 * New Relic webhooks, https://docs.newrelic.com/docs/alerts/get-notified/message-templates/ (read 2026-11): the
 * documented sample, the workflows template, its legacy-shaped sibling and the channels from before workflows.
 */
import { definePlatform } from "../platform.ts";
import { isMissing, member, readPayload, requireObject, UnreadableError } from "../reading.ts";
import { hmacHeader } from "../verification.ts";
import { readIncident } from "./incident.ts";
import { readIssue } from "./issue.ts";

/** New Relic cannot sign; the documented header is for senders and relays that can. */
export const newrelic = definePlatform({
  name: "newrelic",
  title: "New Relic",
  signature: hmacHeader({ header: "x-newrelic-signature", prefix: "sha256=" }),
  canSign: false,
  overloadStatus: 503,
  deliveryIdHeader: null,
  defaultRateLimit: null,
  read: (payload, context) =>
    readPayload(payload, (root) => {
      requireObject(root);
      const has = (name: string) => !isMissing(member(root, name));
      if (has("issueId")) return readIssue(root, context, "documented");
      if (has("current_state") || has("incident_id")) return readIncident(root, context);
      if (["state", "issueUrl", "workflowName", "trigger"].some(has)) return readIssue(root, context, "workflow");
      throw new UnreadableError("$", "no $.issueId, $.state or $.current_state: not a known New Relic payload");
    }),
});
