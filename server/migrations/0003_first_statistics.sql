-- Statistics from the first day: PostgreSQL knows nothing of an empty table, takes any index that begins with
-- organization_id for as good as the unique one, and so reads a whole organization to find one row, until its own
-- service comes after a minute. Rows as they will be are looked at once and removed; what was learnt stays.

insert into organizations (id, name, created_at)
values ('00000000-0000-7000-8000-0000000000aa', 'statistics', now());

insert into incidents (organization_id, id, number, integration_id, group_key, status, severity, title, description,
  labels, links, created_at, updated_at, resolved_at)
select '00000000-0000-7000-8000-0000000000aa', gen_random_uuid(), n, '00000000-0000-7000-8000-0000000000bb',
  'group ' || n, case when n % 2 = 0 then 'open' else 'resolved' end, 'high', 'title', 'description', '{}', '[]', now(),
  now(), case when n % 2 = 0 then null else now() end
from generate_series(1, 1000) n;

insert into alerts (organization_id, id, integration_id, dedup_key, external_id, status, severity, title, description,
  labels, links, incident_id, group_key, first_seen_at, last_seen_at)
select '00000000-0000-7000-8000-0000000000aa', gen_random_uuid(), '00000000-0000-7000-8000-0000000000bb',
  'key ' || n, 'key ' || n, case when n % 2 = 0 then 'firing' else 'resolved' end, 'high', 'title', 'description', '{}',
  '[]', gen_random_uuid(), 'group ' || n, now(), now()
from generate_series(1, 1000) n;

insert into incident_timeline (organization_id, id, incident_id, at, kind, actor, text)
select '00000000-0000-7000-8000-0000000000aa', gen_random_uuid(), gen_random_uuid(), now(), 'opened', 'nobody', 'text'
from generate_series(1, 1000) n;

insert into events (organization_id, id, type, incident_id, integration_id, sequence, payload, created_at)
select '00000000-0000-7000-8000-0000000000aa', gen_random_uuid(), 'incident.created', gen_random_uuid(),
  '00000000-0000-7000-8000-0000000000bb', 1, '{}', now()
from generate_series(1, 1000) n;

insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, sequence, status,
  next_attempt_at, created_at, finished_at)
select '00000000-0000-7000-8000-0000000000aa', gen_random_uuid(), gen_random_uuid(), 'incident.created', now(),
  '00000000-0000-7000-8000-0000000000cc', gen_random_uuid(), 1,
  case when n % 2 = 0 then 'pending' else 'succeeded' end,
  case when n % 2 = 0 then now() + n * interval '1 second' end, now(), case when n % 2 = 0 then null else now() end
from generate_series(1, 1000) n;

analyze incidents, alerts, incident_timeline, events, deliveries;

delete from deliveries where organization_id = '00000000-0000-7000-8000-0000000000aa';
delete from events where organization_id = '00000000-0000-7000-8000-0000000000aa';
delete from incident_timeline where organization_id = '00000000-0000-7000-8000-0000000000aa';
delete from alerts where organization_id = '00000000-0000-7000-8000-0000000000aa';
delete from incidents where organization_id = '00000000-0000-7000-8000-0000000000aa';
delete from organizations where id = '00000000-0000-7000-8000-0000000000aa';
