import { Menu } from "@mantine/core";
import { KeyRound, Trash2, UserCheck, UserX } from "lucide-react";
import type { PopupProps } from "../../ui/late-popup.tsx";

type PersonPopupProps = PopupProps & {
  readonly isDisabled: boolean;
  readonly onAsk: (what: "remove" | "reset") => void;
  readonly onDisable: (isDisabled: boolean) => void;
};

/** The choices of what to do about a person. */
export function PersonPopup({ target, isOpen, onChange, isDisabled, onAsk, onDisable }: PersonPopupProps) {
  const Icon = isDisabled ? UserCheck : UserX;
  return (
    <Menu position="bottom-end" shadow="md" opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<KeyRound size={14} aria-hidden="true" />} onClick={() => onAsk("reset")}>
          Make a link for a new password
        </Menu.Item>
        <Menu.Item leftSection={<Icon size={14} aria-hidden="true" />} onClick={() => onDisable(!isDisabled)}>
          {isDisabled ? "Enable" : "Disable"}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<Trash2 size={14} aria-hidden="true" />} onClick={() => onAsk("remove")}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
