import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** A link to an endpoint's deliveries of one state; features know no routes of each other. */
export function DeliveriesLink({
  endpointId,
  status,
  children,
}: {
  readonly endpointId: string;
  readonly status?: string;
  readonly children: ReactNode;
}) {
  const search = { endpoint: endpointId, ...(status === undefined ? {} : { status: [status] }) };
  return (
    <Link to="/deliveries" search={search as unknown as NonNullable<LinkProps["search"]>}>
      {children}
    </Link>
  );
}
