import { evaluateWith } from "./cel.ts";
import { bindContext, type ContextShape, type ContextValues } from "./context.ts";
import { LIMITS } from "./limits.ts";
import { ExpressionFault, withBudget } from "./meter.ts";
import { compileText, type Part, type TextError } from "./text-template.ts";
import { toText } from "./value.ts";

/** A checked URL template; `origin` is fixed, whatever the values are. */
export type UrlTemplate = {
  readonly shape: ContextShape;
  readonly origin: string;
  readonly parts: readonly Part[];
};

/** What compiling a URL gives; all errors at once, positions from 0. */
export type CompiledUrl =
  | { readonly ok: true; readonly url: UrlTemplate }
  | { readonly ok: false; readonly errors: readonly TextError[] };

/**
 * Checks a URL: http or https, no user or password, expressions in path and query only. Whether its address may be
 * called is for the egress guard to say, on the rendered URL.
 */
export function compileUrl(source: string, shape: ContextShape): CompiledUrl {
  const scheme = /^https?:\/\//i.exec(source)?.[0];
  if (scheme === undefined) return refused("the URL must begin with https:// or http://", 0);
  if (source.length > LIMITS.urlChars) return refused(`the URL has more than ${LIMITS.urlChars} characters`, 0);
  const rest = source.slice(scheme.length);
  const pathStart = rest.search(/[/?#]/);
  const authorityEnd = pathStart === -1 ? source.length : scheme.length + pathStart;
  const early = source.search(/\{[{%]/);
  if (early !== -1 && early < authorityEnd) return refused("no expression may stand in the scheme or the host", early);
  const compiled = compileText(source, shape);
  if (!compiled.ok) return compiled;
  const block = compiled.parts.some((part) => part.kind === "if" || part.kind === "for");
  if (block) return refused("a URL may hold {{ }} but no {% %}", Math.max(0, source.indexOf("{%")));
  return checkLiteral(source, compiled.parts, shape);
}

function checkLiteral(source: string, parts: readonly Part[], shape: ContextShape): CompiledUrl {
  const literal = parts.map((part) => (part.kind === "text" ? part.text : "x")).join("");
  // The URL parser drops or turns these silently, so that people would not see where it goes.
  const odd = /[\\\s]|\p{Cc}/u.exec(literal);
  if (odd !== null) return refused("a URL has no blanks, control characters or backslashes", source.indexOf(odd[0]));
  const parsed = parseUrl(literal);
  if (!parsed.ok) return refused(parsed.message, 0);
  return { ok: true, url: { shape, origin: parsed.url.origin, parts } };
}

function refused(message: string, position: number): CompiledUrl {
  return { ok: false, errors: [{ message, position }] };
}

type Parsed = { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly message: string };

function parseUrl(text: string): Parsed {
  const url = URL.parse(text);
  if (url === null) return { ok: false, message: "this is not a URL" };
  if (url.username !== "" || url.password !== "") {
    return { ok: false, message: "a URL may not hold a user or a password; use an Authorization header" };
  }
  const path = text.replace(/^[^:]*:\/\/[^/?#]*/, "").replace(/[?#].*$/s, "");
  if (path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) {
    return { ok: false, message: 'a path may not have the segments "." and ".."' };
  }
  return { ok: true, url };
}

/**
 * Renders a URL: values are percent-encoded, the result is parsed again and must keep its origin. A missing value is an
 * error here, since a shorter path is another address; `default()` says what to use instead.
 */
export function renderUrl(
  template: UrlTemplate,
  context: ContextValues,
): { readonly ok: true; readonly url: string } | { readonly ok: false; readonly message: string } {
  const bound = bindContext(template.shape, context);
  return withBudget(LIMITS.steps, () => {
    let text = "";
    for (const part of template.parts) {
      if (part.kind === "text") text += part.text;
      else if (part.kind === "value") {
        const evaluated = evaluateWith(part.expression, bound, encodeValue);
        if (!evaluated.ok) return { ok: false, message: evaluated.error.message };
        text += evaluated.value;
      }
      if (text.length > LIMITS.urlChars) return { ok: false, message: "the rendered URL is too long" };
    }
    const parsed = parseUrl(text);
    if (!parsed.ok) return parsed;
    if (parsed.url.origin !== template.origin) return { ok: false, message: "the rendered URL has another origin" };
    return { ok: true, url: parsed.url.href };
  });
}

function encodeValue(value: unknown): string {
  if (value === null) throw new ExpressionFault("missing", "a value of the URL is null");
  return encodeURIComponent(toText(value).toWellFormed());
}
