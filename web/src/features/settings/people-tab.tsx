import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { UserPlus, Users } from "lucide-react";
import { useState } from "react";
import type { UserWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change } from "../../lib/api.ts";
import { late } from "../../lib/late.tsx";
import { useList } from "../../lib/list.ts";
import { ROLES, type Role, useIsAllowed, useSession } from "../../lib/session.ts";
import { showToast } from "../../lib/toasts.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { Select } from "../../ui/select.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";
import { PersonMenu } from "./person-menu.tsx";

const InviteDialog = late(() => import("./invite-dialog.tsx").then((module) => module.InviteDialog));

/** The people of the organization; administrators invite, change and remove them. */
export function PeopleTab() {
  const client = useQueryClient();
  const isAdmin = useIsAllowed("admin");
  const me = useSession()?.user.id;
  const [isInviting, setInviting] = useState(false);
  const list = useList<UserWire>({ noun: "users", path: "/users", query: {} });
  const reread = (): Promise<void> => client.invalidateQueries({ queryKey: ["users"] });
  const setRole = async (person: UserWire, role: Role): Promise<void> => {
    try {
      await change("PATCH", `/users/${person.id}`, { role });
      const undo = (): void => void change("PATCH", `/users/${person.id}`, { role: person.role }).then(reread);
      showToast(`${person.name} is ${role} now.`, { undo });
    } catch (error) {
      showToast(error instanceof ApiFailure ? error.message : "The role could not be changed.", { tone: "bad" });
    }
    await reread();
  };
  return (
    <Panel
      title="People"
      isFlush
      actions={
        isAdmin ? (
          <Button size="xs" leftSection={<UserPlus size={14} aria-hidden="true" />} onClick={() => setInviting(true)}>
            Invite a person
          </Button>
        ) : undefined
      }
    >
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={list.retry} />
      ) : list.rows === null ? (
        <TableSkeleton label="people" />
      ) : list.rows.length === 0 ? (
        <EmptyState icon={Users} title="Nobody signs in yet">
          Overwatch is used by API keys alone so far. Invite the people who should see incidents here.
        </EmptyState>
      ) : (
        <DataTable
          label="People"
          rows={list.rows}
          columns={columnsOf({ isAdmin, me, setRole, reread })}
          rowKey={({ id }) => id}
          rowName={({ name }) => name}
          hasMore={list.hasMore}
          onMore={list.readMore}
          isReadingMore={list.isReadingMore}
        />
      )}
      <InviteDialog isOpen={isInviting} onClose={() => setInviting(false)} onInvited={reread} />
    </Panel>
  );
}

type ColumnOptions = {
  readonly isAdmin: boolean;
  readonly me: string | undefined;
  readonly setRole: (person: UserWire, role: Role) => Promise<void>;
  readonly reread: () => Promise<void>;
};

function columnsOf({ isAdmin, me, setRole, reread }: ColumnOptions): readonly Column<UserWire>[] {
  const columns: readonly Column<UserWire>[] = [
    {
      id: "name",
      header: "Name",
      width: "minmax(140px, 1fr)",
      isMain: true,
      cell: (person) => (
        <bdi>
          {person.name}
          {person.id === me ? " (you)" : ""}
        </bdi>
      ),
    },
    { id: "email", header: "Email", width: "minmax(160px, 1.3fr)", cell: ({ email }) => <bdi>{email}</bdi> },
    {
      id: "role",
      header: "Role",
      width: "150px",
      cell: (person) =>
        isAdmin && person.id !== me ? (
          <Select
            size="xs"
            aria-label={`Role of ${person.name}`}
            data={[...ROLES].reverse()}
            value={person.role}
            allowDeselect={false}
            onChange={(role) => void setRole(person, ROLES.find((known) => known === role) ?? person.role)}
          />
        ) : (
          person.role
        ),
    },
    { id: "status", header: "State", width: "110px", cell: (person) => <PersonState person={person} /> },
    {
      id: "seen",
      header: "Signed in",
      width: "120px",
      isWideOnly: true,
      cell: ({ last_signed_in_at }) => <Moment at={last_signed_in_at} />,
    },
  ];
  if (!isAdmin) return columns;
  const menu: Column<UserWire> = {
    id: "menu",
    header: "",
    width: "48px",
    align: "end",
    cell: (person) => (person.id === me ? null : <PersonMenu person={person} onChanged={reread} />),
  };
  return [...columns, menu];
}

function PersonState({ person }: { readonly person: UserWire }) {
  if (person.status === "disabled") return <Badge tone="medium">Disabled</Badge>;
  if (person.status === "invited") return <Badge tone="info">Invited</Badge>;
  return <Badge tone="good">Active</Badge>;
}
