import { Menu } from "@mantine/core";
import { Download, Terminal } from "lucide-react";
import type { PopupProps } from "../../ui/late-popup.tsx";

type ReceiptPopupProps = PopupProps & {
  readonly receiptId: string;
  readonly fileName: string;
  readonly onCurl: () => void;
};

/** What is done with a receipt less often. */
export function ReceiptPopup({ target, isOpen, onChange, receiptId, fileName, onCurl }: ReceiptPopupProps) {
  return (
    <Menu position="bottom-end" shadow="md" opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Terminal size={14} aria-hidden="true" />} onClick={onCurl}>
          Copy as curl
        </Menu.Item>
        <Menu.Item
          component="a"
          href={`/api/v1/receipts/${receiptId}/raw`}
          download={fileName}
          leftSection={<Download size={14} aria-hidden="true" />}
        >
          Download the bytes
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
