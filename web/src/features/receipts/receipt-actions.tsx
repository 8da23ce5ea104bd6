import { ActionIcon, Button, Menu } from "@mantine/core";
import { Download, Ellipsis, Pencil, RotateCcw, Terminal } from "lucide-react";
import { useState } from "react";
import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";
import { copyText } from "../../lib/clipboard.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useShortcut } from "../../lib/shortcuts.ts";
import { showToast } from "../../lib/toasts.ts";
import { webhookCurl } from "../../lib/webhook-curl.ts";
import { EditDialog } from "./edit-dialog.tsx";
import { useIntegrationNames } from "./integration-names.ts";
import { ReplayDialog } from "./replay-dialog.tsx";

/** What can be done with a receipt. */
export function ReceiptActions({ receipt }: { readonly receipt: FullReceiptWire }) {
  const mayAct = useIsAllowed("responder");
  const names = useIntegrationNames();
  const [open, setOpen] = useState<"replay" | "edit" | null>(null);
  useShortcut("r", "This page", "Replay", () => setOpen("replay"), mayAct);
  useShortcut("e", "This page", "Edit and resend", () => setOpen("edit"), mayAct && receipt.body !== null);
  const { id, body, headers, integration_id: integrationId, platform } = receipt;
  const fileName = `receipt-${id}.bin`;
  const copyCurl = async (): Promise<void> => {
    const url = `${window.location.origin}/api/v1/webhooks/${platform}/${integrationId}`;
    const known = names.find(integrationId)?.webhook_url ?? url;
    const isCopied = await copyText(webhookCurl({ url: known, headers, body, fileName }));
    showToast(
      isCopied ? "Copied. Add the sender's proof, which is never kept." : "The browser refused to copy.",
      isCopied ? {} : { tone: "bad" },
    );
  };
  return (
    <>
      {mayAct ? (
        <>
          <Button size="xs" leftSection={<RotateCcw size={14} aria-hidden="true" />} onClick={() => setOpen("replay")}>
            Replay
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={body === null}
            leftSection={<Pencil size={14} aria-hidden="true" />}
            onClick={() => setOpen("edit")}
          >
            Edit and resend
          </Button>
        </>
      ) : null}
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More">
            <Ellipsis size={16} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Terminal size={14} aria-hidden="true" />} onClick={() => void copyCurl()}>
            Copy as curl
          </Menu.Item>
          <Menu.Item
            component="a"
            href={`/api/v1/receipts/${id}/raw`}
            download={fileName}
            leftSection={<Download size={14} aria-hidden="true" />}
          >
            Download the bytes
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ReplayDialog receipt={receipt} isOpen={open === "replay"} onClose={() => setOpen(null)} />
      <EditDialog receipt={receipt} isOpen={open === "edit"} onClose={() => setOpen(null)} />
    </>
  );
}
