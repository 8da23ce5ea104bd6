import type pg from "pg";

/** How much a console is filled with. */
export type SeedScale = {
  readonly incidents: number;
  /** So many of them, the newest, are not resolved. */
  readonly unresolved: number;
};

const WORDS = ["Checkout", "Search", "Billing", "Login", "Stock", "Mail", "Reports", "Images"] as const;

/**
 * Fills an organization with incidents of ninety days, each with its alerts and a timeline, as many integrations and
 * people would have left them. Every five hundredth has three hundred alerts.
 */
export async function seedIncidents(
  database: pg.Pool,
  organizationId: string,
  integrationIds: readonly string[],
  scale: SeedScale,
): Promise<void> {
  // The newest has number 1; ids begin with their time, as the program's own do.
  const at = "now() - n * interval '77 seconds'";
  const idAt = (kind: number): string =>
    `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7${kind}008000' || lpad(to_hex(n), 12, '0'))::uuid`;
  const source = `($2::uuid[])[1 + n % ${integrationIds.length}]`;
  const words = `(array['${WORDS.join("','")}'])[1 + n % ${WORDS.length}]`;
  const title = `${words} || ' is slow in cell ' || n % 97 || ' of region ' || n % 7`;
  const severity = "(array['critical','high','high','medium','medium','medium','low','low','info','info'])[1 + n % 10]";
  const isOpen = `n <= ${scale.unresolved}`;
  const alerts = "case when n % 500 = 0 then 300 else 1 + n % 3 end";
  await database.query(
    `insert into incidents (organization_id, id, number, integration_id, group_key, status, severity, title, description,
       labels, links, alert_count, firing_count, signal_count, assignee, created_at, updated_at, acknowledged_at,
       acknowledged_by, resolved_at, resolved_by)
     select $1, ${idAt(1)}, $3 + 1 - n, ${source}, 'seed-' || n,
       case when not ${isOpen} then 'resolved' when n % 4 = 0 then 'acknowledged' else 'open' end,
       ${severity}, ${title}, 'Latency is above its limit.',
       jsonb_build_object('team', 'team-' || n % 12, 'region', 'eu-' || n % 7), '[]',
       ${alerts}, case when ${isOpen} then ${alerts} else 0 end, 3 * (${alerts}),
       case when n % 3 = 0 then 'person-' || n % 20 end, ${at}, ${at},
       case when n % 4 = 0 then ${at} end, case when n % 4 = 0 then 'person-1' end,
       case when ${isOpen} then null else ${at} + interval '1 hour' end, case when ${isOpen} then null else 'source' end
     from generate_series(1, $3::int) n`,
    [organizationId, integrationIds, scale.incidents],
  );
  await database.query(
    `insert into alerts (organization_id, id, integration_id, dedup_key, external_id, status, severity, title, description,
       labels, links, group_key, signal_count, first_seen_at, last_seen_at, firing_since, incident_id)
     select organization_id, gen_random_uuid(), integration_id, group_key || '/' || alert, group_key || '/' || alert,
       case when status = 'resolved' then 'resolved' else 'firing' end, severity, title, '', labels, '[]', group_key, 3,
       created_at, updated_at, case when status = 'resolved' then null else created_at end, id
     from incidents cross join lateral generate_series(1, alert_count) alert
     where organization_id = $1 and group_key like 'seed-%'`,
    [organizationId],
  );
  await database.query(
    `insert into incident_timeline (organization_id, id, incident_id, at, kind, actor, text, details)
     select organization_id, gen_random_uuid(), id, created_at, 'created', 'source', 'Opened by the first alert', '{}'
     from incidents
     where organization_id = $1 and group_key like 'seed-%'`,
    [organizationId],
  );
  await database.query("update organizations set next_incident_number = $2 where id = $1", [
    organizationId,
    scale.incidents + 1,
  ]);
  await database.query("vacuum analyze");
}
