import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Compile } from "typebox/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENT_TYPES, type EventType } from "../src/core/event.ts";
import { compileCapture } from "../src/expression/capture.ts";
import { compileHeaders } from "../src/expression/header.ts";
import { compileTemplate } from "../src/expression/template.ts";
import { compileUrl } from "../src/expression/url.ts";
import type { Preset, PresetEndpoint } from "../src/presets/preset.ts";
import { findPreset, PRESETS } from "../src/presets/registry.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";
import { type PresetRequest, renderPreset, shapeOf, type Variation } from "./support/preset-kit.ts";
import { RECEIVER_LIMITS } from "./support/preset-schemas.ts";

const ROOT = join(import.meta.dirname, "../..");
const EVERY_EVENT = EVENT_TYPES.filter((type) => type.startsWith("incident.") || type === "test.ping");

const endpoints: readonly (readonly [string, Preset, PresetEndpoint])[] = PRESETS.flatMap((preset) =>
  preset.endpoints.map((endpoint) => [`${preset.name}: ${endpoint.title}`, preset, endpoint] as const),
);

function preset(name: string): Preset {
  const found = findPreset(name);
  if (found === null) throw new Error(`there is no preset ${name}`);
  return found;
}

function goldenOf({ name }: Preset): Record<string, unknown> {
  const path = join(ROOT, "server/src/presets", name.replaceAll("_", "-"), "golden.json");
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
}

/** Every text of a body, outermost first. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

describe("every preset", () => {
  it("has a name of its own and is found by it", () => {
    const names = PRESETS.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    for (const one of PRESETS) expect(findPreset(one.name)).toBe(one);
    expect(findPreset("slack ")).toBeNull();
  });

  it.each(endpoints)("%s is accepted by the compilers of templates, headers and URLs", (_title, one, endpoint) => {
    const shape = shapeOf(one);
    expect(compileTemplate(endpoint.template, shape)).toMatchObject({ ok: true });
    expect(compileHeaders(endpoint.headers, shape)).toMatchObject({ ok: true });
    expect(compileUrl(endpoint.urlHint, shape)).toMatchObject({ ok: true });
    expect(endpoint.urlHint).toMatch(/^https:\/\//);
    expect(compileCapture(endpoint.capture ?? {})).toMatchObject({ ok: true });
  });

  it.each(PRESETS.map((one) => [one.name, one] as const))("%s uses each of its variables", (_name, one) => {
    const text = JSON.stringify(one.endpoints);
    for (const { name, about } of one.variables) {
      expect(text).toMatch(new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`));
      expect(about).not.toBe("");
    }
  });

  it.each(PRESETS.map((one) => [one.name, one] as const))("%s tells an event to one endpoint at most", (_name, one) => {
    const events = one.endpoints.flatMap((endpoint) => endpoint.events);
    expect(new Set(events).size).toBe(events.length);
    expect(events).toContain("incident.created");
  });

  it.each(PRESETS.map((one) => [one.name, one] as const))(
    "%s renders each event as its golden file says",
    (_name, one) => {
      const rendered: Record<string, unknown> = {};
      for (const endpoint of one.endpoints) {
        for (const type of endpoint.events) {
          const request = renderPreset(one, endpoint, type);
          rendered[type] = { method: request.method, url: request.url, body: request.body };
          expect(request.warnings, type).toEqual([]);
        }
      }
      expect(rendered).toEqual(goldenOf(one));
    },
  );

  it.each(endpoints)("%s misses nothing of an incident that was opened by hand", (_title, one, endpoint) => {
    for (const type of endpoint.events) {
      expect(renderPreset(one, endpoint, type, { isByHand: true }).warnings, type).toEqual([]);
    }
  });
});

const METACHARACTERS = "\\`*_{}[]()<>#+-.!|~&@:\"'/%$^=";
const HOSTILE: Readonly<Record<string, string>> = {
  quotes: `"'\\"}],"injected":true,{"a":"`.repeat(400),
  "line breaks": "a\r\n\u2028\n\t".repeat(2_000),
  "control characters": "\u0001\u001b[31m".repeat(3_000),
  "Slack's commands": "<!channel> <!here|x> <@U1> <https://evil.example|safe> & ".repeat(300),
  "names after @": "@everyone @here @channel @all <@&1> <users/all> ".repeat(300),
  HTML: "<b onclick=x><a href='https://evil.example'>safe</a><!-- <script>".repeat(300),
  Markdown:
    "# big\n[safe](https://evil.example) ![x](https://evil.example/x.png) `` **\n# big\n> quote\n- one\n".repeat(200),
  "nothing but metacharacters": METACHARACTERS.repeat(500),
  backslashes: "\\".repeat(12_000),
  "marks that turn the writing": "\u202egnp.exe\u202c\u200f\u2067\u0645\u0631\u062d\u0628\u0627\u2069".repeat(900),
  "emoji at every cut": "😀👩‍👩‍👧‍👦".repeat(2_000),
  "nothing but emoji": "😀".repeat(17_000),
  "letters under a heap of accents": `a${"\u0301".repeat(50)}`.repeat(250),
  "template marks": "{{ api_token }}{% if true %}{{ '{{' }}{% endif %}${1}@{triggerBody()}".repeat(200),
  "ten thousand characters": "x".repeat(10_000),
  nothing: "",
};

const variations = new Map<string, Variation>();

/** An incident as large as incidents can be, all its text the same. */
function hostile(text: string): Variation {
  const variation = variations.get(text) ?? makeHostile(Array.from(text));
  variations.set(text, variation);
  return variation;
}

function makeHostile(characters: readonly string[]): Variation {
  const cut = (limit: number): string => characters.slice(0, limit).join("");
  const labels = Object.fromEntries([
    ...Array.from({ length: 62 }, (_, index) => [`${index}${cut(200)}`, cut(2_048)]),
    ["host", cut(2_048)],
    ["", ""],
  ]);
  const address = `https://links.example/${encodeURIComponent(cut(40)).slice(0, 400)}?a=(1)&b=<>|"'[x]@all`;
  const links = Array.from({ length: 20 }, (_, index) => ({
    href: index === 3 ? `https://links.example/${"a".repeat(2_000)}` : address,
    text: cut(256) || address,
  }));
  const shared = { title: cut(1_024) || "-", description: cut(16_384), labels, links };
  return {
    incident: { ...shared, number: 1_234_567, assignee: cut(200) || "-", groupKey: cut(2_000) },
    alert: { ...shared, dedupKey: cut(80), externalId: cut(1_024) },
    integrationName: cut(200) || "-",
    alertCount: 50,
    url: "https://overwatch.example/incidents/42",
  };
}

/** The body with each UTF-16 unit beyond ASCII as a character of its own, for receivers that count those. */
function inUnits(text: string): unknown {
  return JSON.parse(text.replaceAll(/[\u0080-\uffff]/g, "x"));
}

const validators = new Map(
  Object.entries(RECEIVER_LIMITS).map(([name, limits]) => [name, Compile(limits.schema)] as const),
);

function problemsOf(one: Preset, request: PresetRequest): readonly unknown[] {
  const limits = RECEIVER_LIMITS[one.name];
  const validator = validators.get(one.name);
  if (limits === undefined || validator === undefined) throw new Error(`${one.name} has no limits`);
  const size = Buffer.byteLength(request.text);
  const problems: unknown[] = size > limits.bytes ? [`${size} bytes`] : [];
  for (const body of [request.body, inUnits(request.text)]) {
    if (!validator.Check(body)) problems.push(...validator.Errors(body)[1].slice(0, 3));
  }
  return problems;
}

describe("the receiver's documented limits", () => {
  it("are known for each preset", () => {
    expect(Object.keys(RECEIVER_LIMITS).sort()).toEqual(PRESETS.map((one) => one.name).sort());
  });

  it.each(endpoints)("hold for %s with a plain incident and every event", (_title, one, endpoint) => {
    for (const type of EVERY_EVENT) expect(problemsOf(one, renderPreset(one, endpoint, type)), type).toEqual([]);
    const byHand = renderPreset(one, endpoint, "incident.created", { isByHand: true });
    expect(problemsOf(one, byHand)).toEqual([]);
  });

  it.each(endpoints)("hold for %s whatever an alert says", (_title, one, endpoint) => {
    for (const [kind, text] of Object.entries(HOSTILE)) {
      for (const type of ["incident.created", "incident.resolved"] as const) {
        const request = renderPreset(one, endpoint, type, hostile(text));
        expect(problemsOf(one, request), `${kind}, ${type}`).toEqual([]);
        expect(request.text.isWellFormed(), kind).toBe(true);
      }
    }
  });

  it("hold for Discord's 6,000 characters of all text together and Mattermost's 8,000 of a post's properties", () => {
    for (const [kind, text] of Object.entries(HOSTILE)) {
      const length = (name: string): number =>
        textsOf(request(name, "incident.created", hostile(text)).body).reduce((sum, one) => sum + one.length, 0);
      expect(length("discord"), kind).toBeLessThanOrEqual(6_000);
      expect(length("mattermost"), kind).toBeLessThanOrEqual(8_000);
    }
  });

  it("hold for Opsgenie's 8,000 characters of details and Jira's 32,767 of a description", () => {
    for (const [kind, text] of Object.entries(HOSTILE)) {
      const created = request("opsgenie", "incident.created", hostile(text)).body as { details: object };
      expect(Object.entries(created.details).flat().join("").length, kind).toBeLessThanOrEqual(8_000);
      const issue = request("jira", "incident.created", hostile(text)).body as { fields: { description: object } };
      expect(JSON.stringify(issue.fields.description).length, kind).toBeLessThanOrEqual(32_767);
    }
  });
});

/** The request of the first endpoint of a preset that hears the event. */
function request(name: string, type: EventType, variation: Variation = {}): PresetRequest {
  const one = preset(name);
  const endpoint = one.endpoints.find((candidate) => candidate.events.includes(type));
  if (endpoint === undefined) throw new Error(`${name} does not hear ${type}`);
  return renderPreset(one, endpoint, type, variation);
}

describe("what an alert says is not interpreted", () => {
  const said = Object.entries(HOSTILE);

  it.each(said)("by Slack: %s", (_kind, text) => {
    for (const shown of textsOf(request("slack", "incident.created", hostile(text)).body)) {
      // Ours: the date, and links whose address and text hold none of these characters.
      const rest = shown.replaceAll(/<(!date\^\d+\^[^<>|]*|https:\/\/[^<>|\s]*)\|[^<>]*>/g, "");
      expect(rest).not.toMatch(/[<>]/);
    }
  });

  it.each(said)("by Discord: %s", (_kind, text) => {
    const body = request("discord", "incident.created", hostile(text)).body as { allowed_mentions: unknown };
    expect(body.allowed_mentions).toEqual({ parse: [] });
    for (const shown of textsOf(body)) {
      const rest = withoutEscapes(shown)
        .replaceAll(/\n\[[^[\]]*\]\(https:\/\/[^()\s]*\)/g, "")
        .replaceAll(/^<t:\d+:f>$/g, "");
      expect(rest).not.toMatch(/[[\]<>`|]|^#/m);
    }
  });

  it.each(said)("by Mattermost: %s", (_kind, text) => {
    const { attachments } = request("mattermost", "incident.created", hostile(text)).body as {
      attachments: readonly { fallback: string; text: string; fields: readonly { value: string }[] }[];
    };
    for (const attachment of attachments) {
      for (const shown of [attachment.text, ...attachment.fields.map((field) => field.value)]) {
        const rest = withoutEscapes(shown).replaceAll(/\n\n\[[^[\]]*\]\(https:\/\/[^()\s]*\)/g, "");
        expect(rest).not.toMatch(/[[\]<>`|]|^#/m);
        expect(rest).not.toMatch(/@[a-z]/i);
      }
      expect(attachment.fallback).not.toMatch(/@[a-z]/i);
    }
  });

  it.each(said)("by Google Chat: %s", (_kind, text) => {
    for (const shown of textsOf(request("google_chat", "incident.created", hostile(text)).body)) {
      expect(shown.replaceAll(/<\/?b>|<br>|<a href="https:\/\/[^"<>]*">|<\/a>/g, "")).not.toMatch(/[<>]/);
    }
  });

  it.each(said)("by Microsoft Teams, where it stands in plain runs alone: %s", (_kind, text) => {
    const plain = textsOf(withoutRuns(request("microsoft_teams", "incident.created").body));
    const odd = textsOf(withoutRuns(request("microsoft_teams", "incident.created", hostile(text)).body));
    expect(odd).toEqual(plain.map((shown) => shown.replace("#42", "#1234567")));
  });

  it.each(said)("by Opsgenie, which renders HTML: %s", (_kind, text) => {
    const { message, description } = request("opsgenie", "incident.created", hostile(text)).body as {
      message: string;
      description: string;
    };
    expect(message).not.toMatch(/[<>]/);
    expect(description).not.toMatch(/[<>]/);
  });
});

function withoutEscapes(shown: string): string {
  return shown.replaceAll(/\\[^A-Za-z0-9\s]/g, "");
}

function withoutRuns(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRuns);
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value && (value.type === "TextRun" || value.type === "Action.OpenUrl")) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutRuns(inner)]));
}

describe("a fallback", () => {
  const name = `<!here> @all [x](https://evil.example) **Main** ${"x".repeat(150)}`;

  it.each(endpoints)(
    "%s says in whose place it hears, within the limits, and escapes the name",
    (_title, one, endpoint) => {
      const request = renderPreset(one, endpoint, "incident.created", { standsInFor: name });
      expect(request.text).toMatch(/In place of|failover/);
      expect(request.text).toContain("Main");
      if (["slack", "google_chat", "opsgenie"].includes(one.name)) expect(request.text).not.toContain("<!here>");
      if (one.name === "mattermost") expect(request.text).not.toMatch(/@all/);
      expect(problemsOf(one, request)).toEqual([]);
      expect(request.warnings).toEqual([]);
      expect(renderPreset(one, endpoint, "incident.created").text).not.toMatch(/In place of/);
    },
  );
});

describe("what receivers are told to do", () => {
  const actionOf = (type: EventType, variation: Variation = {}): unknown =>
    (request("pagerduty_events_v2", type, variation).body as { event_action: string }).event_action;

  it("is to trigger, acknowledge and resolve at PagerDuty, by the incident's id", () => {
    expect(actionOf("incident.created")).toBe("trigger");
    expect(actionOf("incident.escalated")).toBe("trigger");
    expect(actionOf("incident.acknowledged")).toBe("acknowledge");
    expect(actionOf("incident.resolved")).toBe("resolve");
    expect(actionOf("incident.merged")).toBe("resolve");
    expect(actionOf("incident.reopened")).toBe("trigger");
    const keys = preset("pagerduty_events_v2").endpoints[0].events.map(
      (type) => (request("pagerduty_events_v2", type).body as { dedup_key: string }).dedup_key,
    );
    expect(new Set(keys)).toEqual(new Set(["0198c0de-0000-7000-8000-000000000001"]));
  });

  it("is never to open again at PagerDuty what is resolved", () => {
    expect(actionOf("incident.escalated", { incident: { status: "resolved" } })).toBe("resolve");
  });

  it("is to create, acknowledge and close at Opsgenie's different addresses", () => {
    const urlOf = (type: EventType): string => request("opsgenie", type).url;
    const alias = "0198c0de-0000-7000-8000-000000000001";
    expect(urlOf("incident.created")).toBe("https://api.opsgenie.com/v2/alerts");
    expect(urlOf("incident.acknowledged")).toBe(
      `https://api.opsgenie.com/v2/alerts/${alias}/acknowledge?identifierType=alias`,
    );
    expect(urlOf("incident.resolved")).toBe(`https://api.opsgenie.com/v2/alerts/${alias}/close?identifierType=alias`);
    expect(urlOf("incident.merged")).toBe(urlOf("incident.resolved"));
    expect(request("opsgenie", "incident.created").body).toMatchObject({ alias });
  });

  it("is to open, change and resolve one record at ServiceNow, and one issue at Jira", () => {
    const told = (name: string) =>
      (["incident.created", "incident.acknowledged", "incident.resolved"] as const).map((type) => {
        const { method, url } = request(name, type);
        return `${method} ${new URL(url).pathname}`;
      });
    expect(told("servicenow")).toEqual([
      "POST /api/now/table/incident",
      "PATCH /api/now/table/incident/9d385017c611228701d22104cc95c371",
      "PATCH /api/now/table/incident/9d385017c611228701d22104cc95c371",
    ]);
    expect(told("jira")).toEqual([
      "POST /rest/api/3/issue",
      "POST /rest/api/3/issue/OPS-7/comment",
      "POST /rest/api/3/issue/OPS-7/transitions",
    ]);
    expect(request("servicenow", "incident.resolved").body).toMatchObject({ state: "6" });
  });

  const severities = ["critical", "high", "medium", "low", "info"] as const;
  const field = (name: string, path: readonly string[]): unknown[] =>
    severities.map((severity) =>
      path.reduce<unknown>(
        (value, key) => (value as Record<string, unknown>)[key],
        request(name, "incident.created", { incident: { severity } }).body,
      ),
    );

  it("is one of the receiver's own severities", () => {
    const worst = ["critical", "error", "warning", "warning", "info"];
    expect(field("pagerduty_events_v2", ["payload", "severity"])).toEqual(worst);
    expect(field("opsgenie", ["priority"])).toEqual(["P1", "P2", "P3", "P4", "P5"]);
    expect(field("servicenow", ["urgency"])).toEqual(["1", "1", "2", "2", "3"]);
    expect(field("servicenow", ["impact"])).toEqual(["1", "2", "2", "3", "3"]);
  });

  it("is to link to the incident where Overwatch knows its address", () => {
    const url = "https://overwatch.example/incidents/42";
    for (const [title, one, endpoint] of endpoints) {
      if (endpoint.events.includes("incident.created")) {
        expect(renderPreset(one, endpoint, "incident.created", { url }).text, title).toContain(url);
      }
    }
  });

  it("is sent with the secrets of the variables and none in the text of a preset", () => {
    expect(request("opsgenie", "incident.created").headers).toMatchObject({ Authorization: "GenieKey <api_key>" });
    expect(request("pagerduty_events_v2", "incident.created").body).toMatchObject({ routing_key: "<routing_key>" });
    expect(request("slack", "incident.created").url).toContain(encodeURIComponent("<webhook_token>"));
  });
});

describe("docs/presets.md", () => {
  const page = readFileSync(join(ROOT, "docs/presets.md"), "utf8");

  it("lists exactly the presets, in their order", () => {
    const table = page.slice(0, page.indexOf("\n## "));
    const rows = [...table.matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map((match) => match[1]);
    expect(rows).toEqual(PRESETS.map((one) => one.name));
    expect([...page.matchAll(/^## `([a-z0-9_]+)`/gm)].map((match) => match[1])).toEqual(rows);
  });

  it.each(PRESETS.map((one) => [one.name, one] as const))(
    "says of %s which URLs, events and variables it has",
    (_name, one) => {
      const section = page.slice(page.indexOf(`## \`${one.name}\``)).split(/^## /m)[1] ?? "";
      for (const { name, about } of one.variables) expect(section).toContain(`| \`${name}\` | ${about} |`);
      for (const endpoint of one.endpoints) {
        expect(section).toContain(`\`${endpoint.method} ${endpoint.urlHint}\``);
        expect(section).toContain(endpoint.events.map((type) => `\`${type}\``).join(" "));
        for (const [name, { method = endpoint.method, url = endpoint.urlHint }] of Object.entries(
          endpoint.overrides ?? {},
        )) {
          expect(section).toContain(`- \`${method} ${url}\` on \`${name}\``);
        }
      }
      for (const note of one.notes) expect(section).toContain(`- ${note}`);
    },
  );
});

describe("GET /api/v1/presets", () => {
  let kit: ApiKit;
  beforeAll(async () => {
    kit = await createApiKit();
  });
  afterAll(() => kit.close());

  it("lists every preset, and answers each by its name", async () => {
    const all = await kit.ask({ path: "/presets", key: kit.home.keys.viewer });
    expect(all.status).toBe(200);
    for (const [index, one] of PRESETS.entries()) {
      const reply = await kit.ask({ path: `/presets/${one.name}`, key: kit.home.keys.viewer });
      expect(reply.body).toEqual(all.at(`data.${index}`));
      expect(reply.at("endpoints.0.template")).toEqual(reply.at("template"));
    }
    expect((await kit.ask({ path: "/presets/unknown" })).at("error.code")).toBe("NOT_FOUND");
    expect((await kit.ask({ path: "/presets/__proto__" })).status).toBe(404);
    expect((await kit.ask({ path: "/presets", key: null })).status).toBe(401);
  });

  it.each(PRESETS.map((one) => one.name))("answers with %s what POST /endpoints accepts as it is", async (name) => {
    const reply = await kit.ask({ path: `/presets/${name}` });
    const told = reply.body as {
      variables: readonly { name: string }[];
      endpoints: readonly Record<string, unknown>[];
    };
    const variables = Object.fromEntries(told.variables.map((variable) => [variable.name, "a secret"]));
    for (const { title, url_hint, ...fields } of told.endpoints) {
      const made = await kit.ask({
        method: "POST",
        path: "/endpoints",
        body: { ...fields, name: title, url: url_hint, variables },
      });
      expect(made.status, made.text).toBe(201);
      expect(made.at("template")).toEqual(fields.template);
    }
  });
});
