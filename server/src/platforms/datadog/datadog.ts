/**
 * Datadog webhooks, https://docs.datadoghq.com/integrations/webhooks/ (read 2026-11): the documented sample, the default
 * payload of the integration tile and custom payloads built from `$VARIABLES`.
 */
import type { ReadContext, Reading } from "../../core/signal.ts";
import { capText } from "../../core/text.ts";
import { definePlatform } from "../platform.ts";
import { isMissing, member, memberAt, readPayload, requireObject, type Spot, UnreadableError } from "../reading.ts";
import type { SignalDraft } from "../signal-draft.ts";
import { hmacHeader } from "../verification.ts";
import { conclude } from "./conclude.ts";
import { firstVariable, variableText } from "./tags.ts";
import { STATUS_WORDS, splitTitle, type TitleParts } from "./title.ts";

/** Datadog cannot sign; the documented header is for senders and relays that can. */
export const datadog = definePlatform({
  name: "datadog",
  title: "Datadog",
  signature: hmacHeader({ header: "x-datadog-signature", prefix: "sha256=" }),
  canSign: false,
  overloadStatus: 503,
  deliveryIdHeader: null,
  defaultRateLimit: null,
  read: (payload, context) =>
    readPayload(payload, (root) => {
      requireObject(root);
      const has = (name: string) => !isMissing(member(root, name));
      if (["alert_transition", "alert_cycle_key", "aggreg_key"].some(has)) return readCustom(root, context);
      if (has("alert_name") || (has("alert_status") && has("id"))) return readDocumented(root, context);
      if (has("title")) return readDefault(root, context);
      if (["alert_id", "alert_title", "event_title"].some(has)) return readCustom(root, context);
      if (has("id") && ["severity", "alert_type"].some(has)) return readDocumented(root, context);
      throw new UnreadableError("$", "no $.alert_transition, $.alert_name or $.title: not a known Datadog payload");
    }),
});

/** The sample of the product's documentation: `id` names the condition. */
function readDocumented(root: Spot, context: ReadContext): Reading {
  const id = requireVariable(member(root, "id"));
  const name = splitTitle(firstVariable(member(root, "alert_name"), member(root, "title")) ?? `Datadog alert ${id}`);
  const word = firstVariable(member(root, "alert_status"), member(root, "status"))?.toLowerCase() ?? name.transition;
  const known = word !== null && Object.hasOwn(STATUS_WORDS, word);
  const level = firstVariable(member(root, "severity"), member(root, "alert_type"));
  return conclude(root, context, "documented", name, {
    externalId: id,
    dedup: [{ path: "$.id", text: id }],
    status: known ? (STATUS_WORDS[word] ?? "firing") : "firing",
    word: level,
    description: firstVariable(member(root, "message"), member(root, "body")),
    warnings:
      word === null || known ? [] : [`unknown alert_status ${JSON.stringify(capText(word, 64))} was read as firing`],
  });
}

/** The payload of a tile whose box was left as it is: nothing but the title and the body tell the condition. */
function readDefault(root: Spot, context: ReadContext): Reading {
  const title = splitTitle(requireVariable(member(root, "title")));
  const body = variableText(member(root, "body")) ?? "";
  const url = /https?:\/\/[^\s()<>[\]"']{1,256}\/monitors?[/#?][^\s()<>[\]"']{1,512}/.exec(body.slice(0, 65_536))?.[0];
  const monitor = /\/monitors?[/#?](?:status[/?]|id=|edit\/)?(\d{1,20})/.exec(url ?? "")?.[1] ?? "";
  const organization = firstVariable(memberAt(root, "org", "id"), member(root, "org_id")) ?? "";
  return conclude(root, context, "default", title, {
    externalId: variableText(member(root, "id")) ?? monitor,
    dedup: [
      { path: "$.org.id", text: organization },
      { path: "$.body", text: monitor },
      { path: "$.title", text: title.scope },
      { path: "$.title", text: title.text },
    ],
    status: STATUS_WORDS[title.transition ?? ""] ?? "firing",
    word: title.priority,
    description: body,
    link: url,
    monitor,
    warnings: title.transition === null ? ["the title names no transition, so it was read as firing"] : [],
  });
}

/** A custom payload whose members are the variables' names in lower case. */
function readCustom(root: Spot, context: ReadContext): Reading {
  const at = (name: string) => variableText(member(root, name));
  const scope = at("alert_scope") ?? "";
  const monitor = at("alert_id") ?? "";
  const name = splitTitle(at("alert_title") ?? at("event_title") ?? at("title") ?? `Datadog monitor ${monitor}`);
  const word = at("alert_transition")?.toLowerCase() ?? name.transition ?? "";
  const known = Object.hasOwn(STATUS_WORDS, word);
  const success = at("alert_type")?.toLowerCase() === "success";
  const event = splitTitle(at("event_title") ?? "");
  return conclude(
    root,
    context,
    "custom",
    { ...name, transition: word, isTest: name.isTest || event.isTest },
    {
      externalId: at("alert_id") ?? at("id") ?? at("alert_cycle_key") ?? at("aggreg_key") ?? "",
      dedup: customKey(at, scope, name),
      status: known ? (STATUS_WORDS[word] ?? "firing") : success ? "resolved" : "firing",
      word: at("alert_priority") ?? name.priority ?? at("severity") ?? at("alert_type"),
      description: [at("text_only_msg") ?? at("event_msg"), at("alert_status")]
        .filter((part) => part !== null)
        .join("\n\n"),
      monitor,
      warnings: known ? [] : [`no known alert_transition, so alert_type decided`],
    },
  );
}

/** What names a custom payload's condition: the cycle, else the series, else the monitor and its group. */
function customKey(at: (name: string) => string | null, scope: string, name: TitleParts): SignalDraft["dedup"] {
  for (const key of ["alert_cycle_key", "aggreg_key"]) {
    const text = at(key);
    if (text !== null) return [{ path: `$.${key}`, text }];
  }
  const monitor = at("alert_id");
  if (monitor === null && (at("alert_title") ?? at("event_title") ?? at("title")) === null) {
    throw new UnreadableError(
      "$.alert_cycle_key",
      "no alert_cycle_key, aggreg_key, alert_id or title names the condition",
    );
  }
  return [
    { path: "$.org_id", text: at("org_id") ?? "" },
    { path: "$.alert_id", text: monitor ?? "" },
    { path: "$.alert_scope", text: scope === "" ? name.scope : scope },
    ...(monitor === null ? [{ path: "$.alert_title", text: name.text }] : []),
  ];
}

function requireVariable(spot: Spot): string {
  const text = variableText(spot);
  if (text === null) throw new UnreadableError(spot.path, `${spot.path} must be a text`);
  return text;
}
