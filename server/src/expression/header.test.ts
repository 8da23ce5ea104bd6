import { describe, expect, test } from "vitest";
import { templateContext } from "./context.ts";
import { compileHeaders, renderHeaders } from "./header.ts";

const made = templateContext(["api_token"]);
if (!made.ok) throw new Error("api_token is a fine name");
const { shape } = made;

function problem(headers: unknown) {
  const compiled = compileHeaders(headers, shape);
  return compiled.ok ? null : compiled.errors[0];
}

function render(headers: unknown, values: Readonly<Record<string, unknown>>) {
  const compiled = compileHeaders(headers, shape);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return renderHeaders(compiled.headers, values);
}

describe("headers are refused when they are saved", () => {
  test.each(
    "Host content-length Transfer-Encoding CONNECTION Keep-Alive Upgrade TE Trailer Expect Proxy-Authorization webhook-id Webhook-Signature".split(
      " ",
    ),
  )("%s is Overwatch's own", (name) => {
    expect(problem({ [name]: "x" })?.message).toContain("set by Overwatch");
  });

  test.each(["", "a b", "a:b", "ä", "a\r\nb", "(x)", "x".repeat(129)])("%j is no header name", (name) => {
    expect(problem({ [name]: "x" })?.message).toContain("is not a header name");
  });

  test.each(["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\x7fb", "snow ☃", "{% if true %}\n\n{% endif %}"])(
    "the value %j",
    (value) => {
      expect(problem({ "X-A": value })?.message).toContain("may not have line breaks");
    },
  );

  test("for a name set twice in other letters, a value that is no text, and what is no object", () => {
    expect(problem({ "X-A": "1", "x-a": "2" })?.message).toBe("this header is set twice");
    expect(problem({ "X-A": 1 })).toMatchObject({ path: "$.X-A", message: "a header's value is text" });
    expect(problem([["X-A", "1"]])?.message).toContain("an object");
    expect(problem(null)?.message).toContain("an object");
    expect(problem({ "X-A": "x".repeat(8_193) })?.message).toContain("8192");
  });

  test("for an expression that is wrong, with the header and the place", () => {
    expect(problem({ "X-A": "a {{ incident.titel }}" })).toMatchObject({ path: "$.X-A", position: 14 });
  });
});

describe("rendered headers", () => {
  test("hold the values of variables and of the incident", () => {
    expect(
      render(
        { Authorization: "Bearer {{api_token}}", "X-Team": "{{ incident.labels.team }}" },
        {
          api_token: "s3cret",
          incident: { labels: { team: "é" } },
        },
      ),
    ).toEqual({ ok: true, headers: { Authorization: "Bearer s3cret", "X-Team": "é" }, warnings: [] });
  });

  test("of the documented configuration render without its token, with a warning", () => {
    expect(render({ Authorization: "Bearer {{api_token}}" }, {})).toMatchObject({
      ok: true,
      headers: { Authorization: "Bearer " },
      warnings: [{ path: "$.Authorization" }],
    });
  });

  test.each(["a\r\nX-Evil: 1", "a\nb", "\0", "☃", "\u2028"])("never carry %j from an alert", (title) => {
    expect(render({ "X-Title": "{{ incident.title }}" }, { incident: { title } })).toMatchObject({
      ok: false,
      error: { path: "$.X-Title" },
    });
  });

  test("do not grow over the limit", () => {
    expect(render({ "X-T": "{{ incident.title }}" }, { incident: { title: "x".repeat(8_193) } })).toMatchObject({
      ok: false,
    });
  });
});
