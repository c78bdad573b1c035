-- Which rollout has an environment of a repository to itself. No release: it is free. The fence rises with every holder and never falls.
create table conductor.environments (
  repository_id bigint not null,
  environment text not null,
  release_key text,
  version text,
  rollout bigint,
  since bigint,
  fence bigint not null,
  primary key (repository_id, environment)
);
