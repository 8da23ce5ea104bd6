import { CircleCheck, CircleSlash, Copy, Hourglass, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReceiptWire } from "../../../server/src/api/contract.ts";
import { RECEIPT_STATUS_HINTS, RECEIPT_STATUS_WORDS } from "../lib/receipt-words.ts";
import { Badge, type Tone } from "./badge.tsx";

const LOOKS: Readonly<Record<ReceiptWire["status"], { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  queued: { tone: "accent", icon: Hourglass },
  processed: { tone: "good", icon: CircleCheck },
  ignored: { tone: "info", icon: CircleSlash },
  quarantined: { tone: "critical", icon: TriangleAlert },
  duplicate: { tone: "info", icon: Copy },
};

/** What became of a receipt: icon, word and colour. */
export function ReceiptStatus({
  status,
  isQuiet = false,
}: {
  readonly status: ReceiptWire["status"];
  readonly isQuiet?: boolean;
}) {
  const { tone, icon } = LOOKS[status];
  return (
    <span title={RECEIPT_STATUS_HINTS[status]}>
      <Badge tone={tone} icon={icon} isQuiet={isQuiet}>
        {RECEIPT_STATUS_WORDS[status]}
      </Badge>
    </span>
  );
}
