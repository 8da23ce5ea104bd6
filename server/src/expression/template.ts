import type { JsonValue } from "../core/json.ts";
import { evaluateWith } from "./cel.ts";
import { bindContext, type ContextShape, type ContextValues } from "./context.ts";
import { LIMITS } from "./limits.ts";
import { withBudget } from "./meter.ts";
import { type Output, outputTooLarge, renderParts, toleratedFault, type Warning } from "./text-render.ts";
import { compileText, type Part } from "./text-template.ts";
import { toJson } from "./value.ts";

/** A refusal of a template: `path` is the JSON path of the leaf, `position` the place in its text from 0. */
export type TemplateError = { readonly path: string; readonly message: string; readonly position: number };

/** A checked template. */
export type Template = {
  readonly shape: ContextShape;
  readonly contentType: string;
  /** Ready JSON text, and between it the leaves that are filled in; for a text template one leaf of text. */
  readonly chunks: readonly (string | Leaf)[];
};

type Leaf = { readonly path: string; readonly kind: "json" | "string" | "text"; readonly parts: readonly Part[] };

/** What compiling a template gives; all its errors at once. */
export type CompiledTemplate =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly errors: readonly TemplateError[] };

/** What rendering a template gives. */
export type Rendered =
  | {
      readonly ok: true;
      readonly body: string;
      /** What the body is, unless the endpoint's headers say otherwise. */
      readonly contentType: string;
      readonly warnings: readonly Warning[];
    }
  | { readonly ok: false; readonly error: { readonly path: string; readonly message: string } };

/**
 * Checks a template: a JSON object or list whose text leaves hold `{{ expression }}`, or text for other bodies. Keys are
 * literal. The rendered JSON has the template's shape whatever the values are: each leaf is encoded on its own.
 */
export function compileTemplate(source: JsonValue, shape: ContextShape): CompiledTemplate {
  const writer: Writer = { shape, chunks: [], errors: [], size: 0 };
  if (typeof source === "string") {
    writeLeaf(writer, source, "$", "text");
  } else if (typeof source === "object" && source !== null) {
    writeValue(writer, source, "$", 0);
  } else {
    refuse(writer, "$", "a template is an object, a list or text");
  }
  if (writer.size > LIMITS.templateChars) {
    refuse(writer, "$", `a template may have at most ${LIMITS.templateChars} characters`);
  }
  if (writer.errors.length > 0) return { ok: false, errors: writer.errors };
  const contentType = typeof source === "string" ? "text/plain; charset=utf-8" : "application/json";
  return { ok: true, template: { shape, contentType, chunks: joinText(writer.chunks) } };
}

type Writer = {
  readonly shape: ContextShape;
  readonly chunks: (string | Leaf)[];
  readonly errors: TemplateError[];
  size: number;
};

function writeValue(writer: Writer, value: unknown, path: string, depth: number): void {
  if (depth > LIMITS.templateDepth) {
    refuse(writer, path, `a template may nest at most ${LIMITS.templateDepth} deep`);
  } else if (typeof value === "string") {
    writeLeaf(writer, value, path, "json");
  } else if (value === null || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
    write(writer, JSON.stringify(value));
  } else if (Array.isArray(value)) {
    write(writer, "[");
    value.forEach((element, index) => {
      if (index > 0) write(writer, ",");
      writeValue(writer, element, `${path}[${index}]`, depth + 1);
    });
    write(writer, "]");
  } else if (typeof value === "object" && isPlain(value)) {
    write(writer, "{");
    Object.entries(value).forEach(([key, element], index) => {
      write(writer, `${index > 0 ? "," : ""}${JSON.stringify(key)}:`);
      writeValue(writer, element, memberPath(path, key), depth + 1);
    });
    write(writer, "}");
  } else {
    refuse(writer, path, "a template holds JSON values only");
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function memberPath(path: string, key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function writeLeaf(writer: Writer, text: string, path: string, kind: "json" | "text"): void {
  writer.size += text.length;
  // What is too long is refused as a whole; reading it would only cost time.
  if (writer.size > LIMITS.templateChars) return;
  const compiled = compileText(text, writer.shape);
  if (!compiled.ok) {
    writer.errors.push(...compiled.errors.map((error) => ({ path, ...pick(error) })));
  } else if (kind === "text") {
    writer.chunks.push({ path, kind, parts: compiled.parts });
  } else if (compiled.parts.every((part) => part.kind === "text")) {
    write(writer, JSON.stringify(compiled.parts.map((part) => (part.kind === "text" ? part.text : "")).join("")));
  } else {
    const isSingle = compiled.parts.length === 1 && compiled.parts[0]?.kind === "value";
    writer.chunks.push({ path, kind: isSingle ? "json" : "string", parts: compiled.parts });
  }
}

function pick({ message, position }: { readonly message: string; readonly position: number }) {
  return { message, position };
}

function write(writer: Writer, json: string): void {
  writer.size += json.length;
  if (writer.size <= LIMITS.templateChars) writer.chunks.push(json);
}

function refuse(writer: Writer, path: string, message: string): void {
  writer.errors.push({ path, message, position: 0 });
}

function joinText(chunks: readonly (string | Leaf)[]): readonly (string | Leaf)[] {
  const joined: (string | Leaf)[] = [];
  for (const chunk of chunks) {
    const last = joined.at(-1);
    if (typeof chunk === "string" && typeof last === "string") joined[joined.length - 1] = last + chunk;
    else joined.push(chunk);
  }
  return joined;
}

/** Renders a template; never throws. One budget of 1,000,000 steps and 256 KiB of output serve the whole template. */
export function renderTemplate(template: Template, context: ContextValues): Rendered {
  const bound = bindContext(template.shape, context);
  const warnings: Warning[] = [];
  return withBudget(LIMITS.steps, () => {
    let body = "";
    for (const chunk of template.chunks) {
      if (typeof chunk === "string") {
        body += chunk;
      } else {
        const output: Output = { path: chunk.path, warnings, text: "" };
        const fault = renderLeaf(chunk, bound, output);
        if (fault !== null) return { ok: false, error: { path: chunk.path, message: fault.message } };
        body += output.text;
      }
      if (body.length > LIMITS.outputBytes) return tooLarge();
    }
    if (Buffer.byteLength(body) > LIMITS.outputBytes) return tooLarge();
    return { ok: true, body, contentType: template.contentType, warnings };
  });
}

function tooLarge(): Rendered {
  return { ok: false, error: { path: "$", message: outputTooLarge().message } };
}

function renderLeaf(leaf: Leaf, bound: object, output: Output) {
  const [only] = leaf.parts;
  if (leaf.kind === "json" && only?.kind === "value") {
    const evaluated = evaluateWith(only.expression, bound, toJson);
    const fault = evaluated.ok ? null : toleratedFault(evaluated.error, output);
    if (fault === null) output.text = JSON.stringify(evaluated.ok ? evaluated.value : null);
    return fault;
  }
  const fault = renderParts(leaf.parts, bound, output);
  if (leaf.kind === "string") output.text = JSON.stringify(output.text);
  return fault;
}
