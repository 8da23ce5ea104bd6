-- How fast an endpoint is sent to, shared by all nodes: beside its breaker, because the two are decided together.
alter table circuits
  -- At most so many requests at a time over all nodes; null while the endpoint's own max_in_flight is all that holds.
  add column in_flight_limit int check (in_flight_limit >= 1),
  -- Below it the limit doubles, from it on it grows by one.
  add column doubling_below int not null default 0,
  -- Nothing is sent before: the receiver asked for it with Retry-After.
  add column held_until timestamptz,
  add column pace_reason text check (pace_reason in ('rate_limited', 'overloaded', 'slow', 'catching_up')),
  add column lowered_at timestamptz,
  add check ((in_flight_limit is null and held_until is null) or pace_reason is not null);
-- Nodes look for what others have changed since they looked last.
create index circuits_changed on circuits (updated_at);
alter table circuits set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 200);
