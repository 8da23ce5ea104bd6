import { LIMITS } from "./limits.ts";
import { ExpressionFault, spend, stringTooLong, tooCostly } from "./meter.ts";
import { patternProblem } from "./regex.ts";

/*
 * The CEL library bounds what is parsed, not what runs. After the type check each node of its syntax tree holds the
 * function that computes it as `handle`, and each comprehension the tree that it stands for as `meta.alternate`. These
 * are wrapped here to be counted. Both are internals of the pinned version; guard.test.ts fails if they move.
 */

/** The part of the library's syntax tree that is read here. */
export type AstNode = {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
  readonly checkedType?: { readonly name: string };
  readonly meta?: { readonly alternate?: AstNode };
  handle?: (...values: unknown[]) => unknown;
};

/** A refusal by the guard: what to say and the place in the source, in UTF-16 units from 0. */
export type Refusal = { readonly message: string; readonly position: number };

const REGEX_FUNCTIONS = new Set(["re", "re_find", "re_replace"]);

/** Refuses what may be written but not run: `matches()`, bad regular expressions, comprehensions three deep. */
export function refuse(root: AstNode): Refusal | null {
  const open: { node: AstNode; nesting: number; depth: number }[] = [{ node: root, nesting: 0, depth: 0 }];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { node, depth } = entry;
    const nesting = entry.nesting + (isComprehension(node) ? 1 : 0);
    const refusal = refuseNode(node, nesting, depth);
    if (refusal !== null) return { message: refusal, position: node.start };
    const receiver = receiverOf(node);
    for (const child of children(node)) {
      // The list that is walked over is computed once, outside of the walk.
      open.push({ node: child, nesting: child === receiver ? entry.nesting : nesting, depth: depth + 1 });
    }
  }
  return null;
}

function refuseNode(node: AstNode, nesting: number, depth: number): string | null {
  if (nesting > LIMITS.nesting) return `map, filter, all and exists may nest at most ${LIMITS.nesting} deep`;
  if (depth > LIMITS.astNodes) return "the expression nests too deep";
  const name = functionName(node);
  if (name === "matches") return 'matches() is not offered, since it can run for hours; use text.re("pattern")';
  if (name === undefined || !REGEX_FUNCTIONS.has(name)) return null;
  const pattern = callArguments(node)[0];
  if (pattern?.op !== "value" || typeof pattern.args !== "string") return null;
  return patternProblem(pattern.args);
}

/** Makes the checked tree count its steps and refuse to grow; returns the number of its nodes. */
export function guard(root: AstNode, listElements: number): number {
  const open = [root];
  let count = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    count += 1;
    const loop = node.meta?.alternate;
    if (loop?.op === "comprehension") guardComprehension(node, loop, listElements);
    else guardNode(node);
    open.push(...children(node));
  }
  return count;
}

function guardComprehension(node: AstNode, loop: AstNode, listElements: number): void {
  const body = callArguments(node).reduce((sum, argument) => sum + countNodes(argument), 2);
  wrap(loop, (run, values) => {
    const count = sizeOf(values[0]);
    if (count > listElements) {
      throw new ExpressionFault("limit", `a list of ${count} elements is too long to walk over (${listElements})`);
    }
    spend(1 + count * body);
    return run(...values);
  });
}

function guardNode(node: AstNode): void {
  if (node.op === "==" || node.op === "!=" || node.op === "in") {
    wrap(node, (run, values) => {
      spend(1 + weight(values[0]) + (node.op === "in" && !isList(values[1]) ? 1 : weight(values[1])));
      return run(...values);
    });
  } else if (node.op === "+") {
    wrap(node, (run, values) => {
      spendOnSum(values[0], values[1]);
      return run(...values);
    });
  } else if (node.op === "call" || node.op === "rcall") {
    const name = functionName(node) ?? "";
    wrap(node, (run, values) => {
      spendOnCall(name, Array.isArray(values[0]) ? values[0] : []);
      return run(...values);
    });
  }
}

function wrap(node: AstNode, around: (run: (...values: unknown[]) => unknown, values: unknown[]) => unknown): void {
  const run = node.handle;
  // Macros such as has() and default() hold none: what they run is in their arguments, which are guarded.
  if (run === undefined) return;
  node.handle = (...values) => around(run, values);
}

function spendOnSum(left: unknown, right: unknown): void {
  if (typeof left === "string" && typeof right === "string") {
    const length = left.length + right.length;
    if (length > LIMITS.stringChars) throw stringTooLong();
    spend(1 + (length >> 6));
  } else if (isList(left) && isList(right)) {
    const count = sizeOf(left) + sizeOf(right);
    if (count > LIMITS.madeElements) throw listTooLong();
    spend(1 + count);
  } else if (left instanceof Uint8Array && right instanceof Uint8Array) {
    if (left.length + right.length > LIMITS.stringChars) throw stringTooLong();
    spend(1 + ((left.length + right.length) >> 6));
  }
}

const SEARCHES = new Set(["contains", "indexOf", "lastIndexOf", "split", "replace"]);

function spendOnCall(name: string, values: readonly unknown[]): void {
  const lengths = values.map((value) => (typeof value === "string" ? value.length : 0));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  spend(2 + (total >> 6));
  if (name === "join") spendOnJoin(values);
  else if (name === "size") spend(total >> 3);
  else if (name === "split") spend(total >> 2);
  else if (name === "duration" && total > 64) throw new ExpressionFault("failed", "this is not a duration");
  // Time zone arithmetic of the library prints and parses dates.
  else if (name.startsWith("get") && lengths.length > 1) spend(1_000);
  // A search may compare the whole needle at each place.
  if (SEARCHES.has(name)) spend(Math.ceil(((lengths[0] ?? 0) * (lengths[1] ?? 0)) / 256));
}

function spendOnJoin(values: readonly unknown[]): void {
  const [list, separator] = values;
  if (!isList(list)) return;
  let length = (typeof separator === "string" ? separator.length : 0) * sizeOf(list);
  for (const element of list) if (typeof element === "string") length += element.length;
  if (length > LIMITS.stringChars) throw stringTooLong();
  spend(sizeOf(list) + (length >> 6));
}

function listTooLong(): ExpressionFault {
  return new ExpressionFault("limit", `a list would grow over ${LIMITS.madeElements} elements`);
}

/** What comparing a value may cost: its size in values; two expressions can build trees that share all branches. */
function weight(value: unknown): number {
  const open: Iterable<unknown>[] = [[value]];
  let count = 0;
  for (let elements = open.pop(); elements !== undefined; elements = open.pop()) {
    for (const element of elements) {
      count += 1;
      if (count > LIMITS.steps) throw tooCostly();
      const inside = elementsOf(element);
      if (inside !== null) open.push(inside);
    }
  }
  return count;
}

function elementsOf(value: unknown): Iterable<unknown> | null {
  if (isList(value)) return value;
  if (value instanceof Map) return value.values();
  if (typeof value !== "object" || value === null) return null;
  return Object.getPrototypeOf(value) === Object.prototype ? Object.values(value) : null;
}

function isList(value: unknown): value is Iterable<unknown> & object {
  return Array.isArray(value) || value instanceof Set;
}

function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  if (value instanceof Set || value instanceof Map) return value.size;
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

function isComprehension(node: AstNode): boolean {
  return node.meta?.alternate?.op === "comprehension";
}

function functionName(node: AstNode): string | undefined {
  if (node.op !== "call" && node.op !== "rcall") return undefined;
  return (node.args as readonly [string])[0];
}

function receiverOf(node: AstNode): AstNode | undefined {
  return node.op === "rcall" ? (node.args as readonly [string, AstNode])[1] : undefined;
}

function callArguments(node: AstNode): readonly AstNode[] {
  return node.op === "rcall"
    ? ((node.args as readonly unknown[])[2] as AstNode[])
    : ((node.args as unknown[])[1] as AstNode[]);
}

function countNodes(root: AstNode): number {
  return children(root).reduce((sum, child) => sum + countNodes(child), 1);
}

/** The nodes directly under a node. */
export function children(node: AstNode): AstNode[] {
  return node.op === "value" ? [] : nodesIn(node.args);
}

function nodesIn(value: unknown): AstNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return typeof value === "object" && value !== null && "op" in value ? [value as AstNode] : [];
}
