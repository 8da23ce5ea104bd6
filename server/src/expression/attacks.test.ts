import { describe, expect, test } from "vitest";
import type { JsonValue } from "../core/json.ts";
import { templateContext } from "./context.ts";
import { compileFilter, matchesFilter } from "./filter.ts";
import { compileTemplate, renderTemplate } from "./template.ts";

const made = templateContext(["api_key"]);
if (!made.ok) throw new Error("the context of the tests is refused");
const { shape } = made;

const values = {
  incident: { number: 1, title: "a".repeat(2_000), labels: { team: "ops" }, links: [] },
  alerts: Array.from({ length: 256 }, (_, index) => ({ title: `alert ${index} ${"x".repeat(200)}` })),
  api_key: "the-secret",
};

/** The rendered body, or why there is none. */
function outcomeOf(template: JsonValue): string {
  const compiled = compileTemplate(template, shape);
  if (!compiled.ok) return `refused: ${compiled.errors[0]?.message ?? ""}`;
  const rendered = renderTemplate(compiled.template, values);
  return rendered.ok ? rendered.body : `failed: ${rendered.error.message}`;
}

describe("a template gets at nothing but its context", () => {
  test.each([
    "constructor",
    "this",
    "globalThis.process",
    "process.env.HOME",
    "env",
    "require('fs')",
    "import('fs')",
    "secrets",
    "organization",
    "integrations",
    "incident.constructor",
    "incident.__proto__",
    "incident.toString()",
    "incident['constructor']",
    "alerts.constructor",
    "api_key.constructor('return 1')()",
    "lookup(incident, 'constructor')",
    "incident.title.__proto__.x",
    "[].constructor",
    "{}.__proto__",
    "type(incident).constructor",
  ])("{{ %s }} is refused or nothing", (expression) => {
    expect(outcomeOf({ a: `{{ ${expression} }}` })).toMatch(/^refused: |^\{"a":null\}$/);
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "a label called %s is missing, not inherited",
    (name) => {
      expect(outcomeOf({ a: `{{ incident.labels['${name}'] }}` })).toBe('{"a":null}');
    },
  );

  test.each([
    "{% include 'x' %}",
    "{% layout '/etc/passwd' %}",
    "{% render x %}",
    "{% raw %}{{ x }}{% endraw %}",
    "{{> partial }}",
    "{{{ incident.title }}}",
    "{{#with incident}}",
    "${incident.title}{{ ` }}",
  ])("%s of other languages is refused", (template) => {
    expect(outcomeOf(template)).toMatch(/^refused: /);
  });
});

describe("bombs end by counting", () => {
  const walk = "alerts.map(a, alerts.map(b, a.title + b.title))";
  test.each([
    ["a walk over a walk", `{{ ${walk} }}`],
    [
      "text that grows tenfold again and again",
      `{{ ${"incident.title.replace('a', incident.title).".repeat(4)}size() }}`,
    ],
    ["loops over loops", "{% for a in alerts %}{% for b in alerts %}{{ a.title + b.title }}{% endfor %}{% endfor %}"],
    ["a join of a join", "{{ alerts.map(a, alerts.map(b, b.title).join(a.title)).join(incident.title) }}"],
    [
      "an expression over many walks",
      `{{ ${Array.from({ length: 8 }, () => "alerts.all(a, alerts.all(b, a.title != b.title + 'z'))").join(" && ")} }}`,
    ],
    [
      "a leaf for each of many walks",
      Array.from({ length: 200 }, () => "{{ size(alerts.map(a, alerts.map(b, b.title))) }}"),
    ],
  ] satisfies [string, JsonValue][])("%s costs no more than a second and gives no body", (_what, template) => {
    const before = process.cpuUsage().user;
    expect(outcomeOf(template)).toMatch(/^(failed|refused): /);
    expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(1_500);
  });
});

describe("regular expressions of users", () => {
  test.each(["(a+)+$", "(a|a)*$", "(.*)*x", "([a-z]+)*[0-9]", "^(a?){50}a{50}$"])(
    "%s runs in linear time",
    (pattern) => {
      const filter = compileFilter(`incident.title.re("${pattern}")`);
      if (!filter.ok) throw new Error(filter.error.message);
      const before = process.cpuUsage().user;
      matchesFilter(filter.filter, values);
      expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(500);
    },
  );

  test.each(["((a{1000}){1000})", "(a{500}){500}", "(?=a)b", "(a)\\\\1", "(?<=a)b", `${"(a|b)".repeat(200)}`])(
    "%s is refused when it is saved",
    (pattern) => {
      expect(compileFilter(`incident.title.re("${pattern}")`).ok).toBe(false);
    },
  );
});
