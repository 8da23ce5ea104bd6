import { SegmentedControl } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { copyText } from "../lib/clipboard.ts";
import { showToast } from "../lib/toasts.ts";
import { CopyButton } from "./copy-button.tsx";
import styles from "./json-viewer.module.css";

type JsonViewerProps = {
  readonly label: string;
  readonly value: unknown;
  /** The text as it came, shown byte by byte under "Raw"; made from the value when there is none. */
  readonly raw?: string;
  readonly actions?: ReactNode;
};

const MANY = 200;

/** A JSON value to read: folded where it is long, each key copies its path; or the raw text. */
export function JsonViewer({ label, value, raw, actions }: JsonViewerProps) {
  const [view, setView] = useState("pretty");
  const text = raw ?? JSON.stringify(value, null, 2);
  return (
    <section className={styles.viewer} aria-label={label}>
      <div className={styles.bar}>
        <strong>{label}</strong>
        <SegmentedControl
          size="xs"
          aria-label={`How to show: ${label}`}
          value={view}
          onChange={setView}
          data={[
            { value: "pretty", label: "Pretty" },
            { value: "raw", label: "Raw" },
          ]}
        />
        <span className={styles.hint}>{view === "pretty" ? "Press a key to copy its path" : ""}</span>
        {actions}
        <CopyButton text={text} label={`Copy: ${label}`} />
      </div>
      <div className={styles.body} tabIndex={0} role="group" aria-label={label}>
        {view === "raw" ? <pre className={styles.raw}>{text}</pre> : <Value value={value} path="$" depth={0} />}
      </div>
    </section>
  );
}

function Value({ value, path, depth }: { readonly value: unknown; readonly path: string; readonly depth: number }) {
  if (Array.isArray(value)) {
    return (
      <Branch entries={value.map((entry, index) => [`[${index}]`, entry])} kind="list" path={path} depth={depth} />
    );
  }
  if (typeof value === "object" && value !== null) {
    return <Branch entries={Object.entries(value)} kind="object" path={path} depth={depth} />;
  }
  const kind = value === null ? "null" : typeof value;
  return <span className={styles[kind]}>{typeof value === "string" ? JSON.stringify(value) : String(value)}</span>;
}

type BranchProps = {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly kind: "list" | "object";
  readonly path: string;
  readonly depth: number;
};

function Branch({ entries, kind, path, depth }: BranchProps) {
  const [shown, setShown] = useState(MANY);
  const [isOpen, setOpen] = useState(depth < 3);
  const brackets = kind === "list" ? "[]" : "{}";
  if (entries.length === 0) return <span className={styles.null}>{brackets}</span>;
  return (
    <details className={styles.branch} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {brackets[0]} <span className={styles.count}>{entries.length}</span> {isOpen ? "" : brackets[1]}
      </summary>
      {isOpen ? (
        <ul>
          {entries.slice(0, shown).map(([name, entry]) => {
            const below = kind === "list" ? path + name : path + pathStep(name);
            return (
              <li key={name}>
                <button
                  type="button"
                  className={styles.key}
                  title={`Copy ${below}`}
                  onClick={() => void copyPath(below)}
                >
                  {name}
                </button>
                {": "}
                <Value value={entry} path={below} depth={depth + 1} />
              </li>
            );
          })}
          {entries.length > shown ? (
            <li>
              <button type="button" className={styles.key} onClick={() => setShown(shown + MANY)}>
                {entries.length - shown} more
              </button>
            </li>
          ) : null}
        </ul>
      ) : null}
    </details>
  );
}

async function copyPath(path: string): Promise<void> {
  showToast((await copyText(path)) ? `Copied ${path}` : "The browser refused to copy", {});
}

function pathStep(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
