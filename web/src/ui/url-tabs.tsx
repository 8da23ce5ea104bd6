import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import styles from "./url-tabs.module.css";

/** A tab: its word in the URL and its name. */
export type UrlTab = { readonly id: string; readonly label: ReactNode };

/** Tabs that are links to the same page with another `tab` in the URL, so that each can be bookmarked and shared. */
export function UrlTabs({
  tabs,
  current,
  label,
}: {
  readonly tabs: readonly UrlTab[];
  readonly current: string;
  readonly label: string;
}) {
  const first = tabs[0]?.id;
  return (
    <nav className={styles.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          to="."
          search={(search) => ({ ...search, tab: tab.id === first ? undefined : tab.id }) as typeof search}
          replace
          resetScroll={false}
          // The link of the first tab names no tab, which fits every other one unless absence counts.
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          aria-current={tab.id === current ? "page" : undefined}
          className={styles.tab}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
