import {
  Ban,
  CircleCheck,
  CirclePause,
  FastForward,
  Gauge,
  type LucideIcon,
  TriangleAlert,
  Unplug,
} from "lucide-react";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { type EndpointState, STATE_WORDS } from "./endpoint-words.ts";

const LOOKS: Readonly<Record<EndpointState, readonly [Tone, LucideIcon]>> = {
  sending: ["good", CircleCheck],
  slowed: ["medium", Gauge],
  catching_up: ["accent", FastForward],
  trying: ["high", TriangleAlert],
  open: ["critical", Unplug],
  held: ["medium", CirclePause],
  disabled: ["info", Ban],
};

/** Where an endpoint stands, in a word. */
export function EndpointBadge({
  state,
  isQuiet = false,
}: {
  readonly state: EndpointState;
  readonly isQuiet?: boolean;
}) {
  const [tone, icon] = LOOKS[state];
  return (
    <Badge tone={tone} icon={icon} isQuiet={isQuiet}>
      {STATE_WORDS[state]}
    </Badge>
  );
}
