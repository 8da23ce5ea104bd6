import type { LinkProps } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import type { ReactNode } from "react";
import { listSearches } from "../lib/list-searches.ts";
import { usePageTitle } from "../lib/page-title.ts";
import { InnerLink } from "./inner-link.tsx";
import styles from "./page.module.css";

type PageHeaderProps = {
  /** Names the page in the tab as well. */
  readonly title: string;
  /** Shown instead of the title where it is more than text. */
  readonly heading?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** The list that this page belongs to; the link leads to it as it was looked at last. */
  readonly back?: { readonly to: NonNullable<LinkProps["to"]>; readonly label: string };
};

/** The head of every page: its one h1, what it is, what can be done. */
export function PageHeader({ title, heading, description, actions, back }: PageHeaderProps) {
  usePageTitle(title);
  return (
    <header className={styles.header}>
      {back === undefined ? null : (
        <InnerLink href={listSearches.addressOf(back.to)} className={styles.back}>
          <ChevronLeft size={15} aria-hidden="true" />
          {back.label}
        </InnerLink>
      )}
      <div className={styles.headline}>
        <div className={styles.words}>
          <h1 tabIndex={-1}>{heading ?? title}</h1>
          {description === undefined ? null : <div className={styles.description}>{description}</div>}
        </div>
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
    </header>
  );
}

/** A part of a page in a box with its own heading. */
export function Panel({ title, actions, children, isFlush = false }: PanelProps) {
  return (
    <section className={styles.panel}>
      {title === undefined ? null : (
        <div className={styles.panelHead}>
          <h2>{title}</h2>
          {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
        </div>
      )}
      <div className={isFlush ? undefined : styles.panelBody}>{children}</div>
    </section>
  );
}

type PanelProps = {
  readonly title?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without padding, for tables and code. */
  readonly isFlush?: boolean;
};

/** A page of one main column and one beside it, under each other on small screens. */
export function Columns({ main, side }: { readonly main: ReactNode; readonly side: ReactNode }) {
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>{main}</div>
      <aside className={styles.stack} aria-label="Details">
        {side}
      </aside>
    </div>
  );
}
