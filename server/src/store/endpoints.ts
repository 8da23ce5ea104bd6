import type { Endpoint } from "../core/endpoint.ts";
import type { Queryable } from "../runtime/database.ts";
import { json, type Sql, sql, timestamp } from "./sql.ts";

const columns = sql`
  organization_id as "organizationId", id, integration_id as "integrationId", name, url, method, events, filter,
  template, enabled, timeout_seconds as "timeoutSeconds", retry, circuit, rate_limit as "rateLimit",
  max_in_flight as "maxInFlight", delivery_order as "order", collapse, capture, overrides, fallback, proxy, version, created_at as "createdAt",
  updated_at as "updatedAt"`;

const jsonOrNull = (value: unknown): string | null => (value === null ? null : json(value));

/** An endpoint of the organization; null when unknown, foreign or deleted. */
export async function findEndpoint(db: Queryable, organizationId: string, id: string): Promise<Endpoint | null> {
  const rows = await db.rows<Endpoint>(sql`
    select ${columns} from endpoints
    where organization_id = ${organizationId} and id = ${id} and deleted_at is null`);
  return rows[0] ?? null;
}

/** The same as `findEndpoint`, locked until the transaction ends. */
export async function lockEndpoint(tx: Queryable, organizationId: string, id: string): Promise<Endpoint | null> {
  const rows = await tx.rows<Endpoint>(sql`
    select ${columns} from endpoints
    where organization_id = ${organizationId} and id = ${id} and deleted_at is null
    for update`);
  return rows[0] ?? null;
}

/** Endpoints of whatever organizations by their full keys, deleted ones left out, in no order. */
export function findEndpointsByIds(
  db: Queryable,
  keys: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<readonly Endpoint[]> {
  return db.rows<Endpoint>(sql`
    select ${columns} from endpoints
    where (organization_id, id) in (
      select * from unnest(${keys.map((key) => key.organizationId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]))
      and deleted_at is null`);
}

/** The endpoints that came as the `webhook_config` of these integrations. */
export function findEndpointsOfIntegrations(
  db: Queryable,
  organizationId: string,
  integrationIds: readonly string[],
): Promise<readonly Endpoint[]> {
  return db.rows<Endpoint>(sql`
    select ${columns} from endpoints
    where organization_id = ${organizationId} and integration_id = any(${integrationIds}::uuid[])
      and deleted_at is null`);
}

/** A page of endpoints, newest first, of one integration when asked. */
export function listEndpoints(
  db: Queryable,
  organizationId: string,
  page: { readonly before: string | null; readonly limit: number; readonly integrationId: string | null },
): Promise<readonly Endpoint[]> {
  return db.rows<Endpoint>(sql`
    select ${columns}
    from endpoints
    where organization_id = ${organizationId} and deleted_at is null
      and (${page.before}::uuid is null or id < ${page.before}::uuid)
      and (${page.integrationId}::uuid is null or integration_id = ${page.integrationId}::uuid)
    order by id desc
    limit ${page.limit}`);
}

/** Stores a new endpoint with a closed circuit. */
export async function insertEndpoint(tx: Queryable, row: Endpoint): Promise<void> {
  await tx.rows(sql`
    insert into endpoints (organization_id, id, integration_id, name, url, method, events, filter, template, enabled,
      timeout_seconds, retry, circuit, rate_limit, max_in_flight, delivery_order, collapse, capture, overrides, fallback, proxy, version,
      created_at, updated_at)
    values (${row.organizationId}, ${row.id}, ${row.integrationId}, ${row.name}, ${row.url}, ${row.method},
      ${row.events}, ${row.filter}, ${jsonOrNull(row.template)}, ${row.enabled}, ${row.timeoutSeconds},
      ${json(row.retry)}, ${json(row.circuit)}, ${jsonOrNull(row.rateLimit)}, ${row.maxInFlight}, ${row.order}, ${row.collapse},
      ${jsonOrNull(row.capture)}, ${json(row.overrides)}, ${jsonOrNull(row.fallback)}, ${row.proxy}, ${row.version}, ${timestamp(row.createdAt)}, ${timestamp(row.updatedAt)})`);
  await tx.rows(sql`
    insert into circuits (organization_id, endpoint_id, updated_at)
    values (${row.organizationId}, ${row.id}, ${timestamp(row.createdAt)})`);
}

/**
 * Writes every setting and raises the version, unless the version is no longer `row.version`; null when it is not. Nodes
 * that hold deliveries of it look at its state anew.
 */
export async function updateEndpoint(db: Queryable, row: Endpoint, now: number): Promise<Endpoint | null> {
  const rows = await db.rows<Endpoint>(sql`
    with ${touchedState(row.organizationId, row.id, now)}
    update endpoints
    set name = ${row.name}, url = ${row.url}, method = ${row.method}, events = ${row.events}, filter = ${row.filter},
      template = ${jsonOrNull(row.template)}, enabled = ${row.enabled}, timeout_seconds = ${row.timeoutSeconds},
      retry = ${json(row.retry)}, circuit = ${json(row.circuit)}, rate_limit = ${jsonOrNull(row.rateLimit)},
      max_in_flight = ${row.maxInFlight}, delivery_order = ${row.order}, collapse = ${row.collapse}, capture = ${jsonOrNull(row.capture)},
      overrides = ${json(row.overrides)}, fallback = ${jsonOrNull(row.fallback)}, proxy = ${row.proxy},
      version = version + 1, updated_at = ${timestamp(now)}
    where organization_id = ${row.organizationId} and id = ${row.id} and version = ${row.version}
      and deleted_at is null
    returning ${columns}`);
  return rows[0] ?? null;
}

function touchedState(organizationId: string, id: string, now: number): Sql {
  return sql`touched as (
    update circuits
    set updated_at = greatest(updated_at, ${timestamp(now)})
    where organization_id = ${organizationId} and endpoint_id = ${id}
  )`;
}

/** Deletes for all who look; deliveries keep naming it. False when it was not there. */
export async function softDeleteEndpoint(
  db: Queryable,
  organizationId: string,
  id: string,
  now: number,
): Promise<boolean> {
  const rows = await db.rows(sql`
    with ${touchedState(organizationId, id, now)}
    update endpoints
    set deleted_at = ${timestamp(now)}, updated_at = ${timestamp(now)}, enabled = false, version = version + 1
    where organization_id = ${organizationId} and id = ${id} and deleted_at is null
    returning id`);
  return rows.length > 0;
}
