-- When an attempt at an effect failed last, and since when it is refused for good (null: what it failed by passes): both survive a restart. Epoch milliseconds.
alter table conductor.effects add column failed_at bigint;
alter table conductor.effects add column refused_at bigint;
