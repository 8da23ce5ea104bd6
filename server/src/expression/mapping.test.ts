import { describe, expect, test } from "vitest";
import type { JsonValue } from "../core/json.ts";
import { compileMapping, type MappingConfig, runMapping } from "./mapping.ts";

const now = Date.parse("2026-11-23T10:00:00Z");

function run(config: MappingConfig, payload: JsonValue, headers: Readonly<Record<string, string>> = {}) {
  const compiled = compileMapping(config);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return runMapping(compiled.mapping, payload, now, headers);
}

function errorsOf(config: unknown) {
  const compiled = compileMapping(config);
  return compiled.ok ? [] : compiled.errors;
}

describe("a mapping", () => {
  test("without each reads the whole payload as one element", () => {
    expect(run({ title: "payload.a.b", dedup_key: "item.a.b + string(index)" }, { a: { b: "x" } })).toEqual({
      ok: true,
      elements: [{ title: "x", dedup_key: "x0" }],
    });
  });

  test("with each makes one element of each entry, in their order", () => {
    const payload = { list: [{ n: 1 }, { n: 2 }, { n: 3 }] };
    expect(run({ each: "payload.list.filter(x, x.n != 2)", external_id: "string(item.n)" }, payload)).toEqual({
      ok: true,
      elements: [{ external_id: "1" }, { external_id: "3" }],
    });
    expect(run({ each: "payload.list" }, { list: [] })).toEqual({ ok: true, elements: [] });
  });

  test("takes the first alternative that has a value; missing, null and empty text have none", () => {
    const config = { title: ["item.a", "item.b", "item.c.d", { const: "none" }] };
    const titles = (payload: JsonValue) => run(config, payload);
    expect(titles({ a: "", b: null, c: { d: "D" } })).toMatchObject({ elements: [{ title: "D" }] });
    expect(titles({ b: 0 })).toMatchObject({ elements: [{ title: 0 }] });
    expect(titles({})).toMatchObject({ elements: [{ title: "none" }] });
  });

  test("leaves a field without a value out, or fills in its default", () => {
    expect(run({ title: "item.x", severity: "item.y", defaults: { severity: "low", status: "firing" } }, {})).toEqual({
      ok: true,
      elements: [{ severity: "low", status: "firing" }],
    });
  });

  test("translates words without regard to case, numbers too, and others by the star", () => {
    const config: MappingConfig = {
      status: "item.s",
      severity: "item.p",
      status_map: { Problem: "firing", ok: "resolved" },
      severity_map: { "1": "critical", "*": "low" },
    };
    expect(run(config, { s: " PROBLEM ", p: 1 })).toMatchObject({
      elements: [{ status: "firing", severity: "critical" }],
    });
    expect(run(config, { s: "other", p: "9" })).toMatchObject({ elements: [{ status: "other", severity: "low" }] });
  });

  test("reads headers in lower case and the time of receipt", () => {
    expect(run({ title: "headers['x-source']", time: "now" }, {}, { "x-source": "cron" })).toEqual({
      ok: true,
      elements: [{ title: "cron", source_time: "2026-11-23T10:00:00.000Z" }],
    });
  });

  test("writes labels as text, from a map or from an object of sources", () => {
    expect(run({ labels: "item.tags" }, { tags: { a: 1, b: null, c: { d: true }, constructor: "x" } })).toEqual({
      ok: true,
      elements: [{ labels: { a: "1", c: '{"d":true}', constructor: "x" } }],
    });
    expect(run({ labels: { a: "item.x", b: ["item.y", { const: 5 }] } }, { x: true })).toEqual({
      ok: true,
      elements: [{ labels: { a: "true", b: "5" } }],
    });
  });

  test("makes links of URLs and of objects, and drops what is neither", () => {
    const payload = { l: ["https://a", { url: "https://b", title: "B" }, { href: "https://c" }, 7, null, {}] };
    expect(run({ links: "item.l" }, payload)).toEqual({
      ok: true,
      elements: [
        {
          links: [
            { href: "https://a", text: "https://a" },
            { href: "https://b", text: "B" },
            { href: "https://c", text: "https://c" },
          ],
        },
      ],
    });
  });

  test("fails as a whole, and names the field and the element, when an expression fails", () => {
    expect(run({ each: "payload", title: ["item.t", "item.n + 'x'"] }, [{ t: "a" }, { n: 1 }])).toEqual({
      ok: false,
      path: "$.title[1]",
      message: expect.stringMatching(/overload.*\(element 1\)/),
    });
    expect(run({ each: "payload.list" }, {})).toMatchObject({
      ok: false,
      path: "$.each",
      message: "No such key: list",
    });
    expect(run({ each: "payload.list" }, { list: "x" })).toMatchObject({ ok: false, path: "$.each" });
  });

  test("reads at most 5,000 elements, within one budget of steps", () => {
    const payload = { list: Array.from({ length: 5_001 }, (_, index) => index) };
    expect(run({ each: "payload.list" }, payload)).toMatchObject({ ok: false, path: "$.each" });
    const most = { list: payload.list.slice(1) };
    expect(run({ each: "payload.list", title: "string(item)" }, most)).toMatchObject({ ok: true });
    expect(run({ each: "payload.list", title: "payload.list.exists(x, x == -1) ? 'a' : 'b'" }, most)).toMatchObject({
      ok: false,
      path: "$.title",
      message: expect.stringContaining("too many steps"),
    });
  });

  test("never changes the payload", () => {
    const payload = Object.freeze({ list: Object.freeze([Object.freeze({ constructor: "x", n: 1 })]) });
    expect(run({ each: "payload.list", title: "item.constructor" }, payload)).toMatchObject({
      elements: [{ title: "x" }],
    });
  });
});

describe("a mapping is refused when it is saved", () => {
  test("with every mistake at once", () => {
    const errors = errorsOf({
      titel: "item.x",
      each: 5,
      title: ["item.x", "itm.x"],
      severity: { const: 1, more: 2 },
      labels: { team: "payloadd.t" },
      status_map: { a: 1 },
      defaults: { sverity: "low" },
    });
    expect(errors.map((error) => error.path).sort()).toEqual([
      "$.defaults.sverity",
      "$.each",
      "$.labels.team",
      "$.severity",
      "$.status_map.a",
      "$.titel",
      "$.title[1]",
    ]);
    expect(errors.find((error) => error.path === "$.titel")?.message).toContain('did you mean "title"');
  });

  test("for what is no object, an empty list of alternatives, two names of the time", () => {
    expect(errorsOf([])).toHaveLength(1);
    expect(errorsOf({ title: [] })).toMatchObject([{ path: "$.title" }]);
    expect(errorsOf({ time: "now", source_time: "now" })).toMatchObject([{ path: "$.time" }]);
    expect(errorsOf({ each: "'text'" })).toMatchObject([
      { path: "$.each", message: expect.stringContaining("a list") },
    ]);
    expect(errorsOf({ each: "item" })).toMatchObject([
      { path: "$.each", message: expect.stringContaining('no "item"') },
    ]);
  });
});
