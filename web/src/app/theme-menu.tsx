import { ActionIcon } from "@mantine/core";
import { Monitor, Moon, Sun } from "lucide-react";
import { useScheme } from "../lib/scheme.ts";
import { latePopup } from "../ui/late-popup.tsx";

const ThemePopup = latePopup("menu", () => import("./theme-popup.tsx").then((module) => module.ThemePopup));
const ICONS = { light: Sun, dark: Moon, auto: Monitor } as const;

/** Light, dark or as the system says. */
export function ThemeMenu() {
  const Icon = ICONS[useScheme()];
  return (
    <ThemePopup
      target={
        <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label="Theme">
          <Icon size={17} aria-hidden="true" />
        </ActionIcon>
      }
    />
  );
}
