import { Ban, Check, CircleDashed, CirclePause, CircleX, type LucideIcon, Send } from "lucide-react";
import type { DeliveryWire } from "../../../../server/src/api/contract.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { STATUS_HINTS } from "./delivery-words.ts";

const LOOKS: Readonly<Record<DeliveryWire["status"], { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  pending: { tone: "low", icon: CircleDashed },
  in_flight: { tone: "accent", icon: Send },
  parked: { tone: "medium", icon: CirclePause },
  succeeded: { tone: "good", icon: Check },
  exhausted: { tone: "critical", icon: CircleX },
  cancelled: { tone: "info", icon: Ban },
};

/** The state of a delivery; what it means is said on hover. */
export function DeliveryStatus({ status }: { readonly status: DeliveryWire["status"] }) {
  const { tone, icon } = LOOKS[status];
  const word = status.replace("_", " ");
  return (
    <span title={STATUS_HINTS[status]}>
      <Badge tone={tone} icon={icon}>
        {word.charAt(0).toUpperCase() + word.slice(1)}
      </Badge>
    </span>
  );
}
