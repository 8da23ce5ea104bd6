import { useSession } from "../lib/session.ts";
import { latePopup } from "../ui/late-popup.tsx";
import styles from "./shell.module.css";

const UserPopup = latePopup("menu", () => import("./user-popup.tsx").then((module) => module.UserPopup));

/** Who is signed in, their choices for this browser, and the way out. */
export function UserMenu() {
  const session = useSession();
  if (session === null) return null;
  const { name } = session.user;
  return (
    <UserPopup
      target={
        <button type="button" className={styles.user}>
          <span aria-hidden="true">{initials(name)}</span>
          <span className="ow-hidden">{name}: account and preferences</span>
        </button>
      }
    />
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return `${words[0]?.[0] ?? "?"}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`.toUpperCase();
}
