import { ActionIcon, Kbd } from "@mantine/core";
import { Keyboard, Menu as MenuIcon, Search } from "lucide-react";
import { isPaletteOpen } from "../lib/palette.ts";
import { isCheatSheetOpen } from "../lib/shortcuts.ts";
import { LiveIndicator } from "./live-indicator.tsx";
import styles from "./shell.module.css";
import { ThemeMenu } from "./theme-menu.tsx";
import { UserMenu } from "./user-menu.tsx";

const MOD = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** The bar over every page: search, whether the page is live, theme, who is signed in. */
export function TopBar({ onMenu }: { readonly onMenu: () => void }) {
  return (
    <header className={styles.bar}>
      <ActionIcon
        className={styles.burger ?? ""}
        variant="subtle"
        color="gray"
        c="var(--ow-text)"
        size="lg"
        aria-label="Open the navigation"
        onClick={onMenu}
      >
        <MenuIcon size={18} aria-hidden="true" />
      </ActionIcon>
      <button type="button" className={styles.searchButton} onClick={() => isPaletteOpen.set(true)}>
        <Search size={15} aria-hidden="true" />
        <span className={styles.searchWords}>Search or go to …</span>
        <Kbd size="xs" className={styles.searchKeys ?? ""}>
          {MOD} K
        </Kbd>
      </button>
      <div className={styles.barEnd}>
        <LiveIndicator />
        <ActionIcon
          className={styles.wideOnly ?? ""}
          variant="subtle"
          color="gray"
          c="dimmed"
          size="lg"
          aria-label="Keyboard shortcuts"
          onClick={() => isCheatSheetOpen.set(true)}
        >
          <Keyboard size={17} aria-hidden="true" />
        </ActionIcon>
        <ThemeMenu />
        <UserMenu />
      </div>
    </header>
  );
}
