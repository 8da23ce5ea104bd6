import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { type Expression, evaluateWith } from "./cel.ts";
import { bindContext, ELEMENT_CONTEXT, MAPPING_CONTEXT } from "./context.ts";
import { LIMITS } from "./limits.ts";
import {
  type Compiler,
  compileDefaults,
  compileEach,
  compileSources,
  compileWords,
  FIELDS,
  type FieldName,
  fold,
  isLabelObject,
  type MappingSource,
  type Source,
} from "./mapping-source.ts";
import { spend, withBudget } from "./meter.ts";
import { didYouMean } from "./suggest.ts";
import type { TemplateError } from "./template.ts";
import { toCelValue, toJson, toText } from "./value.ts";

/** How a custom integration's payload becomes alerts; every field is optional. */
export type MappingConfig = {
  /** A list in the payload: one alert for each of its elements; absent: one alert for the payload. */
  readonly each?: string;
  readonly dedup_key?: MappingSource;
  readonly external_id?: MappingSource;
  readonly title?: MappingSource;
  readonly description?: MappingSource;
  readonly status?: MappingSource;
  readonly severity?: MappingSource;
  readonly source_time?: MappingSource;
  /** Another name of `source_time`. */
  readonly time?: MappingSource;
  /** A map, or an object of label names and their sources. */
  readonly labels?: MappingSource | { readonly [label: string]: MappingSource };
  /** A list of URLs or of `{href, text}`, or one of them. */
  readonly links?: MappingSource;
  /** Sender's word to ours, compared without regard to case; `*` stands for every other word. */
  readonly status_map?: { readonly [word: string]: string };
  readonly severity_map?: { readonly [word: string]: string };
  /** Values of fields that have none. */
  readonly defaults?: { readonly [field: string]: JsonValue };
};

/** What a mapping made of one element: plain values, a field without a value is absent. */
export type MappedElement = {
  readonly dedup_key?: JsonValue;
  readonly external_id?: JsonValue;
  readonly title?: JsonValue;
  readonly description?: JsonValue;
  readonly status?: JsonValue;
  readonly severity?: JsonValue;
  readonly source_time?: JsonValue;
  readonly labels?: { readonly [label: string]: string };
  readonly links?: readonly { readonly href: string; readonly text: string }[];
};

type Field = { readonly name: FieldName; readonly sources: readonly Source[] };

/** A checked mapping. */
export type CompiledMapping = {
  readonly each: Expression | null;
  readonly fields: readonly Field[];
  readonly labels: readonly { readonly label: string; readonly sources: readonly Source[] }[];
  readonly maps: Readonly<Partial<Record<FieldName, ReadonlyMap<string, string>>>>;
  readonly defaults: JsonObject;
};

const KEYS = [...FIELDS, "time", "each", "status_map", "severity_map", "defaults"];

/** Checks a mapping as a user wrote it: names, shapes, expressions; all errors at once. */
export function compileMapping(
  config: unknown,
):
  | { readonly ok: true; readonly mapping: CompiledMapping }
  | { readonly ok: false; readonly errors: readonly TemplateError[] } {
  if (!isObject(config)) return { ok: false, errors: [{ path: "$", message: "a mapping is an object", position: 0 }] };
  const errors: TemplateError[] = [];
  const refuse = (path: string, message: string, position = 0) => errors.push({ path, message, position });
  for (const key of Object.keys(config)) {
    if (!KEYS.includes(key)) refuse(`$.${key}`, `a mapping has no field "${key}"${didYouMean(key, KEYS)}`);
  }
  if (config.time !== undefined && config.source_time !== undefined) {
    refuse("$.time", '"time" is another name of "source_time"; set one of them');
  }
  const compiler: Compiler = { refuse };
  const labelSources = isLabelObject(config.labels) ? config.labels : null;
  const fields = FIELDS.flatMap((name): Field[] => {
    const given = name === "source_time" && config.time !== undefined ? "time" : name;
    const source = config[given];
    if (source === undefined || (name === "labels" && labelSources !== null)) return [];
    return [{ name, sources: compileSources(compiler, source, `$.${given}`) }];
  });
  const mapping: CompiledMapping = {
    each: compileEach(compiler, config.each),
    fields,
    labels: Object.entries(labelSources ?? {}).map(([label, source]) => ({
      label,
      sources: compileSources(compiler, source, `$.labels.${label}`),
    })),
    maps: {
      status: compileWords(compiler, config.status_map, "$.status_map"),
      severity: compileWords(compiler, config.severity_map, "$.severity_map"),
    },
    defaults: compileDefaults(compiler, config.defaults),
  };
  return errors.length > 0 ? { ok: false, errors } : { ok: true, mapping };
}

/** What a mapping gives: the elements, or the part of the mapping that failed and why. */
export type Mapped =
  | { readonly ok: true; readonly elements: readonly MappedElement[] }
  | { readonly ok: false; readonly path: string; readonly message: string };

/**
 * Maps a payload; never throws. `now` is the time of receipt in epoch milliseconds; header names are in lower case. At
 * most 5,000 elements and 5,000,000 steps.
 */
export function runMapping(
  mapping: CompiledMapping,
  payload: JsonValue,
  now: number,
  headers: Readonly<Record<string, string>> = {},
): Mapped {
  const values = { payload, headers, now: new Date(now) };
  return withBudget(LIMITS.mappingSteps, () => {
    const split = splitPayload(mapping, payload, values);
    if (!split.ok) return split;
    const bound = bindContext(ELEMENT_CONTEXT, values);
    const elements: MappedElement[] = [];
    for (const [index, item] of split.items.entries()) {
      const inside = Object.create(bound, { item: { value: item }, index: { value: BigInt(index) } }) as object;
      const mapped = mapElement(mapping, inside);
      if (!mapped.ok) {
        const place = mapping.each === null ? "" : ` (element ${index})`;
        return { ok: false, path: mapped.path, message: `${mapped.message}${place}` };
      }
      elements.push(mapped.element);
    }
    return { ok: true, elements };
  });
}

type Split = { readonly ok: true; readonly items: readonly unknown[] } | Extract<Mapped, { ok: false }>;

function splitPayload(mapping: CompiledMapping, payload: JsonValue, values: object): Split {
  const failed = (message: string): Split => ({ ok: false, path: "$.each", message });
  if (mapping.each === null) {
    try {
      return { ok: true, items: [toCelValue(payload)] };
    } catch (error) {
      return { ok: false, path: "$", message: error instanceof Error ? error.message : "the payload is too deep" };
    }
  }
  const bound = bindContext(MAPPING_CONTEXT, values as Readonly<Record<string, unknown>>);
  const evaluated = evaluateWith(mapping.each, bound, (value) => value);
  if (!evaluated.ok) return failed(evaluated.error.message);
  if (!Array.isArray(evaluated.value)) return failed('"each" gave no list');
  if (evaluated.value.length > LIMITS.mappingElements) {
    return failed(`"each" gave ${evaluated.value.length} elements; at most ${LIMITS.mappingElements} are read`);
  }
  return { ok: true, items: evaluated.value };
}

type ElementResult =
  | { readonly ok: true; readonly element: MappedElement }
  | { readonly ok: false; readonly path: string; readonly message: string };

function mapElement(mapping: CompiledMapping, bound: object): ElementResult {
  const element: Record<string, JsonValue> = {};
  for (const { name, sources } of mapping.fields) {
    const found = firstValue(sources, bound);
    if (!found.ok) return found;
    const value = found.value ?? mapping.defaults[name];
    if (value !== undefined) element[name] = shapeField(name, value, mapping);
  }
  const labels: [string, JsonValue][] = [];
  for (const { label, sources } of mapping.labels) {
    const found = firstValue(sources, bound);
    if (!found.ok) return found;
    if (found.value !== undefined) labels.push([label, toText(found.value)]);
  }
  if (labels.length > 0) element.labels = Object.fromEntries(labels);
  for (const [name, value] of Object.entries(mapping.defaults)) {
    element[name] ??= shapeField(name as FieldName, value, mapping);
  }
  return { ok: true, element };
}

type Found =
  | { readonly ok: true; readonly value: JsonValue | undefined }
  | { readonly ok: false; readonly path: string; readonly message: string };

/** The first alternative with a value; missing, null and empty text count as none. */
function firstValue(sources: readonly Source[], bound: object): Found {
  for (const { path, from } of sources) {
    if ("const" in from) return { ok: true, value: from.const };
    const evaluated = evaluateWith(from, bound, toJson);
    if (!evaluated.ok && evaluated.error.kind !== "missing")
      return { ok: false, path, message: evaluated.error.message };
    if (evaluated.ok && evaluated.value !== null && evaluated.value !== "") return { ok: true, value: evaluated.value };
  }
  return { ok: true, value: undefined };
}

function shapeField(name: FieldName, value: JsonValue, mapping: CompiledMapping): JsonValue {
  if (name === "labels") return shapeLabels(value);
  if (name === "links") return shapeLinks(value);
  const words = mapping.maps[name];
  if (words === undefined || words.size === 0) return value;
  return words.get(fold(toText(value))) ?? words.get("*") ?? value;
}

function shapeLabels(value: JsonValue): JsonObject {
  if (!isObject(value)) return {};
  const kept = Object.entries(value).filter(([, element]) => element !== null);
  return Object.fromEntries(kept.map(([label, element]) => [label, toText(element)]));
}

function shapeLinks(value: JsonValue): readonly JsonObject[] {
  const links: readonly JsonValue[] = Array.isArray(value) ? value : [value];
  spend(links.length);
  return links.flatMap((link): JsonObject[] => {
    if (typeof link === "string") return [{ href: link, text: link }];
    if (!isObject(link)) return [];
    const href = link.href ?? link.url;
    if (typeof href !== "string") return [];
    const text = link.text ?? link.title;
    return [{ href, text: typeof text === "string" && text !== "" ? text : href }];
  });
}
