import { memo, type ReactNode } from "react";
import { InnerLink } from "./inner-link.tsx";

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
  readonly title?: string | undefined;
};

/** A link to the page of something, from any feature: features know no routes of each other. */
export const EntityLink = memo(function EntityLink({ entity, id, ...rest }: EntityLinkProps) {
  return <InnerLink href={`${FOLDERS[entity]}/${encodeURIComponent(id)}`} {...rest} />;
});
