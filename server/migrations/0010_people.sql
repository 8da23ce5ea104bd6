-- People: who signs in, their sessions, one-time links, and the record of every change.

create table users (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  name text not null,
  -- In lower case.
  email text not null,
  role text not null check (role in ('admin', 'responder', 'viewer')),
  -- Algorithm, parameters, salt and hash in one text; null while the person has none.
  password_hash text,
  oidc_issuer text,
  oidc_subject text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  disabled_at timestamptz,
  last_signed_in_at timestamptz,
  version int not null default 1,
  primary key (organization_id, id),
  check ((oidc_issuer is null) = (oidc_subject is null))
);
create unique index users_email on users (organization_id, email);
create unique index users_oidc on users (organization_id, oidc_issuer, oidc_subject) where oidc_subject is not null;
-- Who signs in names no organization.
create index users_by_email on users (email);
create index users_by_oidc on users (oidc_issuer, oidc_subject) where oidc_subject is not null;

create table sessions (
  organization_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  token_hash bytea not null check (octet_length(token_hash) = 32),
  method text not null check (method in ('password', 'link', 'oidc')),
  address text not null,
  user_agent text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, user_id) references users (organization_id, id) on delete cascade
);
create index sessions_hash on sessions (token_hash);
create index sessions_of_user on sessions (organization_id, user_id, id);
create index sessions_by_expiry on sessions (expires_at);

-- Links that work once: set-up of the first administrator, invites, new passwords.
create table one_time_links (
  organization_id uuid not null references organizations (id),
  id uuid not null,
  purpose text not null check (purpose in ('setup', 'invite', 'reset')),
  user_id uuid,
  token_hash bytea not null check (octet_length(token_hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (organization_id, id),
  foreign key (organization_id, user_id) references users (organization_id, id) on delete cascade,
  check ((purpose = 'setup') = (user_id is null))
);
create index one_time_links_hash on one_time_links (token_hash);
create index one_time_links_of_user on one_time_links (organization_id, user_id);

-- Attempts to sign in, by the hash of what is limited. Whoever tries names no organization yet.
create table sign_in_attempts (
  subject_hash bytea primary key check (octet_length(subject_hash) = 32),
  count int not null,
  since timestamptz not null
);
create index sign_in_attempts_by_age on sign_in_attempts (since);

alter table api_keys add column created_by jsonb;

-- Who changed what through the API: written with the change, never changed, dropped by the month.
create table audit_entries (
  organization_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('user', 'api_key', 'anonymous', 'operator')),
  actor_id uuid,
  actor_name text not null,
  address text not null,
  request_id text not null,
  action text not null,
  object_kind text not null,
  object_id text,
  object_name text,
  changes json not null,
  primary key (organization_id, id)
) partition by range (id);
create index audit_entries_of_object on audit_entries (organization_id, object_kind, object_id, id);
create index audit_entries_of_actor on audit_entries (organization_id, actor_id, id);
create index audit_entries_of_action on audit_entries (organization_id, action, id);
