-- Who is logged in on the pages. Of the cookie only its digest is kept; GitHub's token is kept nowhere.
create table conductor.sessions (
  digest text primary key,
  user_id bigint not null,
  login text not null,
  began_at bigint not null,
  seen_at bigint not null
);
create index sessions_user on conductor.sessions (user_id, began_at);
