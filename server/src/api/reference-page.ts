import { createHash } from "node:crypto";
import { isObject, type JsonValue } from "../core/json.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; }
nav ul { columns: 14rem; padding-left: 1.2rem; }
section { border-top: 1px solid GrayText; margin-top: 2rem; }
article { margin: 1.5rem 0; }
h3 { margin-bottom: .2rem; }
code, pre { font: .9rem/1.4 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid GrayText; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; }
.method { display: inline-block; min-width: 4rem; font-weight: 700; }
`;

/** The Content-Security-Policy of the page: its own style and nothing else, no script, no request to anyone. */
export const REFERENCE_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** Renders an OpenAPI document as one page of HTML that works without scripts. */
export function renderReferencePage(document: JsonValue): string {
  const operations = operationsOf(document);
  const tags = list(at(document, "tags")).map((tag) => ({
    name: text(at(tag, "name")),
    about: text(at(tag, "description")),
  }));
  const sections = tags
    .map((tag) => ({ ...tag, operations: operations.filter((operation) => operation.tag === tag.name) }))
    .filter((tag) => tag.operations.length > 0);
  const index = sections
    .map((tag) => `<li><a href="#${escapeHtml(tag.name)}">${escapeHtml(tag.name)}</a></li>`)
    .join("");
  const bodies = sections
    .map(
      (tag) =>
        `<section id="${escapeHtml(tag.name)}"><h2>${escapeHtml(tag.name)}</h2><p>${escapeHtml(tag.about)}</p>${tag.operations
          .map(renderOperation)
          .join("")}</section>`,
    )
    .join("");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Overwatch API</title><style>${STYLE}</style></head><body><header><h1>Overwatch API</h1><p>${escapeHtml(text(at(at(document, "info"), "description")))}</p><p>The same as a document: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p></header><nav aria-label="Resources"><ul>${index}</ul></nav><main>${bodies}</main></body></html>`;
}

type Operation = { readonly method: string; readonly path: string; readonly tag: string; readonly about: JsonValue };

function operationsOf(document: JsonValue): readonly Operation[] {
  return Object.entries(object(at(document, "paths"))).flatMap(([path, item]) =>
    Object.entries(object(item)).map(([method, about]) => ({
      method: method.toUpperCase(),
      path,
      tag: text(list(at(about, "tags"))[0] ?? ""),
      about,
    })),
  );
}

function renderOperation({ method, path, about }: Operation): string {
  const parameters = list(at(about, "parameters"));
  const body = at(at(at(at(about, "requestBody"), "content"), "application/json"), "schema");
  const answers = Object.entries(object(at(about, "responses")));
  const success = answers.find(([status]) => status.startsWith("2"));
  const schema = at(at(at(success?.[1] ?? null, "content"), "application/json"), "schema");
  const failures = answers.filter(([status]) => !status.startsWith("2")).map(([status]) => status);
  return [
    `<article><h3><span class="method">${escapeHtml(method)}</span> <code>${escapeHtml(path)}</code></h3>`,
    `<p>${escapeHtml(text(at(about, "summary")))}</p><p>${escapeHtml(text(at(about, "description")))}</p>`,
    parameters.length === 0 ? "" : `<table><tbody>${parameters.map(renderParameter).join("")}</tbody></table>`,
    body === null ? "" : renderSchema("Body", body),
    schema === null ? "" : renderSchema(`Answer ${success?.[0] ?? ""}`, schema),
    failures.length === 0 ? "" : `<p>Errors: ${escapeHtml(failures.join(", "))}</p>`,
    "</article>",
  ].join("");
}

function renderParameter(parameter: JsonValue): string {
  const schema = at(parameter, "schema");
  const words = list(at(schema, "enum")).map(text).join(", ");
  const type = words === "" ? text(at(schema, "format")) || text(at(schema, "type")) : words;
  const about = text(at(parameter, "description")) || text(at(schema, "description"));
  return `<tr><th scope="row"><code>${escapeHtml(text(at(parameter, "name")))}</code></th><td>${escapeHtml(text(at(parameter, "in")))}</td><td>${escapeHtml(type)}</td><td>${escapeHtml(about)}</td></tr>`;
}

function renderSchema(title: string, schema: JsonValue): string {
  return `<details><summary>${escapeHtml(title)}</summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function at(value: JsonValue, name: string): JsonValue {
  return isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

function object(value: JsonValue): Readonly<Record<string, JsonValue>> {
  return isObject(value) ? value : {};
}

function list(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function text(value: JsonValue): string {
  return typeof value === "string" ? value : "";
}

function escapeHtml(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
