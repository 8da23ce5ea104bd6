import { Outlet, useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { late } from "../lib/late.tsx";
import { keepLive } from "../lib/live.ts";
import { isPaletteOpen, type PaletteEntry, usePaletteEntries } from "../lib/palette.ts";
import { queryClient } from "../lib/query-client.ts";
import { isRoleEnough, useSession } from "../lib/session.ts";
import { isCheatSheetOpen, useShortcut } from "../lib/shortcuts.ts";
import { useStore } from "../lib/store.ts";
import { OfflineBanner } from "./live-indicator.tsx";
import { PLACES, type Place } from "./navigation.ts";
import styles from "./shell.module.css";
import { Sidebar } from "./sidebar.tsx";
import { TopBar } from "./top-bar.tsx";

const Palette = late(() => import("./palette.tsx").then((module) => module.Palette));
const CheatSheet = late(() => import("./cheat-sheet.tsx").then((module) => module.CheatSheet));
const MobileNavigation = late(() => import("./mobile-navigation.tsx").then((module) => module.MobileNavigation));

/** The frame of every page behind the sign-in; what is not the page of a route is given as its content. */
export function Shell({ children }: { readonly children?: ReactNode }) {
  const [isMenuOpen, setMenuOpen] = useState(false);
  useEffect(() => keepLive("/api/v1/stream", readAgain), []);
  useShortcut("mod+k", "Everywhere", "Search or go to", () => isPaletteOpen.set(true));
  useShortcut("?", "Everywhere", "Keyboard shortcuts", () => isCheatSheetOpen.set(true));
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <aside className={styles.sidebar}>
        <Sidebar />
      </aside>
      <MobileNavigation isOpen={isMenuOpen} onClose={() => setMenuOpen(false)} />
      <div className={styles.column}>
        <TopBar onMenu={() => setMenuOpen(true)} />
        <OfflineBanner />
        <main id="main" tabIndex={-1} className={styles.main}>
          {children ?? <Outlet />}
        </main>
      </div>
      <Palette isOpen={useStore(isPaletteOpen)} />
      <CheatSheet isOpen={useStore(isCheatSheetOpen)} />
      {PLACES.flatMap(({ places }) => places).map((place) => (
        <PlaceShortcut key={place.label} place={place} />
      ))}
      <PlaceEntries />
    </div>
  );
}

/** Reads what is shown again, after events may have been missed. */
function readAgain(): void {
  void queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.isTail !== true });
}

function PlaceShortcut({ place }: { readonly place: Place }) {
  const router = useRouter();
  const role = useSession()?.user.role ?? "viewer";
  const go = (): void => void router.navigate({ to: place.to });
  useShortcut(place.keys, "Go to", place.label, go, isRoleEnough(role, place.role));
  return null;
}

function PlaceEntries() {
  const router = useRouter();
  const role = useSession()?.user.role ?? "viewer";
  const entries = useMemo(
    (): readonly PaletteEntry[] =>
      PLACES.flatMap(({ places }) => places)
        .filter((place) => isRoleEnough(role, place.role))
        .map(({ to, label, keys }) => ({
          id: `place-${label}`,
          label,
          hint: keys,
          group: "Go to",
          run: () => void router.navigate({ to }),
        })),
    [router, role],
  );
  usePaletteEntries("places", entries);
  return null;
}
