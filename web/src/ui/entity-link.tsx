import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** What has a page of its own. */
export type Entity = "incident" | "alert" | "receipt" | "integration" | "endpoint" | "delivery";

const FOLDERS: Readonly<Record<Entity, string>> = {
  incident: "/incidents",
  alert: "/alerts",
  receipt: "/receipts",
  integration: "/integrations",
  endpoint: "/endpoints",
  delivery: "/deliveries",
};

type EntityLinkProps = {
  readonly entity: Entity;
  readonly id: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
};

/** A link to the page of something, from any feature: features know no routes of each other. */
export function EntityLink({ entity, id, children, className }: EntityLinkProps) {
  const to = `${FOLDERS[entity]}/${id}` as NonNullable<LinkProps["to"]>;
  return (
    <Link to={to} className={className}>
      {children}
    </Link>
  );
}
