import { Input } from "@mantine/core";
import { useId } from "react";
import { createLatePart } from "../lib/late-part.ts";
import styles from "./code-editor.module.css";
import type { CodeEditorProps } from "./code-editor-props.ts";

const { usePart } = createLatePart(() => import("./code-mirror.tsx").then((module) => module.CodeMirror));

/** An editor for templates, filters and payloads; it is fetched when it is first needed. Tab leaves it. */
export function CodeEditor(props: CodeEditorProps) {
  const { label, description, error, minLines = 6 } = props;
  const id = useId();
  const CodeMirror = usePart(true);
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
        {CodeMirror === null ? (
          <div style={{ minHeight: minLines * 20 + 16 }} />
        ) : (
          <CodeMirror {...props} labelId={id} minLines={minLines} />
        )}
      </div>
    </Input.Wrapper>
  );
}
