-- Endpoints can prove who calls: a token, a password, a client's credentials, a client certificate.
alter table secrets drop constraint secrets_purpose_check;
alter table secrets add constraint secrets_purpose_check check (
  purpose in ('signing_secret', 'token', 'password', 'variables', 'headers', 'auth', 'client_certificate'));
