import type { ReactNode } from "react";

/** A mistake in a text: where it begins, from 0, and what is wrong. */
export type CodeProblem = { readonly position: number; readonly message: string };

/** A name that the editor offers while typing, and what it says beside it. */
export type CodeCompletion = { readonly label: string; readonly detail?: string };

/** What the editor takes. */
export type CodeEditorProps = {
  readonly label: string;
  readonly description?: ReactNode;
  readonly value: string;
  readonly onChange?: (value: string) => void;
  readonly language: "json" | "cel" | "text";
  readonly problems?: readonly CodeProblem[];
  /** Names to offer: inside of `{{ … }}` in JSON, anywhere in expressions. */
  readonly completions?: readonly CodeCompletion[];
  readonly error?: string | undefined;
  readonly minLines?: number;
  readonly isReadOnly?: boolean;
};
