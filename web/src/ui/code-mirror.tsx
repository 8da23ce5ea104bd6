import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { history, historyKeymap, standardKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useRef } from "react";
import type { CodeEditorProps } from "./code-editor-props.ts";

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--ow-accent)" },
  { tag: tags.string, color: "var(--ow-good)" },
  { tag: tags.number, color: "var(--ow-low)" },
  { tag: [tags.bool, tags.null, tags.keyword], color: "var(--ow-high)" },
]);

const LOOK = EditorView.theme({
  "&": { fontSize: "12.5px", color: "var(--ow-text)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--ow-mono)", lineHeight: "1.6", maxHeight: "520px" },
  ".cm-content": { caretColor: "var(--ow-text)" },
  ".cm-cursor": { borderLeftColor: "var(--ow-text)" },
  ".cm-gutters": { color: "var(--ow-dim)", backgroundColor: "var(--ow-sunken)", border: "none" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--ow-selected)",
  },
  ".cm-tooltip": {
    color: "var(--ow-text)",
    backgroundColor: "var(--ow-raised)",
    border: "1px solid var(--ow-line-strong)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--ow-mono)", maxWidth: "min(460px, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--ow-text)",
    backgroundColor: "var(--ow-selected)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--ow-dim)", fontStyle: "normal" },
  // An outline, not a background: Chrome copies the background of replaced text into the line that takes its place, as a
  // fixed colour that stays when the colours change.
  ".cm-matchingBracket, .cm-nonmatchingBracket": {
    backgroundColor: "transparent !important",
    color: "inherit !important",
    outline: "1px solid var(--ow-line-strong)",
  },
});

type CodeMirrorProps = CodeEditorProps & { readonly labelId: string; readonly minLines: number };

/** CodeMirror in the console's colours; use `CodeEditor`, which fetches it late. */
export function CodeMirror(props: CodeMirrorProps) {
  const { value, onChange, problems, labelId, language, isReadOnly = false, minLines } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const tell = useEffectEvent((text: string) => onChange?.(text));
  const offer = useEffectEvent((context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[A-Za-z_][\w.]*/);
    if (word === null && !context.explicit) return null;
    if (language === "json" && !isInExpression(context)) return null;
    const options = (props.completions ?? []).map(({ label, detail = "" }) => ({ label, detail }));
    return { from: word?.from ?? context.pos, options, validFor: /^[\w.]*$/ };
  });
  const firstValue = useEffectEvent(() => value);

  useEffect(() => {
    if (host.current === null) return;
    const extensions: Extension[] = [
      lineNumbers(),
      history(),
      bracketMatching(),
      lintGutter(),
      syntaxHighlighting(COLOURS),
      LOOK,
      EditorView.lineWrapping,
      autocompletion({ override: [(context) => offer(context)], icons: false }),
      EditorState.readOnly.of(isReadOnly),
      // Tab is not taken: the keyboard must get out of the editor.
      keymap.of([...standardKeymap, ...historyKeymap]),
      EditorView.contentAttributes.of({ "aria-labelledby": labelId, spellcheck: "false", tabindex: "0" }),
      EditorView.theme({ ".cm-content": { minHeight: `${minLines * 20 + 8}px` } }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) tell(update.state.doc.toString());
      }),
    ];
    if (language === "json") extensions.push(json());
    const editor = new EditorView({ doc: firstValue(), parent: host.current, extensions });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [labelId, language, isReadOnly, minLines]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const end = editor.state.doc.length;
    const diagnostics = (problems ?? []).map(({ position, message }): Diagnostic => {
      const from = Math.max(0, Math.min(position, end));
      return { from, to: Math.min(from + 1, end), severity: "error", message };
    });
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [problems]);

  return <div ref={host} />;
}

/** True between an opening `{{` and its end, on one line as expressions in JSON are. */
function isInExpression({ state, pos }: CompletionContext): boolean {
  const before = state.sliceDoc(state.doc.lineAt(pos).from, pos);
  return before.lastIndexOf("{{") > before.lastIndexOf("}}");
}
