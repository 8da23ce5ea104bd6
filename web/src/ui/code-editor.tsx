import { Input } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useId } from "react";
import styles from "./code-editor.module.css";

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

const CodeMirror = lazy(() => import("./code-mirror.tsx").then((module) => ({ default: module.CodeMirror })));

/** An editor for templates, filters and payloads; it is fetched when it is first needed. Tab leaves it. */
export function CodeEditor(props: CodeEditorProps) {
  const { label, description, error, minLines = 6 } = props;
  const id = useId();
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      labelProps={{ id }}
      description={description}
      error={error}
      className={styles.wrapper ?? ""}
    >
      <div className={styles.frame} data-invalid={error !== undefined || undefined}>
        <Suspense fallback={<div style={{ minHeight: minLines * 20 + 16 }} />}>
          <CodeMirror {...props} labelId={id} minLines={minLines} />
        </Suspense>
      </div>
    </Input.Wrapper>
  );
}
