import type { ReactNode } from "react";
import { usePageTitle } from "../../lib/page-title.ts";
import { Logo } from "../../ui/logo.tsx";
import styles from "./access.module.css";

type AccessCardProps = { readonly title: string; readonly description?: ReactNode; readonly children: ReactNode };

/** The frame of the pages before the sign-in. */
export function AccessCard({ title, description, children }: AccessCardProps) {
  usePageTitle(title);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.head}>
          <Logo size={40} />
          <h1 tabIndex={-1}>{title}</h1>
          {description === undefined ? null : <p className={styles.description}>{description}</p>}
        </div>
        {children}
      </div>
      <p className={styles.foot}>Overwatch · every alert kept, every webhook accounted for</p>
    </main>
  );
}
