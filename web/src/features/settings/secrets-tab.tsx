import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import type { EndpointWire, IntegrationWire, SystemWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useList } from "../../lib/list.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";

/** What both kinds of owners say of a secret; endpoints do not tell when theirs was used. */
type Secret = {
  readonly created_at: string;
  readonly is_previous: boolean;
  readonly expires_at: string | null;
  readonly last_used_at?: string | null;
};
type Owner = { readonly id: string; readonly name: string; readonly secrets: readonly Secret[] };

/** Every secret of the organization by its age, with the way to rotate it, and the key that seals them. */
export function SecretsTab() {
  return (
    <div style={{ display: "grid", gap: 16 }}>
      <Owners<IntegrationWire> title="Secrets of integrations" noun="integrations" tab="setup" tellsUse />
      <Owners<EndpointWire> title="Secrets of endpoints" noun="endpoints" tab="secret" />
      <SealingKey />
    </div>
  );
}

type OwnersProps = {
  readonly title: string;
  readonly noun: "integrations" | "endpoints";
  /** The part of an owner's page that rotates. */
  readonly tab: string;
  readonly tellsUse?: boolean;
};

function Owners<Wire extends Owner>({ title, noun, tab, tellsUse = false }: OwnersProps) {
  const list = useList<Wire>({ noun, path: `/${noun}`, query: {}, limit: 100 });
  const rows = list.rows?.toSorted((a, b) => ageKey(a).localeCompare(ageKey(b))) ?? null;
  return (
    <Panel title={title} isFlush>
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={list.retry} />
      ) : rows === null ? (
        <TableSkeleton label={title} rows={3} />
      ) : rows.length === 0 ? (
        <EmptyState icon={KeyRound} title="None yet">
          Each has a secret of its own, which is listed here by its age.
        </EmptyState>
      ) : (
        <DataTable
          label={title}
          rows={rows}
          columns={columnsOf(noun, tab, tellsUse)}
          rowKey={({ id }) => id}
          rowName={({ name }) => name}
          hasMore={list.hasMore}
          onMore={list.readMore}
          isReadingMore={list.isReadingMore}
        />
      )}
    </Panel>
  );
}

function columnsOf(noun: string, tab: string, tellsUse: boolean): readonly Column<Owner>[] {
  const used: Column<Owner> = {
    id: "used",
    header: "Last used",
    width: "130px",
    cell: (owner) => <Moment at={current(owner)?.last_used_at ?? null} />,
  };
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(180px, 1fr)",
      isMain: true,
      cell: ({ id, name }) => (
        <InnerLink href={`/${noun}/${id}?tab=${tab}`}>
          <bdi>{name}</bdi>
        </InnerLink>
      ),
    },
    {
      id: "made",
      header: "Made",
      width: "130px",
      cell: (owner) => {
        const secret = current(owner);
        return secret === undefined ? <span className="ow-dim">has none</span> : <Moment at={secret.created_at} />;
      },
    },
    ...(tellsUse ? [used] : []),
    { id: "old", header: "Rotation", width: "minmax(160px, 260px)", cell: (owner) => <Rotation owner={owner} /> },
  ];
}

function Rotation({ owner }: { readonly owner: Owner }) {
  const old = owner.secrets.find(({ is_previous }) => is_previous);
  if (old === undefined) return <span className="ow-dim">none under way</span>;
  return (
    <span>
      <Badge tone="medium">Two are valid</Badge> {old.expires_at === null ? null : <Moment at={old.expires_at} />}
    </span>
  );
}

function current({ secrets }: Owner): Secret | undefined {
  return secrets.find(({ is_previous }) => !is_previous);
}

/** The oldest first; those without a secret before all. */
function ageKey(owner: Owner): string {
  return current(owner)?.created_at ?? "";
}

function SealingKey() {
  const { data } = useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => get<SystemWire>("/system", { signal }),
  });
  if (data === undefined) return null;
  const isSet = (name: string): boolean => data.configuration.some((one) => one.name === name && one.value !== "");
  return (
    <Panel title="The key that seals them">
      <p>
        All secrets lie sealed in the database.{" "}
        {isSet("OVERWATCH_SECRET_KEY") ? (
          <>
            The operator gives the key in <code>OVERWATCH_SECRET_KEY</code>.
          </>
        ) : (
          <>
            The key is the file <code>secret.key</code> in the data directory: keep a copy of it elsewhere.
          </>
        )}{" "}
        {isSet("OVERWATCH_SECRET_KEY_OTHER")
          ? "It is being changed: a second key opens secrets meanwhile. "
          : "It can be changed without a pause. "}
        The steps stand in <code>docs/configuration.md</code> under “The secret key”.
      </p>
    </Panel>
  );
}
