-- A person's hold outlives what is let through meanwhile; one delivery may pass everything that holds its endpoint back.
alter table circuits
  add column held_by text,
  add column forced_delivery_id uuid;
update circuits
set held_by = 'a person'
where state = 'open' and next_probe_at is null;

-- Which of the operator's forward proxies an endpoint takes; null for what holds for all.
alter table endpoints add column proxy text;

-- What the check of a day has counted, so that figures of many deliveries need not be counted when they are asked for.
alter table ledger_days
  add column counted_at timestamptz,
  -- Of all endpoints together: what a count of the day costs.
  add column day_deliveries bigint not null default 0,
  add column succeeded bigint not null default 0,
  add column waiting bigint not null default 0,
  add column in_flight bigint not null default 0,
  add column exhausted bigint not null default 0,
  add column cancelled bigint not null default 0;

-- Days whose figures go on changing, so that they are counted more often than others.
create index ledger_days_unfinished on ledger_days (counted_at) where waiting + in_flight > 0;

-- False when there were more than were counted before the run began.
alter table bulk_runs add column is_matched_exact boolean not null default true;

-- Retention looks for these by their age; all others leave with their incident.
create index events_without_incident on events (organization_id, id) where incident_id is null;
