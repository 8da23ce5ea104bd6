import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TEMPLATE_CONTEXT } from "./context.ts";
import { compileUrl, renderUrl } from "./url.ts";

function problem(source: string) {
  const compiled = compileUrl(source, TEMPLATE_CONTEXT);
  return compiled.ok ? null : compiled.errors[0];
}

function render(source: string, values: Readonly<Record<string, unknown>>) {
  const compiled = compileUrl(source, TEMPLATE_CONTEXT);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return renderUrl(compiled.url, values);
}

describe("a URL is refused when it is saved", () => {
  test.each([
    ["https://{{ link.host }}/x", "scheme or the host", 8],
    ["https://example.com{{ link.x }}", "scheme or the host", 19],
    ["https://example.com:{{ link.port }}/", "scheme or the host", 20],
    ["https://{% if true %}a{% endif %}.example/", "scheme or the host", 8],
    ["{{ link.url }}", "must begin with", 0],
    ["file:///etc/passwd", "must begin with", 0],
    ["gopher://x/", "must begin with", 0],
    ["//example.com/", "must begin with", 0],
    [" https://example.com/", "must begin with", 0],
    ["https://user:pass@example.com/", "user or a password", 0],
    ["https://example.com\\@evil.example/", "backslashes", 19],
    ["https://example.com/a\tb", "blanks", 21],
    ["https://example.com/a b", "blanks", 21],
    ["https://example.com/a/../b", '".."', 0],
    ["https://example.com/%2e%2E/b", '".."', 0],
    ["https://", "not a URL", 0],
    ["https://[::1/", "not a URL", 0],
    ["https://example.com/{% if true %}a{% endif %}", "no {% %}", 20],
    ["https://example.com/{{ incident.titel }}", "did you mean", 32],
  ])("%s", (source, message, position) => {
    expect(problem(source)?.message).toContain(message);
    expect(problem(source)?.position).toBe(position);
  });
});

describe("a rendered URL", () => {
  test("encodes values in the path and in the query", () => {
    expect(
      render("https://example.com/t/{{ link.id }}/?q={{ incident.title }}&n={{ incident.number }}", {
        link: { id: "a/b?c#d" },
        incident: { title: "x & y=ü", number: 7 },
      }),
    ).toEqual({ ok: true, url: "https://example.com/t/a%2Fb%3Fc%23d/?q=x%20%26%20y%3D%C3%BC&n=7" });
  });

  test("keeps its origin and the number of its path segments, whatever the values are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (id, title) => {
        const rendered = render("https://example.com/a/{{ link.id }}/b?q={{ incident.title }}", {
          link: { id },
          incident: { title },
        });
        if (!rendered.ok) {
          expect([".", ".."]).toContain(id);
          return;
        }
        const url = new URL(rendered.url);
        expect(url.origin).toBe("https://example.com");
        expect(url.pathname.split("/")).toHaveLength(4);
        expect(url.hash).toBe("");
        expect(url.searchParams.get("q")).toBe(title.toWellFormed());
      }),
    );
  });

  test("is an error where a value climbs, is missing or is null", () => {
    expect(render("https://example.com/a/{{ link.id }}/b", { link: { id: ".." } })).toMatchObject({ ok: false });
    expect(render("https://example.com/a/{{ link.id }}", {})).toMatchObject({ ok: false });
    expect(render("https://example.com/a/{{ incident.assignee }}", { incident: { assignee: null } })).toMatchObject({
      ok: false,
    });
    expect(render("https://example.com/{{ default(link.id, 'new') }}", {})).toEqual({
      ok: true,
      url: "https://example.com/new",
    });
  });

  test("is an error when it grows over the limit", () => {
    expect(
      render("https://example.com/{{ incident.title }}", { incident: { title: "x".repeat(5_000) } }),
    ).toMatchObject({
      ok: false,
    });
  });
});
