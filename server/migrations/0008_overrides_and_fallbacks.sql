-- Endpoints that use another method, URL or template for some events, and endpoints that another one stands in for.

alter table endpoints
  add column overrides json not null default '{}',
  add column fallback jsonb;

-- A delivery that may still be told to the fallback of its endpoint, and one that was made by that.
alter table deliveries
  add column can_fail_over boolean not null default false,
  add column failover_of uuid,
  add column failover jsonb,
  add constraint deliveries_failover_check check ((failover_of is null) = (failover is null));

-- Empty while no endpoint has a fallback.
create index deliveries_may_fail_over on deliveries (organization_id, endpoint_id, id)
  where can_fail_over and status = 'pending';
-- A delivery fails over once.
create unique index deliveries_failover_of on deliveries (organization_id, failover_of)
  where failover_of is not null;
