-- pg_pathman as its first README introduces it: calls that later versions do not have tell which one is meant.
-- Else the setting partitionLens.pathmanVersion says it, or CREATE EXTENSION … VERSION.
-- The calls make partitions; what stands above the queries says which of them pg_pathman reads.

CREATE TABLE hash_rel (
    id      SERIAL PRIMARY KEY,
    value   INTEGER);
INSERT INTO hash_rel (value) SELECT g FROM generate_series(1, 10000) as g;
SELECT create_hash_partitions('hash_rel', 'value', 100);
SELECT partition_data('hash_rel');
SELECT * FROM hash_rel WHERE value = 1234;
EXPLAIN SELECT * FROM hash_rel WHERE value = 1234;
EXPLAIN SELECT * FROM ONLY hash_rel;

CREATE TABLE range_rel (
    id SERIAL PRIMARY KEY,
    dt TIMESTAMP);
INSERT INTO range_rel (dt) SELECT g FROM generate_series('2010-01-01'::date, '2014-12-31'::date, '1 day') as g;
SELECT create_range_partitions('range_rel', 'dt', '2010-01-01'::date, '1 month'::interval, 60);
SELECT partition_data('range_rel');
SELECT merge_range_partitions('range_rel_1', 'range_rel_2');
SELECT split_range_partition('range_rel_1', '2010-02-15'::date);
SELECT append_partition('range_rel');
SELECT * FROM range_rel WHERE dt >= '2012-04-30' AND dt <= '2012-05-01';
EXPLAIN SELECT * FROM range_rel WHERE dt >= '2012-04-30' AND dt <= '2012-05-01';

SELECT disable_partitioning('range_rel');

CREATE TABLE range_rel_archive (CHECK (dt >= '2000-01-01' AND dt < '2010-01-01')) INHERITS (range_rel);
SELECT on_update_partitions('range_rel'::regclass::oid);

SELECT on_remove_partitions('range_rel'::regclass::oid);
DROP TABLE range_rel CASCADE;
DELETE FROM pathman_config WHERE relname = 'public.range_rel';
