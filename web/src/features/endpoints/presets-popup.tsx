import { Menu } from "@mantine/core";
import type { PresetWire } from "../../../../server/src/api/contract.ts";
import type { PopupProps } from "../../ui/late-popup.tsx";

type PresetsPopupProps = PopupProps & {
  readonly presets: readonly PresetWire[];
  readonly onChoose: (preset: PresetWire) => void;
};

/** The presets whose template can be taken. */
export function PresetsPopup({ target, isOpen, onChange, presets, onChoose }: PresetsPopupProps) {
  return (
    <Menu position="bottom-start" opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {presets.map((preset) => (
          <Menu.Item key={preset.name} onClick={() => onChoose(preset)}>
            {preset.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
