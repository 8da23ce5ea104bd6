import { Type } from "typebox";
import { wireTime } from "../../core/incident-view.ts";
import { type AuditEntry, type AuditFilter, listAuditEntries } from "../../store/audit.ts";
import { writeCsv } from "../csv.ts";
import { answerPage, readMoment, readPage } from "../paging.ts";
import { type Answer, defineRoute, type Route } from "../route.ts";
import { AuditEntryView, auditFilters } from "../schemas/audit.ts";
import { oneOf, pageOf, pageParameters, strict } from "../schemas/shared.ts";

const tag = "audit";

/** `/audit`. */
export function auditRoutes(): readonly Route[] {
  return [list(), download()];
}

type Query = {
  readonly since?: string;
  readonly until?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly object_kind?: string;
  readonly object_id?: string;
  readonly q?: string;
};

function filterOf(query: Query): AuditFilter {
  return {
    actor: query.actor ?? null,
    action: query.action ?? null,
    objectKind: query.object_kind ?? null,
    objectId: query.object_id ?? null,
    since: readMoment(query.since, "since"),
    until: readMoment(query.until, "until"),
    q: query.q ?? null,
  };
}

function view(entry: AuditEntry) {
  return {
    id: entry.id,
    at: wireTime(entry.at),
    actor: entry.actor,
    address: entry.address,
    request_id: entry.requestId,
    action: entry.action,
    object: entry.object,
    changes: entry.changes,
    request: entry.request,
  };
}

function list(): Route {
  return defineRoute("GET", "/audit", {
    role: "admin",
    tag,
    summary: "List who changed what",
    query: strict({ ...pageParameters, ...auditFilters }),
    answers: { 200: pageOf(AuditEntryView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const rows = await listAuditEntries(database, caller.organizationId, filterOf(query), {
        before: page.before,
        limit: page.limit + 1,
      });
      return { body: answerPage(query, page.limit, rows, view) };
    },
  });
}

const MOST_EXPORTED = 10_000;

const COLUMNS = [
  "id",
  "at",
  "actor_kind",
  "actor_id",
  "actor_name",
  "address",
  "request_id",
  "action",
  "object_kind",
  "object_id",
  "object_name",
  "changes",
  "request",
] as const;

function download(): Route {
  return defineRoute("GET", "/audit/export", {
    role: "admin",
    tag,
    summary: "Download who changed what",
    description: `Newest first, at most ${MOST_EXPORTED} entries; \`until\` leads to older ones.`,
    query: strict({
      ...auditFilters,
      format: Type.Optional(oneOf(["ndjson", "csv"], "`ndjson` when not given; `csv` for spreadsheets")),
    }),
    answers: { 200: null },
    handle: async ({ caller, query, database }): Promise<Answer> => {
      const page = { before: null, limit: MOST_EXPORTED };
      const rows = await listAuditEntries(database, caller.organizationId, filterOf(query), page);
      const isCsv = query.format === "csv";
      const text = isCsv
        ? writeCsv([COLUMNS, ...rows.map(cellsOf)])
        : rows.map((row) => `${JSON.stringify(view(row))}\n`).join("");
      return {
        body: null,
        raw: { bytes: Buffer.from(text), contentType: isCsv ? "text/csv; charset=utf-8" : "application/x-ndjson" },
        headers: { "content-disposition": `attachment; filename="audit.${isCsv ? "csv" : "ndjson"}"` },
      };
    },
  });
}

function cellsOf(entry: AuditEntry): readonly string[] {
  const { actor, object } = entry;
  return [
    entry.id,
    wireTime(entry.at) ?? "",
    actor.kind,
    actor.id ?? "",
    actor.name,
    entry.address,
    entry.requestId,
    entry.action,
    object.kind,
    object.id ?? "",
    object.name ?? "",
    JSON.stringify(entry.changes),
    entry.request === null ? "" : JSON.stringify(entry.request),
  ];
}
