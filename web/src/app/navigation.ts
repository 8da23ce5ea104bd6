import type { LinkProps } from "@tanstack/react-router";
import {
  Activity,
  Bell,
  Cable,
  House,
  Inbox,
  type LucideIcon,
  ScrollText,
  Send,
  Settings,
  Siren,
  Webhook,
} from "lucide-react";
import type { Role } from "../lib/session.ts";

/** A place in the navigation; `keys` goes there. */
export type Place = {
  readonly to: NonNullable<LinkProps["to"]>;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly keys: string;
  readonly role: Role;
};

/** The navigation, in groups: what is wrong, what came in, what goes out, the system itself. */
export const PLACES: readonly { readonly title: string | null; readonly places: readonly Place[] }[] = [
  {
    title: null,
    places: [
      { to: "/", label: "Home", icon: House, keys: "g h", role: "viewer" },
      { to: "/incidents", label: "Incidents", icon: Siren, keys: "g i", role: "viewer" },
      { to: "/alerts", label: "Alerts", icon: Bell, keys: "g a", role: "viewer" },
    ],
  },
  {
    title: "Incoming",
    places: [
      { to: "/integrations", label: "Integrations", icon: Cable, keys: "g n", role: "viewer" },
      { to: "/receipts", label: "Receipts", icon: Inbox, keys: "g r", role: "viewer" },
    ],
  },
  {
    title: "Outgoing",
    places: [
      { to: "/endpoints", label: "Endpoints", icon: Webhook, keys: "g e", role: "viewer" },
      { to: "/deliveries", label: "Deliveries", icon: Send, keys: "g d", role: "viewer" },
    ],
  },
  {
    title: "Workspace",
    places: [
      { to: "/settings", label: "Settings", icon: Settings, keys: "g s", role: "viewer" },
      { to: "/audit", label: "Audit", icon: ScrollText, keys: "g u", role: "admin" },
      { to: "/system", label: "System", icon: Activity, keys: "g y", role: "viewer" },
    ],
  },
];
