import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { LinkWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change } from "../../lib/api.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { AccessCard } from "./access-card.tsx";

/** True for what the server answers to a link that was used, has expired or never was. */
export function isLinkOver(error: unknown): boolean {
  return error instanceof ApiFailure && error.code === "LINK_NOT_VALID";
}

type LinkCheckProps = {
  readonly token: string;
  readonly title: string;
  /** What stands there when the link does not work. */
  readonly over: ReactNode;
  readonly children: ReactNode;
};

/** Shows a form only when its link still works, so that nobody fills it in for nothing. */
export function LinkCheck({ token, title, over, children }: LinkCheckProps) {
  const link = useQuery({
    queryKey: ["link", token],
    queryFn: ({ signal }) => change<LinkWire>("POST", "/links/check", { token }, { signal }),
    // Once the form is there it stays: its own answer says what becomes of the link.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (link.data !== undefined) return children;
  if (isLinkOver(link.error)) return over;
  return (
    <AccessCard title={title}>
      {link.error === null ? (
        <PanelSkeleton label="whether the link works" />
      ) : (
        <ErrorPanel error={link.error} onRetry={() => void link.refetch()} />
      )}
    </AccessCard>
  );
}
