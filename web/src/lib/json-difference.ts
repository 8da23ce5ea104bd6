/** One place at which two JSON values differ; the side that has nothing there is undefined. */
export type JsonDifference = {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
};

const MOST = 500;

/** Where two JSON values differ, in the order of the second, at most 500 places. Lists are compared place by place. */
export function jsonDifferences(before: unknown, after: unknown): readonly JsonDifference[] {
  const found: JsonDifference[] = [];
  compare(before, after, "$", found);
  return found;
}

function compare(before: unknown, after: unknown, path: string, found: JsonDifference[]): void {
  if (found.length >= MOST || Object.is(before, after)) return;
  const old = partsOf(before);
  const next = partsOf(after);
  if (old === null || next === null || Array.isArray(before) !== Array.isArray(after)) {
    found.push({ path, before, after });
    return;
  }
  const names = new Set([...Object.keys(next), ...Object.keys(old)]);
  for (const name of names) {
    const step = Array.isArray(after) ? `[${name}]` : pathStep(name);
    compare(own(old, name), own(next, name), path + step, found);
  }
}

function partsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}

function own(parts: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(parts, name) ? parts[name] : undefined;
}

function pathStep(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
