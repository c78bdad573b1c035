-- What has no outcome yet is asked for every second, and is little among all that ever was.
create index effects_unfinished on conductor.effects (position) where state in ('intended', 'started');
