import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isObject } from "../../core/json.ts";
import { elasticsearch } from "./elasticsearch.ts";

const CONTEXT = { receivedAt: Date.UTC(2026, 10, 20, 12, 0, 0), headers: {} };
const PAGE = readFileSync(join(import.meta.dirname, "README.md"), "utf8");

/** The fenced block of the set-up page that starts with the text. */
function templateFrom(fence: string, start: string): string {
  const blocks = PAGE.split("```").filter((_text, index) => index % 2 === 1);
  const block = blocks.find((text) => text.startsWith(`${fence}\n`) && text.includes(start));
  if (block === undefined) throw new Error(`no ${fence} block with ${start}`);
  return block.slice(fence.length + 1);
}

/** Renders Mustache as Kibana does for webhook bodies: values are escaped for JSON texts, unknown ones are empty. */
function render(template: string, scope: JsonObject): string {
  const sections = template.replace(/\{\{#([\w.]+)\}\}(.*?)\{\{\/\1\}\}/gs, (_all, name: string, inner: string) => {
    const list = lookUp(scope, name);
    return Array.isArray(list)
      ? list.map((one) => render(inner, { ...scope, ...(isObject(one) ? one : {}) })).join("")
      : "";
  });
  return sections.replace(/\{\{([\w.]+)\}\}/g, (_all, name: string) => {
    const value = lookUp(scope, name);
    const text = Array.isArray(value) ? value.join(",") : value === undefined || value === null ? "" : String(value);
    return JSON.stringify(text).slice(1, -1);
  });
}

function lookUp(scope: JsonValue | undefined, name: string): JsonValue | undefined {
  return name.split(".").reduce<JsonValue | undefined>((at, key) => (isObject(at) ? at[key] : undefined), scope);
}

const RULE: JsonObject = { id: "r-1", name: 'Disk "var"', tags: ["team:infra", "disk"], spaceId: "default", url: "" };

describe("the Kibana template of the set-up page", () => {
  const template = templateFrom("json", '"action_group"');
  const alert = (actionGroup: string): JsonObject => ({ id: "db-1", uuid: "u-1", actionGroup, flapping: false });

  test("pasted into both actions it opens and ends the same condition", () => {
    const context = { reason: "disk is 97% full\non db-1", alertDetailsUrl: "https://kibana.example.com/a/u-1" };
    const active = render(template, {
      date: "2026-11-20T11:00:00Z",
      rule: RULE,
      alert: alert("threshold met"),
      context,
    });
    const over = render(template, { date: "2026-11-20T11:30:00Z", rule: RULE, alert: alert("recovered"), context: {} });
    const firing = elasticsearch.read(JSON.parse(active), CONTEXT);
    const resolved = elasticsearch.read(JSON.parse(over), CONTEXT);
    const same = { dedupKey: "r-1|db-1", title: 'Disk "var": db-1', labels: { team: "infra", tags: "disk" } };
    expect(firing).toMatchObject({
      kind: "signals",
      warnings: [],
      signals: [{ ...same, status: "firing", description: "disk is 97% full\non db-1", links: [{ text: "Alert" }] }],
    });
    expect(resolved).toMatchObject({ kind: "signals", warnings: [], signals: [{ ...same, status: "resolved" }] });
  });

  test("sent as it stands, as the connector's Test tab does, it opens nothing", () => {
    expect(elasticsearch.read(JSON.parse(template), CONTEXT)).toMatchObject({ kind: "ignored", reason: "test" });
  });
});

describe("the summary template of the set-up page", () => {
  const template = templateFrom("mustache", '"recovered"');
  const entry = (id: string, end?: string): JsonObject => ({
    kibana: { alert: { instance: { id }, uuid: `u-${id}`, start: "2026-11-20T10:00:00Z", ...(end ? { end } : {}) } },
  });

  test("tells new, ongoing and recovered alerts, although its loops leave commas behind", () => {
    const alerts = {
      new: { data: [entry("a"), entry("b")] },
      ongoing: { data: [entry("c")] },
      recovered: { data: [entry("d", "2026-11-20T11:00:00Z")] },
    };
    const body = render(template, { date: "2026-11-20T11:30:00Z", rule: RULE, alerts });
    const reading = elasticsearch.read(JSON.parse(body), CONTEXT);
    const said = reading.kind === "signals" ? reading.signals.map((one) => [one.dedupKey, one.status]) : [];
    expect(said).toEqual([
      ["r-1|a", "firing"],
      ["r-1|b", "firing"],
      ["r-1|c", "firing"],
      ["r-1|d", "resolved"],
    ]);
  });

  test("an alert that recovered and fired anew within one summary ends up firing", () => {
    const again = { kibana: { alert: { instance: { id: "a" }, uuid: "u-2", start: "2026-11-20T11:20:00Z" } } };
    const alerts = {
      new: { data: [again] },
      ongoing: { data: [] },
      recovered: { data: [entry("a", "2026-11-20T11:00:00Z")] },
    };
    const body = render(template, { date: "2026-11-20T11:30:00Z", rule: RULE, alerts });
    const reading = elasticsearch.read(JSON.parse(body), CONTEXT);
    const signals = reading.kind === "signals" ? reading.signals : [];
    expect(signals.toSorted((one, other) => other.sourceTime - one.sourceTime)[0]?.status).toBe("firing");
  });
});

test("the watch of the set-up page is read once Watcher has filled it in", () => {
  const action = JSON.parse(`{${templateFrom("json", '"actions"')}}`);
  const body: string = action.actions.overwatch.webhook.body;
  const ctx: JsonObject = {
    watch_id: "errors",
    id: "errors_1",
    execution_time: "2026-11-20T11:30:00Z",
    metadata: { name: "Error rate", team: "web" },
    payload: { hits: { total: 31 } },
  };
  const filled = body
    .replace(/\{\{#toJson\}\}ctx\.(\w+)\{\{\/toJson\}\}/g, (_all, name: string) => JSON.stringify(ctx[name]))
    .replace("{{ctx.payload.hits.total}}", "31");
  expect(elasticsearch.read(JSON.parse(filled), CONTEXT)).toMatchObject({
    kind: "signals",
    variant: "watcher",
    signals: [
      { dedupKey: "errors", title: "Error rate", severity: "high", description: "31 hits", labels: { team: "web" } },
    ],
  });
});
