import {
  BellRing,
  Check,
  CircleAlert,
  CircleCheck,
  CircleDot,
  Eye,
  Flame,
  Info,
  type LucideIcon,
  Octagon,
  OctagonAlert,
  TriangleAlert,
} from "lucide-react";
import { memo, type ReactNode } from "react";
import type { IncidentWire } from "../../../server/src/api/contract.ts";
import styles from "./badge.module.css";

/** What a badge's colour says. */
export type Tone = "critical" | "high" | "medium" | "low" | "info" | "good" | "accent";

/** A small coloured label: always an icon or a dot, and a word, so that colour is never alone. */
export const Badge = memo(function Badge({ tone, icon: Icon, children, isQuiet = false }: BadgeProps) {
  return (
    <span className={styles.badge} data-tone={tone} data-quiet={isQuiet || undefined}>
      {Icon === undefined ? null : <Icon size={13} strokeWidth={2.2} aria-hidden="true" />}
      {children}
    </span>
  );
});

type BadgeProps = {
  readonly tone: Tone;
  readonly icon?: LucideIcon | undefined;
  readonly children: ReactNode;
  /** Without a background, for tables. */
  readonly isQuiet?: boolean;
};

type Severity = IncidentWire["severity"];

/** The five severities, worst first, with their words. */
export const SEVERITY_WORDS = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  info: "Info",
} as const satisfies Record<Severity, string>;

const SEVERITY_ICONS: Record<Severity, LucideIcon> = {
  critical: Flame,
  high: OctagonAlert,
  medium: TriangleAlert,
  low: CircleAlert,
  info: Info,
};

/** How bad it is: icon, word and colour. */
export function SeverityBadge({
  severity,
  isQuiet = false,
}: {
  readonly severity: Severity;
  readonly isQuiet?: boolean;
}) {
  return (
    <Badge tone={severity} icon={SEVERITY_ICONS[severity]} isQuiet={isQuiet}>
      {SEVERITY_WORDS[severity]}
    </Badge>
  );
}

/** The states of incidents with their words. */
export const STATUS_WORDS = {
  open: "Open",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
} as const satisfies Record<IncidentWire["status"], string>;

const STATUS_LOOKS: Record<IncidentWire["status"], { readonly tone: Tone; readonly icon: LucideIcon }> = {
  open: { tone: "critical", icon: CircleDot },
  acknowledged: { tone: "accent", icon: Eye },
  resolved: { tone: "good", icon: CircleCheck },
};

/** The state of an incident. */
export function StatusBadge({
  status,
  isQuiet = false,
}: {
  readonly status: IncidentWire["status"];
  readonly isQuiet?: boolean;
}) {
  const { tone, icon } = STATUS_LOOKS[status];
  return (
    <Badge tone={tone} icon={icon} isQuiet={isQuiet}>
      {STATUS_WORDS[status]}
    </Badge>
  );
}

/** Whether an alert fires. */
export function FiringBadge({
  status,
  isQuiet = false,
}: {
  readonly status: "firing" | "resolved";
  readonly isQuiet?: boolean;
}) {
  return status === "firing" ? (
    <Badge tone="critical" icon={BellRing} isQuiet={isQuiet}>
      Firing
    </Badge>
  ) : (
    <Badge tone="good" icon={Check} isQuiet={isQuiet}>
      Resolved
    </Badge>
  );
}

/** Icon for "stopped", shared by paused integrations and endpoints. */
export const PausedIcon = Octagon;
