-- SYNTAX TEST "source.sql" "partition clauses and extension calls inside VS Code's own SQL grammar"

CREATE TABLE sales (id int, d date NOT NULL) PARTITION BY RANGE (d);
--                                           ^^^^^^^^^^^^ keyword.other.partition.sql
--                                                        ^^^^^ storage.modifier.partition.strategy.sql
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO (MAXVALUE);
--                      ^^^^^^^^^^^^ keyword.other.partition.sql
--                                         ^^^^^^^^^^ keyword.other.partition.sql
--                                                    ^^^^ keyword.other.partition.bound.sql
--                                                          ^^^^^^^^^^^^ string.quoted.single.sql
--                                                                        ^^ keyword.other.partition.bound.sql
--                                                                            ^^^^^^^^ constant.language.partition.sql
CREATE TABLE sales_rest PARTITION OF sales DEFAULT;
--                      ^^^^^^^^^^^^ keyword.other.partition.sql
CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 4, REMAINDER 0);
--                                         ^^^^ keyword.other.partition.bound.sql
--                                               ^^^^^^^ keyword.other.partition.bound.sql
--                                                       ^ constant.numeric.sql
--                                                          ^^^^^^^^^ keyword.other.partition.bound.sql
CREATE TABLE l_de PARTITION OF l FOR VALUES IN ('de', NULL);
--                                          ^^ keyword.other.partition.bound.sql
ALTER TABLE sales ATTACH PARTITION s FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
--                ^^^^^^^^^^^^^^^^ keyword.other.partition.sql
--                                                                  ^^ keyword.other.partition.bound.sql
ALTER TABLE sales DETACH PARTITION s CONCURRENTLY;
--                ^^^^^^^^^^^^^^^^ keyword.other.partition.sql
ALTER TABLE sales SPLIT PARTITION s INTO (PARTITION a FOR VALUES FROM (1) TO (2), PARTITION b DEFAULT);
--                ^^^^^^^^^^^^^^^ keyword.other.partition.sql
--                                                    ^^^^^^^^^^ keyword.other.partition.sql
--                                                                        ^^ keyword.other.partition.bound.sql
CREATE TABLE test_1 (CHECK (id >= 100 AND id < 200)) INHERITS (test);
--                                                   ^^^^^^^^ keyword.other.partition.sql
SELECT create_range_partitions('range_rel', 'dt', '2010-01-01'::date, '1 month'::interval, 60);
--     ^^^^^^^^^^^^^^^^^^^^^^^ support.function.partition.pathman.sql
SELECT partman.create_parent('public.sales', 'd', '1 month');
--             ^^^^^^^^^^^^^ support.function.partition.partman.sql
SELECT create_distributed_table('sales', 'id');
--     ^^^^^^^^^^^^^^^^^^^^^^^^ support.function.partition.citus.sql
-- PARTITION BY RANGE in a comment stays a comment.
-- <- comment.line.double-dash.sql - keyword.other.partition.sql
SELECT 'PARTITION OF sales';
--      ^^^^^^^^^^^^ string.quoted.single.sql - keyword.other.partition.sql
SELECT sum(x) OVER (PARTITION BY d) FROM sales;
--                  ^^^^^^^^^^^^ - keyword.other.partition.sql
