import type { Incident } from "../core/incident.ts";
import type { Queryable } from "../runtime/database.ts";
import {
  type IncidentFilter,
  numberIn,
  rangeConditions,
  rowConditions,
  statusCondition,
  titleCondition,
} from "./incident-filter.ts";
import { incidentColumns } from "./incidents.ts";
import { joined, type Sql, sql, trusted } from "./sql.ts";

/**
 * Incidents that answer to a text, newest first, behind the given id: unresolved ones are few and looked at one by one,
 * resolved ones are found by their words, a number by its index.
 */
export function searchIncidents(
  db: Queryable,
  organizationId: string,
  filter: IncidentFilter & { readonly q: string },
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Incident[]> {
  const { q, statuses } = filter;
  const { limit } = page;
  const conditions = [...rangeConditions(organizationId, filter), ...rowConditions(filter)];
  if (page.before !== null) conditions.push(sql`id < ${page.before}`);
  const where = (...more: readonly Sql[]): Sql => joined([...conditions, ...more], " and ");
  const newest = (condition: Sql): Sql =>
    sql`(select id from incidents where ${condition} order by id desc limit ${limit})`;
  const text = titleCondition(q);
  const branches: Sql[] = [];
  const unresolved = statuses?.filter((status) => status !== "resolved") ?? null;
  if (unresolved === null || unresolved.length > 0) {
    branches.push(newest(where(unresolved === null ? sql`status <> 'resolved'` : statusCondition(unresolved), text)));
  }
  if (statuses === null || statuses.includes("resolved")) {
    const words = wordsOf(q);
    const resolved = where(sql`status = 'resolved'`);
    branches.push(words === "" ? newest(sql`${resolved} and ${text}`) : resolvedWith(words, resolved, limit));
  }
  const number = numberIn(q);
  if (number !== null) {
    const state = statuses === null ? [] : [statusCondition(statuses)];
    branches.push(newest(where(sql`number = ${number}`, ...state)));
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
