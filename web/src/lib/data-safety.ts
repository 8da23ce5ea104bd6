import { ApiFailure } from "./api.ts";

/** What an error means to the person who sees it. */
export type Explained = {
  readonly title: string;
  readonly message: string;
  /** Whether anything that was accepted or entered can be lost. */
  readonly safety: string;
  readonly code: string | null;
  readonly requestId: string | null;
};

const UNCHANGED = "Nothing was changed.";
const ACCEPTED = "Alerts that were accepted are stored and are not affected.";

/** Puts an error of reading or changing something into words, always with a word about the data. */
export function explainError(error: unknown): Explained {
  if (!(error instanceof ApiFailure)) {
    const message = error instanceof Error ? error.message : "Something unexpected happened";
    return { title: "This page failed", message, safety: ACCEPTED, code: null, requestId: null };
  }
  const { message, code, requestId, status } = error;
  // What a form does not show at its fields, or an address holds that no field shows.
  const said = error.fields.map((field) => `${field.path}: ${field.message}`).join("; ");
  const whole = said === "" ? message : `${message}. ${said}`;
  return { title: titleOf(status), message: whole, safety: safetyOf(status, code), code, requestId };
}

function titleOf(status: number): string {
  if (status === 0) return "Overwatch cannot be reached";
  if (status === 401) return "You are signed out";
  if (status === 403) return "You may not do that";
  if (status === 404) return "Not found";
  if (status === 409 || status === 412) return "Somebody else was faster";
  if (status === 429) return "Too many requests";
  if (status === 503) return "Overwatch is not ready";
  return status >= 500 ? "Overwatch failed" : "That was refused";
}

function safetyOf(status: number, code: string): string {
  if (status === 0) return `Your connection or the node is down. ${ACCEPTED}`;
  if (code === "STORAGE_UNAVAILABLE") {
    return `The database is away. ${ACCEPTED} New alerts are refused, so that their senders try again.`;
  }
  if (status >= 500) return `${ACCEPTED} Whether the last change was saved is shown after a retry.`;
  return UNCHANGED;
}
