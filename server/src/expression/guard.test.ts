import { describe, expect, test } from "vitest";
import { compileExpression, evaluate } from "./cel.ts";
import { MAPPING_CONTEXT, TEMPLATE_CONTEXT } from "./context.ts";

const text = "a".repeat(60_000);
const payload = { s: text, list: Array.from({ length: 4_000 }, (_, index) => index), n: 1 };

function faultOf(source: string, shape = MAPPING_CONTEXT): string {
  const compiled = compileExpression(source, shape);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const evaluated = evaluate(compiled.expression, { payload, alerts: payload.list.map((id) => ({ id: String(id) })) });
  if (evaluated.ok) throw new Error("it was allowed to finish");
  return `${evaluated.error.kind}: ${evaluated.error.message}`;
}

/** Nests `cel.bind` so that each level holds the one before ten times. */
function tenfold(levels: number, use: (last: string) => string): string {
  let source = use(`v${levels}`);
  for (let level = levels; level > 0; level--) {
    source = `cel.bind(v${level}, [${Array(10)
      .fill(`v${level - 1}`)
      .join(", ")}], ${source})`;
  }
  return `cel.bind(v0, 1, ${source})`;
}

describe("what would run long is stopped by counting, not by the clock", () => {
  test("a walk over a walk over a long list", () => {
    expect(faultOf("payload.list.map(x, payload.list.map(y, x))")).toContain("too many steps");
    expect(faultOf("payload.list.all(x, payload.list.all(y, x == y || true))")).toContain("too many steps");
  });

  test("a swallowed fault does not make a spent budget good again", () => {
    expect(faultOf("payload.list.exists(x, payload.list.exists(y, x == -1)) || true")).toContain("too many steps");
    expect(faultOf("default(payload.list.map(x, payload.list.map(y, x)), [])")).toContain("too many steps");
  });

  test("a walk over more elements than the context allows", () => {
    expect(faultOf("payload.s.split('').map(x, x)")).toContain("60000 elements is too long to walk over (5000)");
    const made = "cel.bind(l, [1,2,3,4,5,6,7,8,9,10], alerts.map(a, 1) + alerts.map(a, 1)).map(x, x)";
    expect(faultOf(made, TEMPLATE_CONTEXT)).toContain("512 elements is too long to walk over (256)");
  });

  test("text that doubles, and text replaced by itself", () => {
    const doubled = "cel.bind(a, payload.s + payload.s, cel.bind(b, a + a, cel.bind(c, b + b, c)))";
    expect(faultOf(doubled)).toContain("over 262144 characters");
    expect(faultOf("payload.s.replace('a', payload.s)")).toContain("over 262144 characters");
    expect(faultOf("payload.s.re_replace('a', '$`')")).toContain("over 262144 characters");
    expect(faultOf("payload.list.map(x, payload.s).join(',')")).toContain("over 262144 characters");
    expect(faultOf("payload.s.escape_html() + json([payload.s, payload.s, payload.s, payload.s])")).toContain(
      "over 262144",
    );
    expect(faultOf("bytes(payload.s + payload.s) + bytes(payload.s + payload.s + payload.s)")).toContain("over 262144");
  });

  test("lists that double", () => {
    expect(faultOf("payload.list + payload.list")).toContain("over 5000 elements");
  });

  test("values that share their branches, compared, searched or written out", () => {
    expect(faultOf(tenfold(8, (last) => `${last} == [${last}, 1]`))).toContain("too many steps");
    expect(faultOf(tenfold(8, (last) => `dyn(1) in [${last}]`))).toContain("too many steps");
    expect(faultOf(tenfold(8, (last) => last))).toContain("more than 65536 values");
    expect(faultOf(tenfold(8, (last) => `json(${last})`))).toContain("more than 65536 values");
  });

  test("regular expressions and searches whose cost is a product", () => {
    expect(faultOf("payload.s.re('\\\\pL{900}')")).toContain("too many steps");
    expect(faultOf("payload.s.re_replace('a.*b|a', 'x')")).toContain("too many steps");
    expect(faultOf("(payload.s + payload.s).contains('b' + payload.s.substring(0, 30000))")).toContain(
      "too many steps",
    );
    expect(faultOf("payload.list.exists(x, payload.s.re('^a*' + string(x) + '$'))")).toContain("too many steps");
  });

  test("the library's duration parser on a long run of digits", () => {
    expect(faultOf("duration(payload.s.replace('a', '1'))")).toBe("failed: this is not a duration");
  });

  test("time zone arithmetic in a loop", () => {
    const zoned = "payload.list.map(x, payload.list.size() + timestamp(int(x)).getHours('Asia/Tokyo'))";
    expect(faultOf(`${zoned}.size() + ${zoned}.size() + ${zoned}.size()`)).toContain("too many steps");
  });
});

test("the internals of the library that the guard wraps are where it looks for them", () => {
  // Each of these goes through another kind of wrapped node; one that lost its wrapper would answer with a value.
  for (const source of [
    "payload.list.filter(x, true).map(x, payload.list.filter(y, true).size())",
    "payload.list + payload.list",
  ]) {
    expect(faultOf(source)).toContain("limit");
  }
});

test("types of payloads are not remembered by the library", () => {
  const compiled = compileExpression("payload.a == payload.b", MAPPING_CONTEXT);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const evaluated = evaluate(compiled.expression, { payload: { a: [[["x"]]], b: [[["x"]]] } });
  expect(evaluated).toEqual({ ok: true, value: true });
  const described = compileExpression("payload.a < payload.b", MAPPING_CONTEXT);
  if (!described.ok) throw new Error(described.error.message);
  // The message names the types that were told apart: only the outermost level.
  const failed = evaluate(described.expression, { payload: { a: [[["x"]]], b: [[["x"]]] } });
  expect(failed).toMatchObject({ ok: false, error: { message: expect.not.stringContaining("list<list") } });
});
