import type { FailureReason } from "../../core/failure-reason.ts";

/** Why no connection was made. */
export class DialError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.name = "DialError";
    this.reason = reason;
  }
}
