import { Input } from "@mantine/core";
import { lazy, Suspense, useId } from "react";
import styles from "./code-editor.module.css";
import type { CodeEditorProps } from "./code-editor-props.ts";

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
