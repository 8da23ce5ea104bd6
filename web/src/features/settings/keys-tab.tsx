import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import type { ApiKeyWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { late } from "../../lib/late.tsx";
import { useList } from "../../lib/list.ts";
import { useNow } from "../../lib/now.ts";
import { Badge } from "../../ui/badge.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";

const KeyDialog = late(() => import("./key-dialog.tsx").then((module) => module.KeyDialog));

/** The API keys of the organization. */
export function KeysTab() {
  const client = useQueryClient();
  const now = useNow();
  const [isMaking, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyWire | null>(null);
  const list = useList<ApiKeyWire>({ noun: "api-keys", path: "/api-keys", query: {} });
  const reread = (): Promise<void> => client.invalidateQueries({ queryKey: ["api-keys"] });
  const make = (
    <Button size="xs" leftSection={<Plus size={14} aria-hidden="true" />} onClick={() => setMaking(true)}>
      Make a key
    </Button>
  );
  return (
    <Panel title="API keys" isFlush actions={make}>
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={list.retry} />
      ) : list.rows === null ? (
        <TableSkeleton label="API keys" />
      ) : list.rows.length === 0 ? (
        <EmptyState icon={KeyRound} title="No API keys" command={EXAMPLE}>
          Scripts, the command line and other systems sign in by a key. It is shown once and carries one role.
        </EmptyState>
      ) : (
        <DataTable
          label="API keys"
          rows={list.rows}
          columns={columnsOf(now, setRevoking)}
          rowKey={({ id }) => id}
          rowName={({ name }) => name}
          hasMore={list.hasMore}
          onMore={list.readMore}
          isReadingMore={list.isReadingMore}
        />
      )}
      <KeyDialog isOpen={isMaking} onClose={() => setMaking(false)} onMade={reread} />
      <ConfirmDialog
        isOpen={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${revoking?.name ?? ""}`}
        action="Revoke the key"
        typedName={revoking?.name ?? ""}
        onConfirm={async () => {
          await change("DELETE", `/api-keys/${revoking?.id ?? ""}`);
          await reread();
        }}
      >
        Whatever uses this key is refused from now on, on other nodes within a minute. It cannot be taken back.
      </ConfirmDialog>
    </Panel>
  );
}

const EXAMPLE = `curl -H "Authorization: Bearer $OVERWATCH_API_KEY" ${window.location.origin}/api/v1/incidents`;

function columnsOf(now: number, revoke: (key: ApiKeyWire) => void): readonly Column<ApiKeyWire>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(200px, 1fr)",
      isMain: true,
      cell: ({ name, key_hint }) => (
        <span>
          <bdi>{name}</bdi> <code className="ow-dim">{key_hint}</code>
        </span>
      ),
    },
    { id: "role", header: "Role", width: "100px", cell: ({ role }) => role },
    { id: "state", header: "State", width: "100px", cell: (key) => <KeyState apiKey={key} now={now} /> },
    { id: "used", header: "Last used", width: "110px", cell: ({ last_used_at }) => <Moment at={last_used_at} /> },
    {
      id: "expires",
      header: "Expires",
      width: "110px",
      isWideOnly: true,
      cell: ({ expires_at }) => (expires_at === null ? "never" : <Moment at={expires_at} />),
    },
    {
      id: "by",
      header: "Made by",
      width: "minmax(90px, 140px)",
      isWideOnly: true,
      cell: ({ created_by }) => (created_by === null ? "the first start" : <bdi>{created_by.name}</bdi>),
    },
    {
      id: "revoke",
      header: "",
      width: "90px",
      align: "end",
      cell: (key) =>
        key.revoked_at === null ? (
          <Button size="compact-xs" variant="default" aria-label={`Revoke ${key.name}`} onClick={() => revoke(key)}>
            Revoke
          </Button>
        ) : null,
    },
  ];
}

function KeyState({ apiKey, now }: { readonly apiKey: ApiKeyWire; readonly now: number }) {
  if (apiKey.revoked_at !== null) return <Badge tone="critical">Revoked</Badge>;
  const hasExpired = apiKey.expires_at !== null && Date.parse(apiKey.expires_at) <= now;
  return hasExpired ? <Badge tone="medium">Expired</Badge> : <Badge tone="good">Active</Badge>;
}
