import { LIMITS } from "./limits.ts";

/** Why an expression stopped: `missing` where a value was not there, `limit` at a bound, `failed` for all else. */
export type FaultKind = "missing" | "limit" | "failed";

/** Thrown inside an evaluation and caught by `evaluate`, which returns it as a value; nobody else sees it. */
export class ExpressionFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.name = "ExpressionFault";
    this.kind = kind;
  }
}

// Evaluation is synchronous, so one counter serves: whoever opened it closes it before anyone else can run.
let open = false;
let left = 0;

/** Runs `run` with a budget of steps; inside an open budget it shares that one. */
export function withBudget<T>(steps: number, run: () => T): T {
  if (open) return run();
  open = true;
  left = steps;
  try {
    return run();
  } finally {
    open = false;
  }
}

/** Takes steps from the open budget; throws an `ExpressionFault` of kind `limit` when it is used up. */
export function spend(steps: number): void {
  if (!open) return;
  left -= steps;
  if (left < 0) throw tooCostly();
}

/** True when the open budget is used up, even if an operator such as `||` swallowed the fault. */
export function isSpent(): boolean {
  return open && left < 0;
}

/** The fault of an evaluation that used up its budget. */
export function tooCostly(): ExpressionFault {
  return new ExpressionFault("limit", "the evaluation takes too many steps");
}

/** Returns the string when it is within the limit, and charges for having made it. */
export function madeString(text: string): string {
  if (text.length > LIMITS.stringChars) throw stringTooLong();
  spend(1 + (text.length >> 6));
  return text;
}

/** The fault of a string over the limit. */
export function stringTooLong(): ExpressionFault {
  return new ExpressionFault("limit", `a string would grow over ${LIMITS.stringChars} characters`);
}
