-- When a trigger is told of again, unless whoever looks at it is heard of before: so that it does not wait for a process that died.
alter table conductor.triggers add column again_at bigint not null default 0;
