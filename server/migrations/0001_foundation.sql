-- The foundation: tenants, configuration, receipts, alerts, incidents, events, deliveries.
-- Every primary key and unique index leads with organization_id. Ids are UUIDv7, so their order is the order of time
-- and partitions by id are partitions by day.

create table settings (
  name text primary key,
  value text not null
);

create table nodes (
  id uuid primary key,
  role text not null check (role in ('all', 'receive', 'work')),
  version text not null,
  lock_key int not null,
  started_at timestamptz not null,
  seen_at timestamptz not null
);

create table organizations (
  id uuid primary key,
  name text not null,
  next_incident_number bigint not null default 1,
  created_at timestamptz not null
);

create table api_keys (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  name text not null,
  role text not null check (role in ('admin', 'responder', 'viewer')),
  key_hash bytea not null check (octet_length(key_hash) = 32),
  key_hint text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (organization_id, id)
);
create index api_keys_hash on api_keys (key_hash);

create table integrations (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  name text not null,
  platform text not null,
  enabled boolean not null default true,
  verification jsonb not null,
  allowed_ips text[] not null default '{}',
  rate_limit jsonb,
  body_limit_bytes int not null default 1048576 check (body_limit_bytes between 1 and 10485760),
  quarantine_limit int not null default 10000 check (quarantine_limit >= 0),
  mapping jsonb,
  grouping jsonb not null default '{"by": ["dedup_key"]}',
  triage jsonb not null default '{}',
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  last_receipt_at timestamptz,
  last_heartbeat_at timestamptz,
  primary key (organization_id, id)
);
create index integrations_by_id on integrations (id);

create table endpoints (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  integration_id uuid,
  name text not null,
  url text not null,
  method text not null default 'POST' check (method in ('POST', 'PUT', 'PATCH', 'DELETE')),
  events text[] not null,
  filter text,
  -- Not jsonb: the body keeps the order of fields that its author chose.
  template json,
  enabled boolean not null default true,
  timeout_seconds real not null default 30,
  retry jsonb not null default '{}',
  circuit jsonb not null default '{}',
  rate_limit jsonb,
  max_in_flight int not null default 10 check (max_in_flight between 1 and 1000),
  delivery_order text not null default 'incident' check (delivery_order in ('incident', 'none')),
  capture jsonb,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, integration_id) references integrations (organization_id, id)
);
create unique index endpoints_of_integration on endpoints (organization_id, integration_id)
  where integration_id is not null and deleted_at is null;

-- Everything that must not be readable in a dump: ciphertext bound to its row by additional authenticated data.
create table secrets (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  owner_kind text not null check (owner_kind in ('integration', 'endpoint')),
  owner_id uuid not null,
  purpose text not null check (purpose in ('signing_secret', 'token', 'password', 'variables', 'headers')),
  ciphertext bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  primary key (organization_id, id)
);
create index secrets_of_owner on secrets (organization_id, owner_kind, owner_id);

-- The breaker of an endpoint, apart from its settings, so that state changes do not touch them.
create table circuits (
  organization_id uuid not null,
  endpoint_id uuid not null,
  state text not null default 'closed' check (state in ('closed', 'open', 'half_open', 'disabled')),
  consecutive_failures int not null default 0,
  failing_delivery_ids uuid[] not null default '{}',
  opened_at timestamptz,
  next_probe_at timestamptz,
  probe_count int not null default 0,
  diagnosis text,
  disabled_reason text,
  updated_at timestamptz not null,
  primary key (organization_id, endpoint_id),
  foreign key (organization_id, endpoint_id) references endpoints (organization_id, id)
);

-- Raw inbound webhooks: written once, never changed; what became of them is in receipt_outcomes.
create table receipts (
  organization_id uuid not null,
  id uuid not null,
  integration_id uuid not null,
  platform text not null,
  received_at timestamptz not null,
  source_ip text not null,
  request_id text not null,
  delivery_id text,
  verified_by text not null,
  headers json not null,
  body bytea not null,
  primary key (organization_id, id)
) partition by range (id);
create index receipts_of_integration on receipts (organization_id, integration_id, id);

-- One webhook keeps one receipt, however often its sender retries, where the sender names it.
create table receipt_delivery_ids (
  organization_id uuid not null,
  integration_id uuid not null,
  delivery_id text not null,
  receipt_id uuid not null,
  received_at timestamptz not null,
  primary key (organization_id, integration_id, delivery_id)
);

-- What triage has still to read. A row goes when its outcome is written, in the same transaction.
create table receipt_queue (
  organization_id uuid not null,
  receipt_id uuid not null,
  integration_id uuid not null,
  attempts smallint not null default 0,
  lease_node uuid,
  lease_until timestamptz,
  last_error text,
  primary key (organization_id, receipt_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

create table receipt_outcomes (
  organization_id uuid not null,
  receipt_id uuid not null,
  integration_id uuid not null,
  status text not null check (status in ('processed', 'ignored', 'quarantined', 'duplicate')),
  reason text,
  alert_ids text[] not null default '{}',
  incident_ids uuid[] not null default '{}',
  trace json not null,
  processed_at timestamptz not null,
  primary key (organization_id, receipt_id)
) partition by range (receipt_id);
create index receipt_outcomes_by_status on receipt_outcomes (organization_id, integration_id, status, receipt_id)
  where status <> 'processed';

create table incidents (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  number bigint not null,
  integration_id uuid not null,
  group_key text not null,
  status text not null check (status in ('open', 'acknowledged', 'resolved')),
  severity text not null check (severity in ('critical', 'high', 'medium', 'low', 'info')),
  title text not null,
  description text not null,
  labels jsonb not null,
  links jsonb not null,
  flapping boolean not null default false,
  alert_count int not null default 0,
  firing_count int not null default 0,
  signal_count bigint not null default 0,
  assignee text,
  edited_fields text[] not null default '{}',
  previous_incident_id uuid,
  merged_into_id uuid,
  snoozed_until timestamptz,
  state_changes timestamptz[] not null default '{}',
  event_sequence int not null default 0,
  update_due_at timestamptz,
  last_update_event_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz,
  resolved_by text,
  version int not null default 1,
  primary key (organization_id, id),
  check ((status = 'resolved') = (resolved_at is not null)),
  check (status <> 'acknowledged' or acknowledged_at is not null)
) with (fillfactor = 80);
create unique index incidents_number on incidents (organization_id, number);
create unique index incidents_open_group on incidents (organization_id, group_key) where status <> 'resolved';
create index incidents_group on incidents (organization_id, group_key, id);
create index incidents_unresolved on incidents (organization_id, id) where status <> 'resolved';
create index incidents_resolved on incidents (resolved_at) where status = 'resolved';
create index incidents_update_due on incidents (update_due_at) where update_due_at is not null;

create table alerts (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  integration_id uuid not null,
  dedup_key text not null,
  external_id text not null,
  status text not null check (status in ('firing', 'resolved')),
  acknowledged boolean not null default false,
  severity text not null check (severity in ('critical', 'high', 'medium', 'low', 'info')),
  title text not null,
  description text not null,
  labels jsonb not null,
  links jsonb not null,
  incident_id uuid,
  group_key text not null,
  fired_at timestamptz,
  resolved_at timestamptz,
  acknowledged_at timestamptz,
  unacknowledged_at timestamptz,
  firing_since timestamptz,
  signal_count bigint not null default 0,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (organization_id, id)
) with (fillfactor = 80);
create unique index alerts_dedup_key on alerts (organization_id, integration_id, dedup_key);
create index alerts_of_incident on alerts (organization_id, incident_id) where incident_id is not null;
create index alerts_stale on alerts (organization_id, integration_id, last_seen_at) where status = 'firing';

create table incident_timeline (
  organization_id uuid not null,
  id uuid not null,
  incident_id uuid not null,
  at timestamptz not null,
  kind text not null,
  actor text not null,
  text text not null,
  details jsonb not null default '{}',
  primary key (organization_id, id)
);
create index incident_timeline_of_incident on incident_timeline (organization_id, incident_id, id);

create table events (
  organization_id uuid not null,
  id uuid not null,
  type text not null,
  incident_id uuid,
  integration_id uuid,
  endpoint_id uuid,
  sequence int not null default 0,
  payload json not null,
  created_at timestamptz not null,
  primary key (organization_id, id)
-- Payloads of a few kilobytes stay in the row as they are: to compress each would cost more than all else of an event.
) with (toast_tuple_target = 8160);
create index events_of_incident on events (organization_id, incident_id, id) where incident_id is not null;

-- One event to one endpoint. `parked` is not stored: it is `pending` while the endpoint cannot be sent to, so that
-- opening a circuit before a million waiting deliveries is one row.
create table deliveries (
  organization_id uuid not null,
  id uuid not null,
  event_id uuid not null,
  event_type text not null,
  event_at timestamptz not null,
  endpoint_id uuid not null,
  incident_id uuid,
  sequence int not null default 0,
  status text not null check (status in ('pending', 'in_flight', 'succeeded', 'exhausted', 'cancelled')),
  attempt_count int not null default 0,
  -- Attempts that count for the retry policy, and the moment from which its horizon runs; a retry by hand starts both anew.
  retry_count int not null default 0,
  retry_since timestamptz,
  next_attempt_at timestamptz,
  lease_node uuid,
  lease_until timestamptz,
  last_error jsonb,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (organization_id, id),
  -- Pending without a moment: it waits for its turn behind an earlier delivery of its incident to the same endpoint.
  check (next_attempt_at is null or status = 'pending'),
  check ((status = 'in_flight') = (lease_node is not null and lease_until is not null)),
  check ((status in ('succeeded', 'exhausted', 'cancelled')) = (finished_at is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
create unique index deliveries_event_endpoint on deliveries (organization_id, event_id, endpoint_id);
create index deliveries_due on deliveries (organization_id, endpoint_id, next_attempt_at, id) where status = 'pending';
create index deliveries_unfinished on deliveries (organization_id, endpoint_id, incident_id, sequence, id)
  where incident_id is not null and finished_at is null;
create index deliveries_waiting_turn on deliveries (id) where status = 'pending' and next_attempt_at is null;
create index deliveries_leased on deliveries (organization_id, endpoint_id, lease_until) where status = 'in_flight';
create index deliveries_exhausted on deliveries (organization_id, id) where status = 'exhausted';
create index deliveries_of_incident on deliveries (organization_id, incident_id, id) where incident_id is not null;
create index deliveries_of_endpoint on deliveries (organization_id, endpoint_id, id);

-- What an endpoint's answers told of an incident, such as the number of a ticket, for later deliveries of that incident.
create table links (
  organization_id uuid not null,
  endpoint_id uuid not null,
  incident_id uuid not null,
  captured jsonb not null,
  updated_at timestamptz not null,
  primary key (organization_id, endpoint_id, incident_id)
);

-- One HTTP try each: written once, never changed, dropped by the day.
create table attempts (
  organization_id uuid not null,
  id uuid not null,
  delivery_id uuid not null,
  number int not null,
  started_at timestamptz not null,
  reason text,
  status_code int,
  message text,
  timing json,
  request json not null,
  response json,
  node_id uuid not null,
  primary key (organization_id, id)
) partition by range (id);
create index attempts_of_delivery on attempts (organization_id, delivery_id, number);

create table idempotency_keys (
  organization_id uuid not null,
  key text not null,
  fingerprint bytea not null,
  status int,
  response json,
  created_at timestamptz not null,
  primary key (organization_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (organization_id, created_at);
