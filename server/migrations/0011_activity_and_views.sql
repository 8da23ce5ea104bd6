-- Figures and views for people: what happened by hour, the last refused webhooks and failed attempts, saved views.

-- Counts of one subject (an integration or an endpoint) in one bucket of time. Nodes add to them every few seconds,
-- outside the transactions that do the work. Buckets of five minutes serve the last hour, those of an hour a week.
create table activity (
  organization_id uuid not null,
  span_seconds int not null check (span_seconds in (300, 3600)),
  bucket timestamptz not null,
  subject_id uuid not null,
  measure text not null,
  count bigint not null,
  primary key (organization_id, span_seconds, bucket, subject_id, measure)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- The last refused webhooks of an integration, a sample without bodies. Never receipts: nobody was told 200.
create table refusals (
  organization_id uuid not null,
  integration_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  code text not null,
  status int not null,
  reason text,
  source_ip text,
  request_id text not null,
  body_bytes bigint,
  details jsonb not null,
  primary key (organization_id, integration_id, id)
);

-- The last failed attempt of an endpoint, so that a list of endpoints need not look through attempts.
create table endpoint_failures (
  organization_id uuid not null,
  endpoint_id uuid not null,
  delivery_id uuid not null,
  at timestamptz not null,
  reason text not null,
  status_code int,
  message text,
  primary key (organization_id, endpoint_id)
) with (fillfactor = 70);

create table saved_views (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  -- `user:<id>` or `key:<id>`.
  owner text not null,
  owner_name text not null,
  name text not null,
  page text not null,
  query text not null,
  is_shared boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (organization_id, id)
);
create index saved_views_of_owner on saved_views (organization_id, owner, id);
create index saved_views_shared on saved_views (organization_id, id) where is_shared;
