import { Menu } from "@mantine/core";
import { type Scheme, setScheme, useScheme } from "../lib/scheme.ts";
import type { PopupProps } from "../ui/late-popup.tsx";

const SCHEMES: readonly (readonly [Scheme, string])[] = [
  ["light", "Light"],
  ["dark", "Dark"],
  ["auto", "As the system"],
];

/** The choices of the theme. */
export function ThemePopup({ target, isOpen, onChange }: PopupProps) {
  return (
    <Menu position="bottom-end" shadow="md" opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={useScheme()} onChange={(value) => setScheme(value as Scheme)}>
          {SCHEMES.map(([value, label]) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
