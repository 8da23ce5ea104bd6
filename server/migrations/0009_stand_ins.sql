-- A delivery whose stand-in at a fallback was taken, and which nobody wants any more, is called off for that reason.
alter table deliveries
  drop constraint deliveries_cancel_reason_check,
  add constraint deliveries_cancel_reason_check
    check (cancel_reason in ('by_hand', 'endpoint_deleted', 'collapsed', 'resent', 'failed_over'));
