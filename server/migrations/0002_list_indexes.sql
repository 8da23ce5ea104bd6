-- What the lists of the API are narrowed by, so that a rare value does not mean walking over everything.
create index incidents_of_integration on incidents (organization_id, integration_id, id);
create index incidents_by_severity on incidents (organization_id, severity, id);
create index alerts_of_integration on alerts (organization_id, integration_id, id);

-- Words of the titles of resolved incidents. Unresolved ones are few and searched as they are, so that opening an
-- incident does not pay for this. Punctuation parts words: a host name is found by any of its parts.
create index incidents_words on incidents
  using gin (to_tsvector('simple', translate(title, '-_./:@%,;#+=()[]{}<>|"''\', '                        ')))
  where status = 'resolved';
