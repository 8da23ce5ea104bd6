import { Modal } from "@mantine/core";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useState } from "react";
import { isPaletteOpen, type PaletteEntry, paletteSources } from "../lib/palette.ts";
import { useStore } from "../lib/store.ts";
import styles from "./palette.module.css";

/** The palette: go anywhere, find anything, do what the page offers. */
export function Palette({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <Modal.Root opened={isOpen} onClose={() => isPaletteOpen.set(false)} size={600} yOffset="12vh" padding={0}>
      <Modal.Overlay />
      <Modal.Content aria-label="Search or go to">{isOpen ? <PaletteBody /> : null}</Modal.Content>
    </Modal.Root>
  );
}

const SEARCH_PAUSE_MS = 120;
const LIST_ID = "palette-entries";

function PaletteBody() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(text);
  const current = entries[Math.min(at, entries.length - 1)];
  const choose = (entry: PaletteEntry): void => {
    isPaletteOpen.set(false);
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, entries.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter" && current !== undefined) choose(current);
    else return;
    event.preventDefault();
  };
  return (
    <div>
      <div className={styles.input}>
        <Search size={17} aria-hidden="true" />
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls={LIST_ID}
          aria-activedescendant={current === undefined ? undefined : optionId(current)}
          aria-label="Search or go to"
          placeholder="Pages, incidents, integrations, actions …"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <div role="listbox" id={LIST_ID} aria-label="Found" className={styles.list}>
        {entries.map((entry, index) => (
          <div key={entry.id}>
            {entries[index - 1]?.group === entry.group ? null : (
              <p className={styles.group} role="presentation">
                {entry.group}
              </p>
            )}
            {/* The keyboard works in the input above, as the pattern of a combobox has it. */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
            <div
              role="option"
              tabIndex={-1}
              id={optionId(entry)}
              aria-selected={entry === current}
              className={styles.entry}
              onMouseMove={() => setAt(index)}
              onClick={() => choose(entry)}
              ref={entry === current ? (element) => element?.scrollIntoView({ block: "nearest" }) : null}
            >
              <span>{entry.label}</span>
              {entry.hint === undefined ? null : <span className={styles.hint}>{entry.hint}</span>}
            </div>
          </div>
        ))}
      </div>
      {entries.length === 0 ? <p className={styles.nothing}>Nothing is called that</p> : null}
    </div>
  );
}

function optionId(entry: PaletteEntry): string {
  return `palette-${entry.id.replaceAll(/[^\w-]/g, "_")}`;
}

/** What all sources find; each shows up as it answers. */
function useEntries(text: string): readonly PaletteEntry[] {
  const sources = useStore(paletteSources);
  const [found, setFound] = useState<Readonly<Record<string, readonly PaletteEntry[]>>>({});
  useEffect(() => {
    const stopping = new AbortController();
    const search = (): void => {
      for (const source of sources) {
        Promise.resolve(source.search(text.trim(), stopping.signal))
          // A source that fails finds nothing; the page it searches says what is wrong.
          .catch((): readonly PaletteEntry[] => [])
          .then((entries) => {
            if (!stopping.signal.aborted) setFound((before) => ({ ...before, [source.id]: entries }));
          });
      }
    };
    const timer = setTimeout(search, text === "" ? 0 : SEARCH_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stopping.abort();
    };
  }, [sources, text]);
  return sources.flatMap(({ id }) => found[id] ?? []);
}
