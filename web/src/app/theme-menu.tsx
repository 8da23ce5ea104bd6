import { ActionIcon, Menu } from "@mantine/core";
import { type LucideIcon, Monitor, Moon, Sun } from "lucide-react";
import { type Scheme, setScheme, useScheme } from "../lib/scheme.ts";

const SCHEMES: readonly (readonly [Scheme, string, LucideIcon])[] = [
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
  ["auto", "As the system", Monitor],
];

/** Light, dark or as the system says. */
export function ThemeMenu() {
  const scheme = useScheme();
  const Icon = SCHEMES.find(([value]) => value === scheme)?.[2] ?? Monitor;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label="Theme">
          <Icon size={17} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={scheme} onChange={(value) => setScheme(value as Scheme)}>
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
