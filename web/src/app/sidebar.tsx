import { Link } from "@tanstack/react-router";
import { isRoleEnough, useSession } from "../lib/session.ts";
import { Logo } from "../ui/logo.tsx";
import { PLACES } from "./navigation.ts";
import styles from "./shell.module.css";

/** The navigation; `onNavigate` closes it where it lies over the page. */
export function Sidebar({ onNavigate }: { readonly onNavigate?: () => void }) {
  const role = useSession()?.user.role ?? "viewer";
  return (
    <nav className={styles.navigation} aria-label="Main">
      <Link to="/" className={styles.brand} {...(onNavigate === undefined ? {} : { onClick: onNavigate })}>
        <Logo />
        Overwatch
      </Link>
      {PLACES.map(({ title, places }) => (
        <div key={title ?? "first"} className={styles.group}>
          {title === null ? null : <p className={styles.groupTitle}>{title}</p>}
          <ul>
            {places
              .filter((place) => isRoleEnough(role, place.role))
              .map(({ to, label, icon: Icon }) => (
                <li key={label}>
                  <Link
                    to={to}
                    className={styles.place}
                    activeOptions={{ exact: to === "/", includeSearch: false }}
                    {...(onNavigate === undefined ? {} : { onClick: onNavigate })}
                  >
                    <Icon size={16} strokeWidth={1.9} aria-hidden="true" />
                    {label}
                  </Link>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
