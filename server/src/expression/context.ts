import { LIMITS } from "./limits.ts";
import { type Fields, RECORDS, type RecordName, readField } from "./records.ts";
import { didYouMean } from "./suggest.ts";

/** Which names an expression may use and their CEL types; every check and every evaluation names one. */
export type ContextShape = {
  /** Names the shape together with its variables; equal keys mean equal shapes. */
  readonly key: string;
  readonly roots: Readonly<Record<string, string>>;
  /** How many elements a comprehension may walk over. */
  readonly listElements: number;
};

/**
 * The values behind a shape's names: plain JSON under `incident`, `alert`, …, and the endpoint's variables beside them.
 * An absent root reads as one whose every field is missing. Never change such an object after it was used once: what is
 * made of it is remembered.
 */
export type ContextValues = Readonly<Record<string, unknown>>;

const EVENT_ROOTS = {
  incident: "Incident",
  alert: "Alert",
  alerts: "list<Alert>",
  event: "Event",
  integration: "Integration",
  endpoint: "Endpoint",
  link: "map<string, dyn>",
} as const;

/** What templates, headers and URLs may use besides the endpoint's variables. */
export const TEMPLATE_CONTEXT: ContextShape = shape(
  "template",
  { ...EVENT_ROOTS, failover: "Failover" },
  LIMITS.listElements,
);

/** What filters may use: the same without the endpoint's variables. */
export const FILTER_CONTEXT: ContextShape = shape("filter", EVENT_ROOTS, LIMITS.listElements);

/** What a mapping's `each` may use: the payload, the request's headers in lower case, the time of receipt. */
export const MAPPING_CONTEXT: ContextShape = shape(
  "mapping",
  { payload: "dyn", headers: "map<string, string>", now: "google.protobuf.Timestamp" },
  LIMITS.mappingElements,
);

/** What a mapping's fields may use: also the element at hand and its place, counted from 0. */
export const ELEMENT_CONTEXT: ContextShape = shape(
  "element",
  { ...MAPPING_CONTEXT.roots, item: "dyn", index: "int" },
  LIMITS.mappingElements,
);

/** A refused name of a variable. */
export type VariableError = { readonly name: string; readonly message: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

// Words of CEL, and names that the library gives a meaning of its own.
const TAKEN = new Set(
  (
    "as break const continue else for function if import let loop package namespace return var void while true false " +
    "null in prototype __proto__ cel optional google dyn string bool int uint double map list bytes type null_type"
  ).split(" "),
);

// The documented configuration speaks of this one without setting it: then it is missing, not unknown.
const WELL_KNOWN_VARIABLES = ["api_token"];

/** The template context with an endpoint's variables, and `api_token` in any case, as further names of type string, or what is wrong with a name. */
export function templateContext(
  variables: readonly string[],
):
  | { readonly ok: true; readonly shape: ContextShape }
  | { readonly ok: false; readonly errors: readonly VariableError[] } {
  const errors = variables.flatMap((name) => {
    const message = nameProblem(name, TEMPLATE_CONTEXT);
    return message === null ? [] : [{ name, message }];
  });
  if (variables.length > LIMITS.variables) {
    errors.push({ name: "", message: `there may be at most ${LIMITS.variables} variables` });
  }
  if (errors.length > 0) return { ok: false, errors };
  const names = [...new Set([...variables, ...WELL_KNOWN_VARIABLES])].sort();
  return { ok: true, shape: names.reduce((made, name) => withName(made, name, "string"), TEMPLATE_CONTEXT) };
}

/** Says what is wrong with a new name beside those of a shape, or null. */
export function nameProblem(name: string, within: ContextShape): string | null {
  if (!NAME.test(name)) return `"${name}" must be a letter or _, then letters, digits and _, at most 64 in all`;
  if (Object.hasOwn(within.roots, name)) return `"${name}" is a name of the context already`;
  if (TAKEN.has(name)) return `"${name}" is a reserved word`;
  return null;
}

/** The shape with one more name; `type` is a CEL type. */
export function withName(base: ContextShape, name: string, type: string): ContextShape {
  return { ...base, key: `${base.key},${name}:${type}`, roots: { ...base.roots, [name]: type } };
}

/** What to say about a field that a record does not have, or null when the type is no record. */
export function fieldProblem(type: string, field: string): string | null {
  if (!Object.hasOwn(RECORDS, type)) return null;
  const fields: Fields = RECORDS[type as RecordName];
  return `${type.toLowerCase()} has no field "${field}"${didYouMean(field, Object.keys(fields))}`;
}

function shape(name: string, roots: Readonly<Record<string, string>>, listElements: number): ContextShape {
  return { key: name, roots, listElements };
}

const bindings = new WeakMap<object, Map<string, object>>();
const VALUES = Symbol("values");

/** Makes values readable for CEL; each root is converted when it is first read, and remembered with the values. */
export function bindContext(within: ContextShape, values: ContextValues): object {
  let byShape = bindings.get(values);
  if (byShape === undefined) {
    byShape = new Map();
    bindings.set(values, byShape);
  }
  let bound = byShape.get(within.key);
  if (bound === undefined) {
    bound = Object.create(prototypeOf(within), { [VALUES]: { value: values } }) as object;
    byShape.set(within.key, bound);
  }
  return bound;
}

const prototypes = new WeakMap<ContextShape, object>();

function prototypeOf(within: ContextShape): object {
  let prototype = prototypes.get(within);
  if (prototype === undefined) {
    prototype = Object.create(null) as object;
    for (const [name, type] of Object.entries(within.roots)) {
      Object.defineProperty(prototype, name, {
        get(this: { [VALUES]: ContextValues }) {
          const value = readField(type, this[VALUES][name]);
          Object.defineProperty(this, name, { value });
          return value;
        },
      });
    }
    prototypes.set(within, prototype);
  }
  return prototype;
}
