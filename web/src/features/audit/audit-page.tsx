import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Download, ScrollText } from "lucide-react";
import type { AuditEntryWire } from "../../../../server/src/api/contract.ts";
import { queryText } from "../../lib/api.ts";
import { late } from "../../lib/late.tsx";
import { useList } from "../../lib/list.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { FilterBar } from "../../ui/filter-bar.tsx";
import { latePopup } from "../../ui/late-popup.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader, Panel } from "../../ui/page-header.tsx";
import { Select } from "../../ui/select.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";
import { actionWords } from "./action-words.ts";
import { type AuditSearch, OBJECT_KINDS } from "./audit-search.ts";

const EntryDialog = late(() => import("./entry-dialog.tsx").then((module) => module.EntryDialog));
const ExportPopup = latePopup("menu", () => import("./export-popup.tsx").then((module) => module.ExportPopup));
const route = getRouteApi("/console/audit");

/** Who changed what, from where, and how it was before. */
export function AuditPage() {
  const isAdmin = useIsAllowed("admin");
  return (
    <>
      <PageHeader
        title="Audit"
        description="Every change that people and keys made, newest first."
        actions={isAdmin ? <ExportMenu /> : undefined}
      />
      {isAdmin ? (
        <Entries />
      ) : (
        <EmptyState icon={ScrollText} title="For administrators">
          Who changed what is shown to administrators only. Ask one of them; Settings lists the people.
        </EmptyState>
      )}
    </>
  );
}

function filtersOf({ q, actor, kind, object }: AuditSearch) {
  return { q, actor, object_kind: kind, object_id: object };
}

function ExportMenu() {
  const search = route.useSearch();
  const urlOf = (format: "csv" | "ndjson"): string =>
    `/api/v1/audit/export${queryText({ ...filtersOf(search), format })}`;
  return (
    <ExportPopup
      urlOf={urlOf}
      target={
        <Button variant="default" size="xs" leftSection={<Download size={14} aria-hidden="true" />}>
          Export
        </Button>
      }
    />
  );
}

function Entries() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (changes: Partial<AuditSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true });
  const list = useList<AuditEntryWire>({ noun: "audit", path: "/audit", query: filtersOf(search) });
  const shown = list.rows?.find(({ id }) => id === search.entry) ?? null;
  const actorName = list.rows?.find(({ actor }) => actor.id === search.actor)?.actor.name ?? search.actor;
  const objectName = list.rows?.find(({ object }) => object.id === search.object)?.object.name ?? search.object;
  const isFiltered = Object.values(filtersOf(search)).some((value) => value !== undefined);
  const clear = { q: undefined, actor: undefined, kind: undefined, object: undefined };
  return (
    <>
      <FilterBar
        placeholder="Search names and actions"
        text={search.q}
        onText={(q) => set({ q })}
        chips={[
          ...(search.actor === undefined
            ? []
            : [{ label: `By ${actorName}`, onRemove: () => set({ actor: undefined }) }]),
          ...(search.object === undefined
            ? []
            : [{ label: `About ${objectName}`, onRemove: () => set({ object: undefined }) }]),
        ]}
        onClear={isFiltered ? () => set(clear) : undefined}
      >
        <Select
          size="xs"
          w={170}
          aria-label="What was changed"
          placeholder="Everything"
          clearable
          data={OBJECT_KINDS.map((kind) => ({ value: kind, label: kind.replace("_", " ") }))}
          value={search.kind ?? null}
          onChange={(kind) => set({ kind: OBJECT_KINDS.find((known) => known === kind) })}
        />
      </FilterBar>
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={list.retry} />
      ) : list.rows === null ? (
        <Panel isFlush>
          <TableSkeleton label="the audit" />
        </Panel>
      ) : list.rows.length === 0 ? (
        <EmptyState icon={ScrollText} title={isFiltered ? "Nothing fits these filters" : "Nothing was changed yet"}>
          Whatever people and keys change is written down here together with the change itself, so nothing is missing.
        </EmptyState>
      ) : (
        <Panel isFlush>
          <DataTable
            label="Audit"
            rows={list.rows}
            columns={COLUMNS}
            rowKey={({ id }) => id}
            rowName={(entry) => `${actionWords(entry.action)} by ${entry.actor.name}`}
            hasMore={list.hasMore}
            onMore={list.readMore}
            isReadingMore={list.isReadingMore}
          />
        </Panel>
      )}
      <EntryDialog isOpen={shown !== null} entry={shown} onClose={() => set({ entry: undefined })} onFilter={set} />
    </>
  );
}

const COLUMNS: readonly Column<AuditEntryWire>[] = [
  {
    id: "what",
    header: "What",
    width: "minmax(160px, 1fr)",
    isMain: true,
    cell: ({ id, action }) => (
      <Link to="." search={(before) => ({ ...before, entry: id }) as typeof before} replace resetScroll={false}>
        {actionWords(action)}
      </Link>
    ),
  },
  {
    id: "object",
    header: "Which",
    width: "minmax(120px, 1.2fr)",
    cell: ({ object }) => <bdi>{object.name ?? object.id ?? "–"}</bdi>,
  },
  {
    id: "changes",
    header: "Fields",
    width: "minmax(100px, 1fr)",
    isWideOnly: true,
    cell: ({ changes }) => <span className="ow-dim">{Object.keys(changes).join(", ")}</span>,
  },
  { id: "actor", header: "By", width: "minmax(100px, 160px)", cell: ({ actor }) => <bdi>{actor.name}</bdi> },
  {
    id: "address",
    header: "From",
    width: "minmax(90px, 140px)",
    isWideOnly: true,
    cell: ({ address }) => <code>{address}</code>,
  },
  { id: "at", header: "When", width: "100px", cell: ({ at }) => <Moment at={at} /> },
];
