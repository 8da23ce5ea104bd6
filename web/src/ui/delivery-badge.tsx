import { Ban, CircleCheck, Clock, Hourglass, type LucideIcon, OctagonX, SendHorizontal } from "lucide-react";
import type { DeliveryWire } from "../../../server/src/api/contract.ts";
import { Badge, type Tone } from "./badge.tsx";

type DeliveryStatus = DeliveryWire["status"];

/** The states of deliveries with their words. */
export const DELIVERY_WORDS = {
  pending: "Waiting",
  in_flight: "Sending",
  succeeded: "Delivered",
  parked: "Parked",
  exhausted: "Failed",
  cancelled: "Cancelled",
} as const satisfies Record<DeliveryStatus, string>;

const LOOKS: Readonly<Record<DeliveryStatus, readonly [Tone, LucideIcon]>> = {
  pending: ["low", Clock],
  in_flight: ["accent", SendHorizontal],
  succeeded: ["good", CircleCheck],
  parked: ["medium", Hourglass],
  exhausted: ["critical", OctagonX],
  cancelled: ["info", Ban],
};

/** The state of a delivery. */
export function DeliveryBadge({
  status,
  isQuiet = false,
}: {
  readonly status: DeliveryStatus;
  readonly isQuiet?: boolean;
}) {
  const [tone, icon] = LOOKS[status];
  return (
    <Badge tone={tone} icon={icon} isQuiet={isQuiet}>
      {DELIVERY_WORDS[status]}
    </Badge>
  );
}
