-- The Merkle tree over each chain, as the roots that the next entry needs: hex digits, at most log2(length) + 1 hashes. Null until the next entry is
-- appended to a chain that is older than this column; it is then made of the entries.
alter table conductor.chains add column frontier text;
