import type { Incident } from "../core/incident.ts";
import type { Severity } from "../core/severity.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { incidentColumns } from "./incidents.ts";
import { joined, type Sql, sql, trusted } from "./sql.ts";

/** What a list of incidents is narrowed to; null does not narrow. Times are of creation, epoch milliseconds. */
export type IncidentFilter = {
  readonly integrationId: string | null;
  readonly status: Incident["status"] | null;
  readonly severity: Severity | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Text of the title, whatever the case; of resolved ones words, the last from its beginning; or a number. */
  readonly q: string | null;
};

type Page = { readonly before: string | null; readonly limit: number };

/** A page of incidents, newest first. */
export function listIncidents(
  db: Queryable,
  organizationId: string,
  filter: IncidentFilter,
  page: Page,
): Promise<readonly Incident[]> {
  const conditions = conditionsOf(organizationId, filter, page);
  if (filter.q !== null) return searchIncidents(db, organizationId, filter.q, filter.status, conditions, page.limit);
  if (filter.status !== null) conditions.push(statusCondition(filter.status));
  return db.rows<Incident>(sql`
    select ${incidentColumns}
    from incidents
    where ${joined(conditions, " and ")}
    order by id desc
    limit ${page.limit}`);
}

function conditionsOf(organizationId: string, filter: IncidentFilter, page: Page): Sql[] {
  const conditions: Sql[] = [sql`organization_id = ${organizationId}`];
  if (page.before !== null) conditions.push(sql`id < ${page.before}`);
  if (filter.since !== null) conditions.push(sql`id >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) conditions.push(sql`id < ${firstUuidAt(filter.until)}`);
  if (filter.integrationId !== null) conditions.push(sql`integration_id = ${filter.integrationId}`);
  if (filter.severity !== null) conditions.push(sql`severity = ${filter.severity}`);
  return conditions;
}

/** The constants let the planner use the small index of unresolved incidents. */
function statusCondition(status: Incident["status"]): Sql {
  return status === "resolved" ? sql`status = 'resolved'` : sql`status <> 'resolved' and status = ${status}`;
}

/** Unresolved incidents are few and looked at one by one; resolved ones are found by their words; a number by its index. */
function searchIncidents(
  db: Queryable,
  organizationId: string,
  q: string,
  status: Incident["status"] | null,
  conditions: readonly Sql[],
  limit: number,
): Promise<readonly Incident[]> {
  const text = sql`title ilike ${`%${q.replaceAll(/[\\%_]/g, "\\$&")}%`}`;
  const where = (...more: readonly Sql[]): Sql => joined([...conditions, ...more], " and ");
  const newest = (condition: Sql): Sql =>
    sql`(select id from incidents where ${condition} order by id desc limit ${limit})`;
  const branches: Sql[] = [];
  if (status !== "resolved") {
    branches.push(newest(where(status === null ? sql`status <> 'resolved'` : statusCondition(status), text)));
  }
  if (status === null || status === "resolved") {
    const words = wordsOf(q);
    const resolved = where(sql`status = 'resolved'`);
    branches.push(words === "" ? newest(sql`${resolved} and ${text}`) : resolvedWith(words, resolved, limit));
  }
  const number = /^#?(\d{1,15})$/.exec(q)?.[1];
  if (number !== undefined) {
    branches.push(
      newest(where(sql`number = ${Number(number)}`, ...(status === null ? [] : [statusCondition(status)]))),
    );
  }
  return db.rows<Incident>(sql`
    select ${incidentColumns}
    from incidents
    where incidents.organization_id = ${organizationId} and id in (${joined(branches, " union ")})
    order by id desc
    limit ${limit}`);
}

const NEAR_ROWS = 300;

/**
 * Resolved incidents with these words. Frequent words fill a page from the newest rows; for the others the index is
 * asked without a limit, since with one the planner would rather walk over everything and hope.
 */
function resolvedWith(words: string, resolved: Sql, limit: number): Sql {
  const matches = sql`${TITLE_WORDS} @@ to_tsquery('simple', ${words})`;
  return sql`(
    with newest as materialized (
      select id, title from incidents where ${resolved} order by id desc limit ${NEAR_ROWS}
    ),
    near as materialized (
      select id from newest where ${matches}
    ),
    far as materialized (
      select id from incidents where ${resolved} and ${matches} and (select count(*) from near) < ${limit}
    )
    select id from near
    union
    select id from far
    order by id desc
    limit ${limit})`;
}

/** What parts words in titles, as the index incidents_words has it. */
const PUNCTUATION = "-_./:@%,;#+=()[]{}<>|\"'\\";

const TITLE_WORDS = trusted(
  `to_tsvector('simple', translate(title, '${PUNCTUATION.replaceAll("'", "''")}', '${" ".repeat(PUNCTUATION.length)}'))`,
);

/** The words of a search as a tsquery: all of them, the last one from its beginning, since people are still typing it. */
function wordsOf(q: string): string {
  const words = [...q]
    .map((character) => (PUNCTUATION.includes(character) || /[\s!&*?$~^`]/.test(character) ? " " : character))
    .join("")
    .split(" ")
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  return words.map((word, index) => `'${word}'${index === words.length - 1 ? ":*" : ""}`).join(" & ");
}
