-- What an outage leaves behind: collapsing what waits, making again what was missed, working off many deliveries at a
-- pace, and a ledger that says whether anything was lost.

alter table endpoints add column collapse boolean not null default false;

alter table deliveries
  -- Why it was called off; of a delivery that another one speaks for, which one that is.
  add column cancel_reason text
    check (cancel_reason in ('by_hand', 'endpoint_deleted', 'collapsed', 'resent')),
  add column replaced_by uuid,
  -- Set where somebody asked for the same event once more under a new webhook-id.
  add column resend_of uuid,
  add constraint deliveries_cancel_reason check (cancel_reason is null or status = 'cancelled');

-- An event keeps one delivery to an endpoint for ever, and each delivery is sent anew at most once.
drop index deliveries_event_endpoint;
create unique index deliveries_event_endpoint on deliveries (organization_id, event_id, endpoint_id, resend_of)
  nulls not distinct;

-- One entry for every delivery that the event must have, written by whoever matched it: what the ledger is held against.
alter table events add column matched_endpoint_ids uuid[] not null default '{}';

-- The same by endpoint and by day of the events' ids: appended without a lock, folded by a duty.
create table ledger_entries (
  organization_id uuid not null,
  id uuid not null default gen_random_uuid(),
  endpoint_id uuid not null,
  -- Days since 1970 by the time in the event's id.
  day int not null,
  matched bigint not null,
  primary key (organization_id, id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

create table ledger_days (
  organization_id uuid not null,
  endpoint_id uuid not null,
  day int not null,
  matched bigint not null,
  -- Deliveries less `matched` when it was last looked at.
  difference bigint not null default 0,
  checked_at timestamptz,
  primary key (organization_id, endpoint_id, day)
);
create index ledger_days_by_check on ledger_days (checked_at nulls first);
create index ledger_days_unbalanced on ledger_days (organization_id, endpoint_id, day) where difference <> 0;

-- What was there before is taken as it is.
insert into ledger_days (organization_id, endpoint_id, day, matched)
select organization_id, endpoint_id,
  (('x' || translate(left(event_id::text, 13), '-', ''))::bit(48)::bigint / 86400000)::int, count(*)
from deliveries
group by 1, 2, 3;
update events
set matched_endpoint_ids = array(
  select deliveries.endpoint_id
  from deliveries
  where deliveries.organization_id = events.organization_id and deliveries.event_id = events.id
);

-- Many deliveries or events worked off at a pace, a few at a time, by whichever node is free.
create table bulk_runs (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  kind text not null check (kind in ('retry', 'resend', 'cancel', 'replay_missing')),
  selection jsonb not null,
  per_second real check (per_second > 0),
  most int not null check (most > 0),
  status text not null default 'running' check (status in ('running', 'stopped', 'finished')),
  matched int not null,
  done int not null default 0,
  skipped int not null default 0,
  failed int not null default 0,
  -- The last delivery or event that was looked at.
  after_id uuid not null,
  next_step_at timestamptz,
  last_error text,
  started_by text not null,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  primary key (organization_id, id),
  check ((status = 'running') = (next_step_at is not null)),
  check ((status = 'running') = (finished_at is null))
);
create index bulk_runs_due on bulk_runs (next_step_at) where status = 'running';
