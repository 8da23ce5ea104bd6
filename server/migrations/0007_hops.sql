-- How often what an incident is made of went through an Overwatch already. Only incidents that came from one have a row.
create table incident_hops (
  organization_id uuid not null references organizations (id),
  incident_id uuid not null,
  hops smallint not null check (hops > 0),
  primary key (organization_id, incident_id)
);
