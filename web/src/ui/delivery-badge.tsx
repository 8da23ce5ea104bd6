import { Ban, CircleCheck, Clock, Hourglass, type LucideIcon, OctagonX, SendHorizontal } from "lucide-react";
import { DELIVERY_STATE_HINTS, DELIVERY_STATE_WORDS, type DeliveryState } from "../lib/delivery-states.ts";
import { Badge, type Tone } from "./badge.tsx";

const LOOKS: Readonly<Record<DeliveryState, readonly [Tone, LucideIcon]>> = {
  pending: ["low", Clock],
  in_flight: ["accent", SendHorizontal],
  succeeded: ["good", CircleCheck],
  parked: ["medium", Hourglass],
  exhausted: ["critical", OctagonX],
  cancelled: ["info", Ban],
};

type DeliveryBadgeProps = { readonly status: DeliveryState; readonly isQuiet?: boolean };

/** The state of a delivery; what it means is said on hover. */
export function DeliveryBadge({ status, isQuiet = false }: DeliveryBadgeProps) {
  const [tone, icon] = LOOKS[status];
  return (
    <span title={DELIVERY_STATE_HINTS[status]}>
      <Badge tone={tone} icon={icon} isQuiet={isQuiet}>
        {DELIVERY_STATE_WORDS[status]}
      </Badge>
    </span>
  );
}
