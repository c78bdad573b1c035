-- Security keys of people: public halves, and nothing that signs.
create table conductor.keys (
  id text primary key,
  user_id bigint not null,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  registered_at bigint not null,
  counts_from bigint not null,
  used_at bigint
);
create index keys_user on conductor.keys (user_id, registered_at);

-- What a key is asked to sign: by one person, about one thing, once, for minutes.
create table conductor.challenges (
  id text primary key,
  user_id bigint not null,
  about text not null,
  nonce text not null,
  expires_at bigint not null
);
create index challenges_user on conductor.challenges (user_id, expires_at);
