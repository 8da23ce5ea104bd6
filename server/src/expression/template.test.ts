import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../core/json.ts";
import { type ContextValues, TEMPLATE_CONTEXT } from "./context.ts";
import { compileTemplate, renderTemplate } from "./template.ts";

const incident = { number: 42, title: "Disk full", labels: { team: "storage" }, assignee: null, links: [] };
const context = { incident, alerts: [{ title: "one" }, { title: "two" }] };

function compile(template: JsonValue) {
  const compiled = compileTemplate(template, TEMPLATE_CONTEXT);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return compiled.template;
}

function errorsOf(template: unknown) {
  const compiled = compileTemplate(template as JsonValue, TEMPLATE_CONTEXT);
  return compiled.ok ? [] : compiled.errors;
}

function render(template: JsonValue, values: ContextValues = context) {
  const rendered = renderTemplate(compile(template), values);
  if (!rendered.ok) throw new Error(rendered.error.message);
  return rendered;
}

function bodyOf(template: JsonValue, values: ContextValues = context): unknown {
  return JSON.parse(render(template, values).body);
}

describe("a JSON template", () => {
  test("keeps the type of a leaf that is one expression and makes text of all others", () => {
    expect(bodyOf({ a: "{{ incident.number }}", b: " {{ incident.number }}", c: "{{incident.labels}}{{1}}" })).toEqual({
      a: 42,
      b: " 42",
      c: '{"team":"storage"}1',
    });
  });

  test("keeps keys, numbers, booleans, nulls and empty lists as they are written", () => {
    const template = { "{{ incident.number }}": [1, -0.5, true, null, [], {}], __proto__x: "", "": "{" };
    expect(bodyOf(template)).toEqual(template);
    const polluting: JsonValue = JSON.parse('{"__proto__": {"admin": "{{ incident.number }}"}, "constructor": "x"}');
    expect(render(polluting).body).toBe('{"__proto__":{"admin":42},"constructor":"x"}');
  });

  test("turns a missing value into null, or into no text, with a warning that names the leaf", () => {
    const rendered = render({ a: [{ "x y": "{{ incident.labels.nope }}" }], b: "<{{ incident.labels.nope }}>" });
    expect(JSON.parse(rendered.body)).toEqual({ a: [{ "x y": null }], b: "<>" });
    expect(rendered.warnings).toEqual([
      { path: '$.a[0]["x y"]', message: "No such key: nope" },
      { path: "$.b", message: "No such key: nope" },
    ]);
  });

  test("fails on every other error of an expression, and names the leaf", () => {
    const rendered = renderTemplate(compile({ a: { b: "{{ incident.assignee + '!' }}" } }), context);
    expect(rendered).toMatchObject({ ok: false, error: { path: "$.a.b" } });
  });

  test("is refused with every mistake at once, each with its path and position", () => {
    expect(errorsOf({ a: "x {{ incident.titel }}", b: ["{{ 1 + }}", "{{ open"] })).toEqual([
      { path: "$.a", message: 'incident has no field "titel"; did you mean "title"?', position: 14 },
      { path: "$.b[0]", message: "the expression ends too early", position: 6 },
      { path: "$.b[1]", message: '"{{" is never closed by "}}"', position: 0 },
    ]);
  });

  test("is refused when it is no JSON text, list or object, such as a parsed syntax tree", () => {
    for (const template of [null, 1, true, undefined, () => "x", Symbol("x"), 1n]) {
      expect(errorsOf(template), String(template)).toHaveLength(1);
    }
    expect(errorsOf({ a: undefined })).toHaveLength(1);
    expect(errorsOf({ a: new Date(0) })).toHaveLength(1);
    expect(errorsOf({ a: Number.NaN })).toHaveLength(1);
    const tree = { type: "Program", body: [{ type: "MustacheStatement", path: "incident", params: [] }] };
    expect(bodyOf(tree)).toEqual(tree);
  });

  test("is refused over its limits of size and depth, without being read first", () => {
    let deep: JsonValue = "x";
    for (let depth = 0; depth < 40; depth++) deep = [deep];
    expect(errorsOf(deep)[0]?.message).toContain("32 deep");
    expect(errorsOf({ a: "x".repeat(70_000) })[0]?.message).toContain("65536 characters");
    expect(errorsOf(Array(40_000).fill("{{ 1 + }}")).at(-1)?.message).toContain("65536 characters");
  });

  test("names its content type", () => {
    expect(render({}).contentType).toBe("application/json");
    expect(render("x").contentType).toBe("text/plain; charset=utf-8");
  });
});

describe("whatever an alert says", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      '"}, "admin": true, {"',
      "{{ incident.number }}",
      "{% for a in alerts %}",
      "\\",
      "\n\r\u2028",
      "\ud800",
      "$&$1",
    ),
  );
  const template = {
    title: "{{ incident.title }}",
    text: "a {{ incident.title }} b {% if incident.title != '' %}{{ incident.title }}{% endif %}",
    nested: [{ label: "{{ incident.labels.team }}" }, "{{ alerts.map(a, a.title).join('') }}"],
    fixed: "x",
  };
  const compiled = compile(template);

  test("the body is valid JSON of the template's shape, and the text arrives unchanged", () => {
    fc.assert(
      fc.property(anyText, anyText, (title, team) => {
        const rendered = renderTemplate(compiled, { incident: { title, labels: { team } }, alerts: [{ title }] });
        if (!rendered.ok) throw new Error(rendered.error.message);
        expect(JSON.parse(rendered.body)).toEqual({
          title,
          text: `a ${title} b ${title}`,
          nested: [{ label: team }, title],
          fixed: "x",
        });
      }),
    );
  });

  test("no field is added, and labels of any name are only labels", () => {
    const whole = compile({ labels: "{{ incident.labels }}", known: "{{ has(incident.labels.known) }}" });
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor")), anyText),
        (labels) => {
          const rendered = renderTemplate(whole, { incident: { labels } });
          if (!rendered.ok) throw new Error(rendered.error.message);
          const expected = JSON.stringify({ labels, known: Object.hasOwn(labels, "known") });
          expect(rendered.body).toBe(expected);
        },
      ),
    );
  });

  test("what looks like a template in a value is printed and never evaluated", () => {
    const title = "{{ api_token }}{% if true %}x{% endif %}";
    expect(bodyOf({ a: "{{ incident.title }}", b: "- {{ incident.title }}" }, { incident: { title } })).toEqual({
      a: title,
      b: `- ${title}`,
    });
  });
});

describe("a text template", () => {
  test("prints conditions and loops, and tags alone on a line leave no line", () => {
    const template = [
      "Alerts:",
      "{% for a in alerts %}",
      '  {% if a.title == "one" %}',
      "* {{ a.title }}",
      "  {% elif a.title == 'two' %}",
      "+ {{ a.title }}",
      "  {% else %}",
      "never",
      "  {% endif %}",
      "{% endfor %}",
      "end {% if false %}no{% endif %}",
    ].join("\n");
    expect(render(template).body).toBe("Alerts:\n* one\n+ two\nend ");
  });

  test("takes marks inside strings and maps of an expression for what they are", () => {
    expect(render("{{ '}}' + \"{{\" }}").body).toBe("}}{{");
    expect(render("{{ '\\'}}' }}").body).toBe("'}}");
    expect(render("{{ {'a': {'b': 1}} }}").body).toBe('{"a":{"b":1}}');
    expect(render("{{ '''it's }}''' }}").body).toBe("it's }}");
    expect(render("{% if '%}' == '%}' %}yes{% endif %}").body).toBe("yes");
    expect(render("a } b }} c %} { d").body).toBe("a } b }} c %} { d");
  });

  test("reads a missing condition as false and a missing list as empty", () => {
    const rendered = render("{% if incident.flapping %}f{% else %}n{% endif %}{% for l in link.items %}x{% endfor %}");
    expect(rendered.body).toBe("n");
    expect(rendered.warnings).toHaveLength(2);
  });

  test("lets loops stand in loops twice, and the names of records known inside", () => {
    expect(render("{% for a in alerts %}{% for b in alerts %}{{ b.title }} {% endfor %}{% endfor %}").body).toBe(
      "one two one two ",
    );
    expect(errorsOf("{% for a in alerts %}{{ a.titel }}{% endfor %}")[0]?.message).toContain('did you mean "title"');
    const three = "{% for a in alerts %}{% for b in alerts %}{% for c in alerts %}{% endfor %}{% endfor %}{% endfor %}";
    expect(errorsOf(three)[0]).toMatchObject({ message: '"for" may nest at most 2 deep', position: 42 });
  });

  test.each([
    ["{% if incident.title %}x{% endif %}", "true or false", 6],
    ["{% for incident in alerts %}{% endfor %}", "a name of the context already", 0],
    ["{% for a in alerts %}{% for a in alerts %}{% endfor %}{% endfor %}", "a name of the context already", 21],
    ["{% for a in incident.title %}{% endfor %}", "a list", 12],
    ["{% for a of alerts %}{% endfor %}", "{% for name in list %}", 0],
    ["a{% if true %}", "never closed", 1],
    ["{% for a in alerts %}", "never closed", 0],
    ["{% endif %}", "outside of its block", 0],
    ["{% if true %}{% else %}{% elif false %}{% endif %}", "outside of its block", 23],
    ["{% if true %}{% else if %}{% endif %}", "takes no condition", 13],
    ["{% include 'x' %}", 'no tag "include"', 0],
    ["{% assign x = 1 %}", 'no tag "assign"', 0],
    ["{{ }}", "empty", 3],
    ["x {% if", "never closed", 2],
  ])("%s is refused", (template, message, position) => {
    const [error] = errorsOf(template);
    expect(error?.message).toContain(message);
    expect(error?.position).toBe(position);
  });
});

describe("bombs", () => {
  const many = { alerts: Array.from({ length: 300 }, () => ({ title: "t".repeat(2_000) })) };

  test("output over 256 KiB is a failure, counted in bytes", () => {
    const template = compile("{% for a in alerts %}{{ a.title }}{% endfor %}");
    expect(renderTemplate(template, many)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("262144") },
    });
    const wide = { incident: { title: "€".repeat(100_000) } };
    expect(renderTemplate(compile({ a: "{{ incident.title }}" }), wide)).toMatchObject({ ok: false });
    expect(
      renderTemplate(compile({ a: "{{ incident.title }}" }), { incident: { title: "e".repeat(100_000) } }).ok,
    ).toBe(true);
  });

  test("one budget serves all leaves of a template", () => {
    const walk = "{{ alerts.map(a, alerts.map(b, a.title == b.title)).size() }}";
    expect(renderTemplate(compile([walk]), many).ok).toBe(true);
    expect(renderTemplate(compile(Array(5).fill(walk)), many)).toMatchObject({
      ok: false,
      error: { message: "the evaluation takes too many steps" },
    });
  });

  test("no more than 256 alerts are read, so that a storm still renders", () => {
    expect(bodyOf(["{{ alerts.size() }}", "{{ alerts.map(a, 1).size() }}"], many)).toEqual([256, 256]);
  });

  test("warnings are kept up to a limit", () => {
    const rendered = render("{% for a in alerts %}{{ a.labels.x }}{% endfor %}", { alerts: many.alerts });
    expect(rendered.warnings).toHaveLength(20);
  });
});
