import { useEffect, useRef, useState } from "react";
import { ApiFailure, type FieldProblem } from "./api.ts";

/** A form being sent: what is wrong with which field, and the rest of the error. */
export type Submission = {
  readonly isSending: boolean;
  /** The error as a whole, null when all of it is said at fields that asked for theirs. */
  readonly error: unknown;
  /** What the server says of a field of the form, undefined when nothing. */
  readonly problemOf: (path: string) => string | undefined;
  /** Sends; true when it succeeded. */
  readonly submit: () => Promise<boolean>;
  readonly clear: () => void;
};

/** Sends a form and sorts what the server refuses to its fields; `paths` are the fields that the form shows. */
export function useSubmission(send: () => Promise<unknown>, paths: readonly string[]): Submission {
  const [isSending, setSending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const form = useRef<Element | null>(null);
  useEffect(() => {
    if (failure !== null) focusFirstProblem(form.current);
  }, [failure]);
  const fields = failure instanceof ApiFailure ? failure.fields : [];
  const isShown = ({ path }: FieldProblem): boolean => paths.some((shown) => covers(shown, path));
  return {
    isSending,
    error: fields.length > 0 && fields.every(isShown) ? null : failure,
    problemOf: (path) => {
      const problems = fields.filter((field) => covers(path, field.path));
      return problems.length === 0 ? undefined : problems.map((field) => describe(path, field)).join("; ");
    },
    async submit() {
      form.current = document.activeElement?.closest("form") ?? null;
      setSending(true);
      setFailure(null);
      try {
        await send();
        return true;
      } catch (error) {
        setFailure(error);
        return false;
      } finally {
        setSending(false);
      }
    },
    clear: () => setFailure(null),
  };
}

/** Leads to what is wrong, unless somebody writes there already. */
function focusFirstProblem(form: Element | null): void {
  if (document.activeElement?.getAttribute("aria-invalid") === "true") return;
  form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
}

function covers(shown: string, path: string): boolean {
  return path === shown || path.startsWith(`${shown}.`) || path.startsWith(`${shown}[`);
}

/** Says which part is meant when the problem lies deeper than the field. */
function describe(shown: string, { path, message }: FieldProblem): string {
  return path === shown ? sentence(message) : `${path.slice(shown.length).replace(/^\./, "")}: ${message}`;
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
