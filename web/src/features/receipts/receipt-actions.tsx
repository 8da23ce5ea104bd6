import { ActionIcon, Button } from "@mantine/core";
import { Ellipsis, Pencil, RotateCcw } from "lucide-react";
import { useState } from "react";
import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";
import { copyText } from "../../lib/clipboard.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { late } from "../../lib/late.tsx";
import { useIsAllowed } from "../../lib/session.ts";
import { useShortcut } from "../../lib/shortcuts.ts";
import { showToast } from "../../lib/toasts.ts";
import { webhookCurl } from "../../lib/webhook-curl.ts";
import { latePopup } from "../../ui/late-popup.tsx";

const EditDialog = late(() => import("./edit-dialog.tsx").then((module) => module.EditDialog));
const ReplayDialog = late(() => import("./replay-dialog.tsx").then((module) => module.ReplayDialog));
const ReceiptPopup = latePopup("menu", () => import("./receipt-popup.tsx").then((module) => module.ReceiptPopup));

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
    const known = names.get(integrationId)?.webhook_url ?? url;
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
      <ReceiptPopup
        receiptId={id}
        fileName={fileName}
        onCurl={() => void copyCurl()}
        target={
          <ActionIcon variant="default" size={30} aria-label="More">
            <Ellipsis size={16} aria-hidden="true" />
          </ActionIcon>
        }
      />
      <ReplayDialog receipt={receipt} isOpen={open === "replay"} onClose={() => setOpen(null)} />
      <EditDialog receipt={receipt} isOpen={open === "edit"} onClose={() => setOpen(null)} />
    </>
  );
}
