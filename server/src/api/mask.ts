const MASK = "***";
const PLAIN_HEADERS = new Set(["content-type", "accept", "user-agent"]);
const SCHEME_WORDS = /^(\s*(?:Basic|Bearer|Digest|Token|ApiKey|GenieKey|Splunk|SSWS|AWS4-HMAC-SHA256)\s*(?:token=)?)/i;

/** A header's template as people may see it: expressions and scheme words stay, literal text becomes `***`. */
export function maskHeader(name: string, template: string): string {
  if (PLAIN_HEADERS.has(name.toLowerCase())) return template;
  let masked = "";
  let rest = template;
  const scheme = SCHEME_WORDS.exec(rest)?.[1] ?? "";
  masked += scheme;
  rest = rest.slice(scheme.length);
  let at = 0;
  for (const match of rest.matchAll(/\{\{.*?\}\}|\{%.*?%\}/gs)) {
    masked += maskLiteral(rest.slice(at, match.index)) + maskTextsInside(match[0]);
    at = match.index + match[0].length;
  }
  return masked + maskLiteral(rest.slice(at));
}

/** All headers as people may see them. */
export function maskHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, maskHeader(name, value)]));
}

/** A URL as roles see it that may not change it: query values and long path segments, which often are keys, hidden. */
export function maskUrl(url: string): string {
  const [address = "", query] = url.split(/\?(.*)/s, 2);
  const path = address.replace(/(?<=[^/:]\/)(?!\{\{)[A-Za-z0-9_.~%-]{20,}(?=\/|$)/g, MASK);
  return query === undefined ? path : `${path}?${query.replace(/=(?!\{\{[^}]*\}\}(?:&|$))[^&]*/g, `=${MASK}`)}`;
}

function maskLiteral(text: string): string {
  return text.trim() === "" ? text : MASK;
}

/** Texts written inside an expression can be secrets as well. */
function maskTextsInside(expression: string): string {
  return expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs, (quoted) => quoted[0] + MASK + quoted[0]);
}
