import { Checkbox, Popover } from "@mantine/core";
import { cloneElement, type ReactNode } from "react";
import styles from "./filter-bar.module.css";
import type { PopupProps } from "./late-popup.tsx";

type FilterPopupProps = PopupProps & {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: ReactNode }[];
  readonly chosen: readonly string[];
  readonly onToggle: (value: string) => void;
};

/** The values of a filter, to tick. */
export function FilterPopup({ target, isOpen, onChange, label, options, chosen, onToggle }: FilterPopupProps) {
  return (
    <Popover position="bottom-start" shadow="md" trapFocus returnFocus opened={isOpen} onChange={onChange}>
      <Popover.Target>{cloneElement(target, { onClick: () => onChange(!isOpen) })}</Popover.Target>
      <Popover.Dropdown p="sm" aria-label={label}>
        <div className={styles.options}>
          {options.map((option) => (
            <Checkbox
              key={option.value}
              size="xs"
              label={option.label}
              checked={chosen.includes(option.value)}
              onChange={() => onToggle(option.value)}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
