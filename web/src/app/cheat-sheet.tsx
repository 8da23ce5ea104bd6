import { Kbd, Modal, Switch } from "@mantine/core";
import { setPreferences, usePreferences } from "../lib/preferences.ts";
import { activeShortcuts, isCheatSheetOpen, type Shortcut } from "../lib/shortcuts.ts";
import { useStore } from "../lib/store.ts";
import styles from "./cheat-sheet.module.css";

const GROUPS: readonly Shortcut["group"][] = ["This page", "Lists", "Go to", "Everywhere"];

/** Every shortcut that works on the present page. */
export function CheatSheet({ isOpen }: { readonly isOpen: boolean }) {
  const shortcuts = useStore(activeShortcuts);
  const { areShortcutsOn } = usePreferences();
  return (
    <Modal
      opened={isOpen}
      onClose={() => isCheatSheetOpen.set(false)}
      title="Keyboard shortcuts"
      size="lg"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Switch
        label="Shortcuts of single keys"
        checked={areShortcutsOn}
        onChange={(event) => setPreferences({ areShortcutsOn: event.currentTarget.checked })}
        mb="md"
      />
      <div className={styles.groups}>
        {GROUPS.map((group) => {
          const members = unique(shortcuts.filter((shortcut) => shortcut.group === group));
          return members.length === 0 ? null : (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {members.map(({ keys, label }) => (
                  <div key={keys}>
                    <dt>{label}</dt>
                    <dd>
                      {keys.split(/[ ]/).map((key) => (
                        <Kbd key={key} size="xs">
                          {keyWords(key)}
                        </Kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Modal>
  );
}

function unique(shortcuts: readonly Shortcut[]): readonly Shortcut[] {
  return [...new Map(shortcuts.map((shortcut) => [shortcut.keys, shortcut])).values()];
}

function keyWords(key: string): string {
  if (key === "Escape") return "Esc";
  return key.startsWith("mod+") ? `Ctrl/⌘ ${key.slice(4).toUpperCase()}` : key;
}
