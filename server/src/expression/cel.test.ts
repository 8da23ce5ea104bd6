import { describe, expect, test } from "vitest";
import { compileExpression, type Expected, evaluate } from "./cel.ts";
import { type ContextShape, FILTER_CONTEXT, MAPPING_CONTEXT, TEMPLATE_CONTEXT, templateContext } from "./context.ts";

const incident = {
  id: "i1",
  number: 42,
  title: "Disk full",
  description: null,
  severity: "high",
  labels: { team: "storage", constructor: "c" },
  links: [{ href: "https://a.example", text: "A" }],
  assignee: null,
  secret_column: "not for templates",
};
const context = { incident, alerts: [{ title: "one" }, { title: "two" }], link: { ticket_id: "T-1" } };

function refusal(source: string, shape: ContextShape = TEMPLATE_CONTEXT, expected: Expected = "any") {
  const compiled = compileExpression(source, shape, expected);
  if (compiled.ok) throw new Error(`${source} was accepted`);
  return compiled.error;
}

function run(source: string, values: Readonly<Record<string, unknown>> = context, shape = TEMPLATE_CONTEXT) {
  const compiled = compileExpression(source, shape);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return evaluate(compiled.expression, values);
}

function resultOf(source: string, values: Readonly<Record<string, unknown>> = context, shape = TEMPLATE_CONTEXT) {
  const evaluated = run(source, values, shape);
  if (!evaluated.ok) throw new Error(evaluated.error.message);
  return evaluated.value;
}

describe("an expression is refused when it is saved", () => {
  test("for a field that the record does not have, with the nearest name and the place", () => {
    expect(refusal("true && incident.titel == ''")).toEqual({
      message: 'incident has no field "titel"; did you mean "title"?',
      line: 1,
      column: 18,
      position: 17,
    });
    expect(refusal("alerts[0].titles").message).toContain('did you mean "title"');
    expect(refusal("incident['titel']").message).toContain('did you mean "title"');
  });

  test("for a name that is not in the context", () => {
    expect(refusal("incidnt.title").message).toBe('there is no "incidnt" here; did you mean "incident"?');
    expect(refusal("process.env").message).toBe('there is no "process" here');
    expect(refusal("api_token", FILTER_CONTEXT).message).toBe('there is no "api_token" here');
  });

  test("for a function that does not exist", () => {
    expect(refusal("incident.title.lowr()").message).toBe('there is no function ".lowr()"; did you mean "lower"?');
    expect(refusal("fetch('http://x')").message).toBe('there is no function "fetch()"');
  });

  test("for a syntax error, with line and column from 1", () => {
    expect(refusal("incident.number >\n  )")).toMatchObject({ line: 2, column: 3, position: 20 });
    expect(refusal("1 +").message).toBe("the expression ends too early");
    expect(refusal(" ").message).toBe("the expression is empty");
  });

  test("for the wrong type, inside and as a whole", () => {
    expect(refusal("'#' + incident.number").message).toContain("no such overload: string + int");
    expect(refusal("incident.title", TEMPLATE_CONTEXT, "bool").message).toContain("of type string");
    expect(refusal("incident.labels.?x", TEMPLATE_CONTEXT, "string").message).toContain(".orValue(");
    expect(compileExpression("link.open", TEMPLATE_CONTEXT, "bool").ok).toBe(true);
  });

  test("for native matches(), with the name of what to use", () => {
    expect(refusal("incident.title.matches('(a+)+$')").message).toContain('.re("pattern")');
    expect(refusal("[1].exists(x, incident.title.matches('a'))").message).toContain(".re(");
    expect(refusal("default(incident.title.matches('a'), true)").message).toContain(".re(");
  });

  test("for a regular expression that RE2 cannot read or that is too large", () => {
    expect(refusal("incident.title.re('(')").message).toContain("RE2 syntax");
    expect(refusal("incident.title.re('(?=a)')").message).toContain("RE2 syntax");
    expect(refusal("incident.title.re('((a{1000}){1000})')").message).toContain("RE2 syntax");
    expect(refusal("incident.title.re_find('a{900}b{900}')").message).toContain("too large");
    expect(refusal(`incident.title.re_replace('${"a".repeat(513)}', '')`).message).toContain("512");
  });

  test("for its size: characters, nodes, depth, literals, comprehensions", () => {
    expect(refusal(`'${"a".repeat(4096)}'`).message).toContain("4096 characters");
    expect(refusal(Array(400).fill("1").join("+")).message).toContain("maxAstNodes");
    expect(refusal(`${"(".repeat(60)}1${")".repeat(60)}`).message).toContain("maxDepth");
    expect(refusal(`${"-".repeat(4000)}1`).message).toContain("maxAstNodes");
    expect(refusal(`[${Array(257).fill("1").join(",")}]`).message).toContain("maxListElements");
    const nested = "alerts.map(a, alerts.filter(b, alerts.exists(c, c.title == a.title)))";
    expect(refusal(nested)).toMatchObject({ message: expect.stringContaining("at most 2 deep"), position: 31 });
    expect(compileExpression("alerts.map(a, alerts.filter(b, true)).map(c, c.map(d, d))", TEMPLATE_CONTEXT).ok).toBe(
      true,
    );
  });
});

describe("an evaluation gives plain JSON", () => {
  test("with whole numbers as numbers, and as text beyond 2^53", () => {
    expect(resultOf("[incident.number, 9007199254740991, 9007199254740993, uint(7)]")).toEqual([
      42,
      9007199254740991,
      "9007199254740993",
      7,
    ]);
  });

  test("with maps as objects, bytes as base64, times as RFC 3339, durations and types as text", () => {
    expect(resultOf("[incident.labels, b'abc', timestamp('2026-01-02T03:04:05Z'), duration('90s'), type(1)]")).toEqual([
      { team: "storage", constructor: "c" },
      "YWJj",
      "2026-01-02T03:04:05.000Z",
      "90s",
      "int",
    ]);
  });

  test("with null for an empty optional, the value for a full one, null for what JSON cannot write", () => {
    expect(resultOf("[incident.labels.?x, incident.labels.?team, double('NaN'), 1.0 / 0.0]")).toEqual([
      null,
      "storage",
      null,
      null,
    ]);
  });

  test("with only the documented fields of a record, and null for an absent record", () => {
    expect(resultOf("incident")).not.toHaveProperty("secret_column");
    expect(resultOf("incident")).toMatchObject({ id: "i1", number: 42, description: "" });
    expect(resultOf("alert")).toBeNull();
  });
});

describe("reading what is not there", () => {
  test("is told apart from every other failure", () => {
    for (const source of ["incident.labels.nope", "alerts[7].title", "alert.title", "link.nope", "incident.url"]) {
      expect(run(source), source).toMatchObject({ ok: false, error: { kind: "missing" } });
    }
    expect(run("incident.assignee + '!'")).toMatchObject({ ok: false, error: { kind: "failed" } });
    expect(run("1 / 0")).toMatchObject({ ok: false, error: { kind: "failed" } });
  });

  test("a field of another type than promised is missing, never passed on", () => {
    expect(run("incident.title", { incident: { title: { evil: 1 } } })).toMatchObject({ ok: false });
    expect(run("incident.number", { incident: { number: "x" } })).toMatchObject({ ok: false });
    expect(run("incident", { incident: [1] })).toEqual({ ok: true, value: null });
  });

  test("default() gives the fallback for missing, null and empty optionals, and nothing else", () => {
    expect(resultOf("default(incident.labels.nope, 'x')")).toBe("x");
    expect(resultOf("default(incident.assignee, 'x')")).toBe("x");
    expect(resultOf("default(incident.labels.?nope, 'x')")).toBe("x");
    expect(resultOf("default(incident.title, 'x')")).toBe("Disk full");
    expect(resultOf("default('', 'x')")).toBe("");
    expect(run("default(1 / 0, 2)")).toMatchObject({ ok: false, error: { kind: "failed" } });
    expect(refusal("default(incident.titel, 'x')").message).toContain('did you mean "title"');
  });
});

describe("payloads of strangers", () => {
  const read = (source: string, payload: unknown) => resultOf(source, { payload }, MAPPING_CONTEXT);

  test("may have keys named constructor, __proto__ and toString, which are keys and nothing more", () => {
    const payload: unknown = JSON.parse('{"a":{"constructor":"c","__proto__":"p","toString":"t"}}');
    expect(read("payload.a.constructor", payload)).toBe("c");
    expect(read("payload.a.toString", payload)).toBe("t");
    expect(read("payload.a['__proto__']", payload)).toBe("p");
    expect(JSON.stringify(read("payload", payload))).toBe(JSON.stringify(payload));
  });

  test("offer nothing of the prototype", () => {
    for (const field of ["constructor", "toString", "hasOwnProperty", "__defineGetter__"]) {
      expect(run(`payload.${field}`, { payload: {} }, MAPPING_CONTEXT), field).toMatchObject({
        error: { kind: "missing" },
      });
      expect(run(`payload.list.${field}`, { payload: { list: [] } }, MAPPING_CONTEXT), field).toMatchObject({
        ok: false,
      });
    }
  });

  test("compare and add with whole and broken numbers alike", () => {
    expect(read("[payload.n == 3, payload.n + 1, payload.n * 1.5, 10 - payload.n, payload.n / 2]", { n: 3 })).toEqual([
      true,
      4,
      4.5,
      7,
      1.5,
    ]);
  });

  test("that nest too deep are a fault, not a crash", () => {
    let payload: unknown = 1;
    for (let depth = 0; depth < 20_000; depth++) payload = [payload];
    expect(run("payload", { payload }, MAPPING_CONTEXT)).toMatchObject({ ok: false, error: { kind: "limit" } });
  });
});

describe("variables of an endpoint", () => {
  test("are text under their own names, in templates alone", () => {
    const made = templateContext(["api_token", "room"]);
    if (!made.ok) throw new Error("refused");
    expect(resultOf("'Bearer ' + api_token", { ...context, api_token: "t" }, made.shape)).toBe("Bearer t");
    expect(run("room", context, made.shape)).toMatchObject({ error: { kind: "missing" } });
  });

  test("may not hide a value of the context, a word of CEL or a type", () => {
    for (const name of [
      "incident",
      "alerts",
      "link",
      "true",
      "in",
      "string",
      "cel",
      "optional",
      "1a",
      "a-b",
      "a.b",
      "",
    ]) {
      expect(templateContext([name]), name).toMatchObject({ ok: false, errors: [{ name }] });
    }
  });

  test("include api_token in any case, as the documented configuration uses it without setting it", () => {
    const made = templateContext([]);
    if (!made.ok) throw new Error("refused");
    expect(run("api_token", context, made.shape)).toMatchObject({ error: { kind: "missing" } });
    expect(templateContext(["api_token"])).toMatchObject({ ok: true, shape: { key: made.shape.key } });
  });

  test("of two endpoints never mix, whatever their order", () => {
    const left = templateContext(["b", "a"]);
    const right = templateContext(["a", "b"]);
    const other = templateContext(["a"]);
    if (!left.ok || !right.ok || !other.ok) throw new Error("refused");
    expect(left.shape.key).toBe(right.shape.key);
    expect(refusal("b", other.shape).message).toContain('there is no "b"');
  });
});
