import { Menu } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { Clock, Keyboard, LogOut, Rows3 } from "lucide-react";
import { setPreferences, usePreferences } from "../lib/preferences.ts";
import { signOut, useSession } from "../lib/session.ts";
import { showToast } from "../lib/toasts.ts";
import type { PopupProps } from "../ui/late-popup.tsx";
import styles from "./shell.module.css";

/** Who is signed in, their choices for this browser, and the way out. */
export function UserPopup({ target, isOpen, onChange }: PopupProps) {
  const session = useSession();
  const router = useRouter();
  const { clock, density, areShortcutsOn } = usePreferences();
  if (session === null) return null;
  const { name, email, role } = session.user;
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      await router.navigate({ to: "/sign-in" });
    } catch {
      showToast("Signing out failed; you are still signed in", { tone: "bad" });
    }
  };
  return (
    <Menu position="bottom-end" shadow="md" width={250} opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <strong className={styles.userName}>{name}</strong>
          {email}
          <br />
          {role} of {session.organization.name}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<Clock size={15} aria-hidden="true" />}
          closeMenuOnClick={false}
          onClick={() => setPreferences({ clock: clock === "utc" ? "local" : "utc" })}
        >
          Clock: {clock === "utc" ? "UTC" : "local time"}
        </Menu.Item>
        <Menu.Item
          leftSection={<Rows3 size={15} aria-hidden="true" />}
          closeMenuOnClick={false}
          onClick={() => setPreferences({ density: density === "compact" ? "comfortable" : "compact" })}
        >
          Lists: {density}
        </Menu.Item>
        <Menu.Item
          leftSection={<Keyboard size={15} aria-hidden="true" />}
          closeMenuOnClick={false}
          onClick={() => setPreferences({ areShortcutsOn: !areShortcutsOn })}
        >
          Single-key shortcuts: {areShortcutsOn ? "on" : "off"}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} aria-hidden="true" />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
