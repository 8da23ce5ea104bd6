import type { ReadContext, Reading, SignalStatus } from "../../core/signal.ts";
import { entriesAt, firstText, isMissing, member, memberAt, requireText, type Spot, textAt } from "../reading.ts";
import { httpLink, makeSignal, severityOf } from "../signal-draft.ts";
import { readTimeOr } from "../source-time.ts";
import { SEVERITY_WORDS } from "./kibana.ts";

const RESOLVED_WORDS: ReadonlySet<string> = new Set(["resolved", "recovered", "ok", "closed"]);

/** True for the body of a watch's webhook action, ours or one that passes `ctx` on as it is. */
export function isWatcher(root: Spot): boolean {
  return textAt(fieldAt(root, "watch_id")) !== null;
}

/**
 * Reads a watch's message. Watcher tells no end, so that only a `status` which the watch writes itself resolves.
 * Throws `UnreadableError` without a watch id.
 */
export function readWatcher(root: Spot, context: ReadContext): Reading {
  const watchId = requireText(fieldAt(root, "watch_id"));
  const variant = "watcher";
  // A watch that is sent along with the execute request has no id of its own.
  if (watchId === "_inlined_" || watchId.startsWith("{{")) {
    const message = "A watch that was executed for a test; it opens no incident.";
    return { kind: "ignored", variant, reason: "test", message, externalIds: [] };
  }
  const key = member(root, "key");
  const keyText = textAt(key);
  const read = severityOf(
    firstText(member(root, "severity"), memberAt(fieldAt(root, "metadata"), "severity")),
    SEVERITY_WORDS,
  );
  const name = firstText(member(root, "title"), memberAt(fieldAt(root, "metadata"), "name")) ?? watchId;
  const executedAt = readTimeOr(fieldAt(root, "execution_time").value, context.receivedAt);
  const signal = makeSignal({
    externalId: firstText(fieldAt(root, "id")) ?? watchId,
    dedup: [
      { path: fieldAt(root, "watch_id").path, text: watchId },
      ...(keyText === null ? [] : [{ path: key.path, text: keyText }]),
    ],
    status: statusOf(member(root, "status")),
    severity: read.severity,
    title: member(root, "title").value === undefined && keyText !== null ? `${name}: ${keyText}` : name,
    description: firstText(member(root, "message"), member(root, "description")),
    labels: [
      ...read.labels,
      ["watch_id", watchId],
      ...entriesAt(member(root, "labels")),
      ...entriesAt(fieldAt(root, "metadata")).filter(([label]) => label !== "name" && label !== "xpack"),
    ],
    links: [httpLink(member(root, "url").value, "Source"), httpLink(member(root, "link").value, "Source")],
    sourceTime: Math.min(executedAt, context.receivedAt),
  });
  return { kind: "signals", variant, signals: [signal], heartbeat: false, warnings: read.warnings };
}

/** A field at the top, as our template writes it, or below `ctx`. */
function fieldAt(root: Spot, name: string): Spot {
  const top = member(root, name);
  return isMissing(top) && !isMissing(member(root, "ctx")) ? memberAt(root, "ctx", name) : top;
}

function statusOf(spot: Spot): SignalStatus {
  return RESOLVED_WORDS.has(textAt(spot)?.toLowerCase() ?? "") ? "resolved" : "firing";
}
