import type { Queryable, Statement } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** A verified webhook on its way into the database. */
export type NewReceipt = {
  readonly organizationId: string;
  readonly id: string;
  readonly integrationId: string;
  readonly platform: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly sourceIp: string;
  /** 1 to 128 characters of `A–Z a–z 0–9 . _ -`. */
  readonly requestId: string;
  /** The sender's own name of this webhook, as it is shown; null when it sends none. */
  readonly deliveryId: string | null;
  /** What must be unique per integration, so that a webhook that is sent again finds its first receipt; or null. */
  readonly deliveryKey: string | null;
  readonly verifiedBy: string;
  /** A JSON object as text. */
  readonly headers: string;
  readonly body: Buffer;
};

/** A claim that receipts are stored with: their first attempt is this node's until the lease ends, epoch milliseconds. */
export type FirstLease = { readonly nodeId: string; readonly until: number };

/**
 * Stores receipts and queues them for triage in one statement, so all of them or none; with a lease they are claimed
 * from the start. Returns, for each receipt whose
 * delivery key was there already, the id of the receipt that stands: such a receipt is not stored again.
 */
export async function insertReceipts(
  db: Queryable,
  receipts: readonly NewReceipt[],
  lease: FirstLease | null = null,
): Promise<ReadonlyMap<string, string>> {
  if (receipts.every((receipt) => receipt.deliveryKey === null)) {
    await db.rows(insertStatement(PLAIN_INSERT, receipts, lease));
    return new Map();
  }
  const claimed = await db.rows<{ readonly id: string }>(insertStatement(KEYED_INSERT, receipts, lease));
  const stored = new Set(claimed.map((row) => row.id));
  const repeated = receipts.filter((receipt) => receipt.deliveryKey !== null && !stored.has(receipt.id));
  return repeated.length === 0 ? new Map() : findFirstReceipts(db, repeated);
}

// One numbered parameter is used several times here, which a tagged template would send as often. Bodies and headers
// travel as one binary parameter ($1) that the rows cut their parts from: an array of bytea would be written as
// hexadecimal text, twice the size and most of the time that a batch takes.
const PARAMETERS = `unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::int[], $12::int[], $13::int[], $14::text[])
      as input (organization_id, id, integration_id, platform, received_ms, source_ip, request_id, delivery_id,
        verified_by, header_length, body_at, body_length, delivery_key)`;

const INSERT_RECEIPTS = `insert into receipts (organization_id, id, integration_id, platform, received_at, source_ip,
      request_id, delivery_id, verified_by, headers, body)
    select organization_id, id, integration_id, platform, to_timestamp(received_ms / 1000.0), source_ip, request_id,
      delivery_id, verified_by,
      convert_from(substring($1::bytea from body_at - header_length for header_length), 'UTF8')::json,
      substring($1::bytea from body_at for body_length)`;

const INSERT_QUEUE = `insert into receipt_queue (organization_id, receipt_id, integration_id, attempts, lease_node,
      lease_until)
    select organization_id, id, integration_id, case when $15::uuid is null then 0 else 1 end, $15::uuid,
      $16::timestamptz`;

const PLAIN_INSERT = `
  with stored as (
    ${INSERT_RECEIPTS}
    from ${PARAMETERS}
  )
  ${INSERT_QUEUE}
  from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as input (organization_id, id, integration_id)`;

// Keys are claimed in one order by every node, so that two batches never wait for each other.
const KEYED_INSERT = `
  with claimed as (
    insert into receipt_delivery_ids (organization_id, integration_id, delivery_id, receipt_id, received_at)
    select organization_id, integration_id, delivery_key, id, to_timestamp(received_ms / 1000.0)
    from ${PARAMETERS}
    where delivery_key is not null
    order by organization_id, integration_id, delivery_key, id
    on conflict do nothing
    returning receipt_id
  ), fresh as (
    select *
    from ${PARAMETERS}
    where delivery_key is null or id in (select receipt_id from claimed)
  ), stored as (
    ${INSERT_RECEIPTS}
    from fresh
  ), queued as (
    ${INSERT_QUEUE}
    from fresh
  )
  select receipt_id as id from claimed`;

function insertStatement(text: string, receipts: readonly NewReceipt[], lease: FirstLease | null): Statement {
  const parts: Buffer[] = [];
  const headerLengths: number[] = [];
  const bodyAts: number[] = [];
  const bodyLengths: number[] = [];
  let at = 1;
  for (const receipt of receipts) {
    const headers = Buffer.from(receipt.headers, "utf8");
    parts.push(headers, receipt.body);
    at += headers.length;
    headerLengths.push(headers.length);
    bodyAts.push(at);
    bodyLengths.push(receipt.body.length);
    at += receipt.body.length;
  }
  return {
    text,
    values: [
      Buffer.concat(parts),
      arrayOf(receipts, (receipt) => receipt.organizationId),
      arrayOf(receipts, (receipt) => receipt.id),
      arrayOf(receipts, (receipt) => receipt.integrationId),
      arrayOf(receipts, (receipt) => receipt.platform),
      `{${receipts.map((receipt) => receipt.receivedAt).join(",")}}`,
      arrayOf(receipts, (receipt) => receipt.sourceIp),
      arrayOf(receipts, (receipt) => receipt.requestId),
      arrayOrNull(receipts, (receipt) => receipt.deliveryId),
      arrayOf(receipts, (receipt) => receipt.verifiedBy),
      `{${headerLengths.join(",")}}`,
      `{${bodyAts.join(",")}}`,
      `{${bodyLengths.join(",")}}`,
      arrayOrNull(receipts, (receipt) => receipt.deliveryKey),
      lease?.nodeId ?? null,
      timestamp(lease?.until ?? null),
    ],
  };
}

/** A PostgreSQL array literal; every element is quoted, so that the word `null` stays a word. */
function arrayOf(receipts: readonly NewReceipt[], pick: (receipt: NewReceipt) => string | null): string {
  let text = "{";
  for (const receipt of receipts) {
    const value = pick(receipt);
    if (text.length > 1) text += ",";
    if (value === null) text += "null";
    else text += `"${value.includes('"') || value.includes("\\") ? value.replace(/["\\]/g, "\\$&") : value}"`;
  }
  return `${text}}`;
}

/** The array, or null when no receipt has the value: unnest then fills the column with nulls. */
function arrayOrNull(receipts: readonly NewReceipt[], pick: (receipt: NewReceipt) => string | null): string | null {
  return receipts.some((receipt) => pick(receipt) !== null) ? arrayOf(receipts, pick) : null;
}

/** The receipts that were first with these delivery keys, by the id of the late one; a separate statement, to see them. */
async function findFirstReceipts(db: Queryable, repeated: readonly NewReceipt[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.rows<{ readonly late: string; readonly first: string }>(sql`
    select input.receipt_id as late, known.receipt_id as first
    from unnest(${repeated.map((receipt) => receipt.organizationId)}::uuid[],
      ${repeated.map((receipt) => receipt.integrationId)}::uuid[],
      ${repeated.map((receipt) => receipt.deliveryKey)}::text[],
      ${repeated.map((receipt) => receipt.id)}::uuid[]) as input (organization_id, integration_id, delivery_id, receipt_id)
    join receipt_delivery_ids known
      on known.organization_id = input.organization_id and known.integration_id = input.integration_id
      and known.delivery_id = input.delivery_id`);
  const first = new Map(rows.map((row) => [row.late, row.first]));
  // A key whose first receipt was removed in this very moment: say that nothing was stored, and the sender tries again.
  if (first.size < repeated.length) throw new Error("a delivery id vanished while its webhook was stored");
  return first;
}

const FORGET_BATCH = 5_000;
const MOST_FORGET_BATCHES = 200;

/**
 * Forgets delivery ids of webhooks received before the moment (epoch milliseconds), in small statements, at most a
 * million a call. Must run before the receipts themselves go. Returns how many went.
 */
export async function deleteDeliveryIdsBefore(db: Queryable, moment: number): Promise<number> {
  let deleted = 0;
  for (let batch = 0; batch < MOST_FORGET_BATCHES; batch++) {
    const rows = await db.rows(sql`
      delete from receipt_delivery_ids
      where ctid = any(array(
        select ctid from receipt_delivery_ids where received_at < ${timestamp(moment)} limit ${FORGET_BATCH}
      ))
      returning 1`);
    deleted += rows.length;
    if (rows.length < FORGET_BATCH) break;
  }
  return deleted;
}

/** How many receipts of an integration are quarantined, counted no further than `limit`. */
export async function countQuarantined(
  db: Queryable,
  organizationId: string,
  integrationId: string,
  limit: number,
): Promise<number> {
  const [row] = await db.rows<{ readonly count: number }>(sql`
    select count(*)::int as count
    from (
      select 1
      from receipt_outcomes
      where organization_id = ${organizationId} and integration_id = ${integrationId} and status = 'quarantined'
      limit ${limit}
    ) as bounded`);
  return row?.count ?? 0;
}

/** Asks the database for a sign of life. */
export async function pingDatabase(db: Queryable): Promise<void> {
  await db.rows(sql`select 1`);
}
