-- The spine. JSON documents are text: jsonb refuses U+0000 and rewrites numbers, and the hash chain must see what was written.

create table conductor.releases (
  key text primary key,
  repository_id bigint not null,
  state text not null,
  revision bigint not null,
  due_at bigint,
  record text not null
);
create index releases_repository on conductor.releases (repository_id);
create index releases_due on conductor.releases (due_at) where due_at is not null;

create table conductor.leases (
  key text primary key,
  owner text,
  fence bigint not null,
  expires_at bigint not null
);

create table conductor.effects (
  key text primary key,
  release_key text not null,
  position bigint generated always as identity,
  effect text not null,
  state text not null check (state in ('intended', 'started', 'done', 'failed')),
  outcome text,
  error text,
  attempts integer not null default 0
);
create index effects_release on conductor.effects (release_key, position);

create table conductor.verdicts (
  release_key text not null,
  sha text not null,
  gate text not null,
  env text not null,
  verdict text not null,
  primary key (release_key, sha, gate, env)
);

create table conductor.sources (
  release_key text not null,
  source text not null,
  primary key (release_key, source)
);

create table conductor.evidence (
  position bigint generated always as identity primary key,
  release_key text not null,
  sha text not null,
  source text not null,
  row text not null
);
create index evidence_release on conductor.evidence (release_key, sha, position);

create table conductor.rejections (
  position bigint generated always as identity primary key,
  release_key text not null,
  row text not null
);
create index rejections_release on conductor.rejections (release_key, position);

create table conductor.blobs (
  sha256 text primary key,
  bytes bytea not null
);

create table conductor.samples (
  release_key text not null,
  step text not null,
  at bigint not null,
  sample text not null,
  primary key (release_key, step, at)
);

-- One row per chain: the place where writers of one release queue.
create table conductor.chains (
  release_key text primary key,
  length bigint not null,
  root text
);

create table conductor.ledger (
  release_key text not null,
  index bigint not null,
  at text not null,
  type text not null,
  data text not null,
  previous text,
  hash text not null,
  primary key (release_key, index)
);

create function conductor.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only' using errcode = 'RC001';
end
$$;
create trigger ledger_append_only before update or delete or truncate on conductor.ledger for each statement execute function conductor.refuse_change();

-- Deliveries of GitHub, once each. The body goes when the delivery is handled; its digest stays.
create table conductor.inbox (
  app_id text not null,
  hook_id text not null,
  guid text not null,
  position bigint generated always as identity,
  event text not null,
  sha256 text not null,
  body bytea,
  received_at bigint not null,
  state text not null check (state in ('received', 'handled', 'failed')),
  attempts integer not null default 0,
  due_at bigint not null,
  error text,
  primary key (app_id, hook_id, guid)
);
create index inbox_due on conductor.inbox (due_at, position) where state = 'received';

-- A second body under a delivery id that was used already: kept, never handled.
create table conductor.inbox_conflicts (
  app_id text not null,
  hook_id text not null,
  guid text not null,
  sha256 text not null,
  event text not null,
  body bytea not null,
  received_at bigint not null,
  primary key (app_id, hook_id, guid, sha256)
);

-- What waits to be looked at. A burst for one release is one job of the queue and several rows here.
create table conductor.triggers (
  id bigint generated always as identity primary key,
  key text not null,
  trigger text not null
);
create index triggers_key on conductor.triggers (key, id);
