-- Commands that were given on a release's page, until a change of the release answers them; then the ledger holds what they said.
create table conductor.page_orders (
  id text primary key,
  position bigint generated always as identity,
  release_key text not null,
  page_order text not null
);
create index page_orders_release on conductor.page_orders (release_key, position);
