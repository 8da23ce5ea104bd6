-- The end of a lease is moved every ten seconds for all that a node holds. Without it in the index these are updates in
-- place; few deliveries are under way at a time, so looking at all of them for those whose lease has ended costs little.
create index deliveries_under_way on deliveries (organization_id, endpoint_id) where status = 'in_flight';
drop index deliveries_leased;
