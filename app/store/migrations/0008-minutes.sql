-- What the processes of one database tell each other of an installation's minute at GitHub. A minute old it means nothing, so no crash has to be survived.
create unlogged table conductor.minutes (
  installation bigint primary key,
  version bigint not null,
  told text not null
);
