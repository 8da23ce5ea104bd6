import { HOPS_HEADER } from "../core/hops.ts";
import { bindContext, type ContextShape, type ContextValues } from "./context.ts";
import { LIMITS } from "./limits.ts";
import { withBudget } from "./meter.ts";
import type { TemplateError } from "./template.ts";
import { renderParts, type Warning } from "./text-render.ts";
import { compileText, type Part } from "./text-template.ts";

/** Checked headers, in the order in which they were written. */
export type Headers = {
  readonly shape: ContextShape;
  readonly entries: readonly { readonly name: string; readonly parts: readonly Part[] }[];
};

/** What compiling headers gives; all errors at once, each at `$.<name>`. */
export type CompiledHeaders =
  | { readonly ok: true; readonly headers: Headers }
  | { readonly ok: false; readonly errors: readonly TemplateError[] };

/** What rendering headers gives: names as written. */
export type RenderedHeaders =
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>>; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly error: { readonly path: string; readonly message: string } };

// RFC 9110 section 5.6.2.
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

// RFC 9110 section 5.5: visible characters, obs-text (Latin-1), space and tab.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const RESERVED = new Set(
  "host content-length transfer-encoding connection keep-alive upgrade te trailer expect".split(" "),
);

/** Checks a map of headers: names by RFC 9110, none that the sender itself sets, values of text with expressions. */
export function compileHeaders(source: unknown, shape: ContextShape): CompiledHeaders {
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    return refused("$", "headers are an object of names and values");
  }
  const named = Object.entries(source as Record<string, unknown>);
  if (named.length > LIMITS.headers) return refused("$", `there may be at most ${LIMITS.headers} headers`);
  const entries: { name: string; parts: readonly Part[] }[] = [];
  const errors: TemplateError[] = [];
  const seen = new Set<string>();
  for (const [name, value] of named) {
    const path = `$.${name}`;
    const problem = headerNameProblem(name) ?? (seen.has(name.toLowerCase()) ? "this header is set twice" : null);
    seen.add(name.toLowerCase());
    if (problem !== null) errors.push({ path, message: problem, position: 0 });
    if (typeof value !== "string") errors.push({ path, message: "a header's value is text", position: 0 });
    else compileValue(value, shape, name, path, entries, errors);
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, headers: { shape, entries } };
}

function compileValue(
  value: string,
  shape: ContextShape,
  name: string,
  path: string,
  entries: { name: string; parts: readonly Part[] }[],
  errors: TemplateError[],
): void {
  const compiled = value.length > LIMITS.headerChars ? valueTooLong() : compileText(value, shape);
  if (!compiled.ok) {
    errors.push(...compiled.errors.map(({ message, position }) => ({ path, message, position })));
    return;
  }
  const literal = literalText(compiled.parts);
  if (VALUE.test(literal)) entries.push({ name, parts: compiled.parts });
  else errors.push({ path, message: FORBIDDEN, position: Math.max(0, value.search(/[^\t\x20-\x7e\x80-\xff]/)) });
}

const FORBIDDEN = "a header's value may not have line breaks, control characters or characters beyond Latin-1";

function valueTooLong() {
  const message = `a header's value may have at most ${LIMITS.headerChars} characters`;
  return { ok: false as const, errors: [{ message, position: LIMITS.headerChars }] };
}

function literalText(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (part.kind === "text") return part.text;
      if (part.kind === "for") return literalText(part.body);
      return part.kind === "if" ? part.branches.map((branch) => literalText(branch.body)).join("") : "";
    })
    .join("");
}

/** Says what is wrong with the name of a custom header, or null. */
export function headerNameProblem(name: string): string | null {
  if (!TOKEN.test(name) || name.length > 128) return `"${name.slice(0, 128)}" is not a header name`;
  const lower = name.toLowerCase();
  if (RESERVED.has(lower) || lower.startsWith("proxy-") || lower.startsWith("webhook-") || lower === HOPS_HEADER) {
    return `the header "${name}" is set by Overwatch and cannot be changed`;
  }
  return null;
}

function refused(path: string, message: string): CompiledHeaders {
  return { ok: false, errors: [{ path, message, position: 0 }] };
}

/** Renders headers; a value that a header cannot carry is an error, never cut or changed. */
export function renderHeaders(headers: Headers, context: ContextValues): RenderedHeaders {
  const bound = bindContext(headers.shape, context);
  const warnings: Warning[] = [];
  return withBudget(LIMITS.steps, () => {
    const rendered: [string, string][] = [];
    for (const { name, parts } of headers.entries) {
      const output = { path: `$.${name}`, warnings, text: "" };
      const message = renderParts(parts, bound, output)?.message ?? valueProblem(output.text);
      if (message !== null) return { ok: false, error: { path: output.path, message } };
      rendered.push([name, output.text]);
    }
    return { ok: true, headers: Object.fromEntries(rendered), warnings };
  });
}

function valueProblem(value: string): string | null {
  if (value.length > LIMITS.headerChars) return `the value has more than ${LIMITS.headerChars} characters`;
  return VALUE.test(value) ? null : FORBIDDEN;
}
