import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SessionRowWire } from "../../../../server/src/api/contract.ts";
import { change, get } from "../../lib/api.ts";
import { queryClient } from "../../lib/query-client.ts";
import { showToast } from "../../lib/toasts.ts";
import { Badge } from "../../ui/badge.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { browserName } from "./browser-name.ts";

const METHOD_WORDS = { password: "password", link: "a link", oidc: "single sign-on" } as const;

/** Where one is signed in, each of which can be ended. */
export function SessionsPanel() {
  const client = useQueryClient();
  const [isEndingAll, setEndingAll] = useState(false);
  const sessions = useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => get<{ readonly data: readonly SessionRowWire[] }>("/sessions", { signal }),
  });
  const end = async (session: SessionRowWire): Promise<void> => {
    try {
      await change("DELETE", `/sessions/${session.id}`);
      showToast(`${browserName(session.user_agent)} is signed out.`, { tone: "good" });
    } catch {
      showToast("The session could not be ended; try again.", { tone: "bad" });
    }
    await client.invalidateQueries({ queryKey: ["sessions"] });
  };
  const rows = sessions.data?.data ?? null;
  return (
    <Panel
      title="Sessions"
      isFlush
      actions={
        <Button size="xs" variant="default" onClick={() => setEndingAll(true)}>
          Sign out everywhere
        </Button>
      }
    >
      {sessions.error !== null && rows === null ? (
        <ErrorPanel error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : rows === null ? (
        <PanelSkeleton label="sessions" />
      ) : (
        <DataTable
          label="Sessions"
          rows={rows}
          columns={columnsOf(end)}
          rowKey={({ id }) => id}
          rowName={({ user_agent }) => browserName(user_agent)}
        />
      )}
      <ConfirmDialog
        isOpen={isEndingAll}
        onClose={() => setEndingAll(false)}
        title="Sign out everywhere"
        action="Sign out everywhere"
        onConfirm={async () => {
          await change("DELETE", "/sessions");
          queryClient.clear();
          window.location.assign("/sign-in");
        }}
      >
        Every session ends, this one included. You sign in again afterwards.
      </ConfirmDialog>
    </Panel>
  );
}

function columnsOf(end: (session: SessionRowWire) => Promise<void>): readonly Column<SessionRowWire>[] {
  return [
    {
      id: "browser",
      header: "Browser",
      width: "minmax(130px, 1fr)",
      isMain: true,
      cell: (session) => <span title={session.user_agent}>{browserName(session.user_agent)}</span>,
    },
    { id: "address", header: "Address", width: "minmax(90px, 130px)", cell: ({ address }) => <code>{address}</code> },
    {
      id: "method",
      header: "Signed in by",
      width: "104px",
      isWideOnly: true,
      cell: ({ method }) => METHOD_WORDS[method],
    },
    { id: "seen", header: "Last seen", width: "96px", cell: ({ seen_at }) => <Moment at={seen_at} /> },
    {
      id: "end",
      header: "",
      width: "92px",
      align: "end",
      cell: (session) =>
        session.current ? (
          <Badge tone="good">This one</Badge>
        ) : (
          <Button size="compact-xs" variant="default" onClick={() => void end(session)}>
            Sign out
          </Button>
        ),
    },
  ];
}
