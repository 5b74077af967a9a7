-- Views and tables of which the outputs are computed: where it is not certain that they are there, they are in nobody's way.
CREATE TABLE t (n int);
INSERT INTO t VALUES (0);
CREATE MATERIALIZED VIEW m AS SELECT 1 / n AS x FROM t;
CREATE TABLE m (k int);
DROP TABLE t;
CREATE TABLE t (n int);
DROP TABLE m;
---
CREATE TABLE t (n int);
INSERT INTO t VALUES (0);
CREATE TABLE m AS SELECT 1 / n AS x FROM t;
CREATE VIEW m AS SELECT count(*) AS n FROM t;
ALTER TABLE t ADD x int;
ALTER TABLE t DROP COLUMN x;
DROP VIEW m;
DROP TABLE t;
---
CREATE TABLE t (n int);
INSERT INTO t VALUES (0);
CREATE VIEW v AS SELECT 1 / n AS x FROM t;
CREATE MATERIALIZED VIEW m AS SELECT max(x) AS x FROM v;
CREATE TABLE m (k int);
DROP TABLE m;
DROP TABLE t; -- refused
---
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a + 0 AS x FROM t;
ALTER TABLE t DROP COLUMN a; -- refused
CREATE OR REPLACE VIEW v AS SELECT b || 'x' AS x FROM t;
ALTER TABLE t DROP COLUMN b;
---
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT a + 0 AS x FROM t;
CREATE OR REPLACE VIEW v AS SELECT b + 0 AS x FROM t;
ALTER TABLE t DROP COLUMN a;
---
CREATE TABLE t (n int);
CREATE VIEW v AS SELECT count(*) AS n FROM t;
DO $$ BEGIN EXECUTE 'DROP VIEW ' || 'v'; END $$;
DROP TABLE t;
CREATE TABLE v (n int);
---
CREATE TABLE t (n int);
CREATE VIEW v AS SELECT count(*) AS n FROM t;
DO $$ BEGIN IF current_setting('is_superuser') = 'on' THEN DROP VIEW v; END IF; END $$;
DROP TABLE t;
CREATE TABLE v (n int);
---
DO $$ BEGIN IF current_setting('is_superuser') = 'off' THEN CREATE TABLE a (n int); END IF; END $$;
CREATE TABLE t (n int);
CREATE VIEW v AS SELECT count(*) AS n FROM t, a;
ALTER TABLE t DROP COLUMN n;
CREATE TABLE v (n int);
DROP TABLE t;
---
CREATE TABLE t (a int, b int, c int);
CREATE VIEW v AS SELECT count(*) AS n FROM t WHERE b > 0;
ALTER TABLE t DROP COLUMN a;
ALTER TABLE t DROP COLUMN b; -- refused
ALTER TABLE t ALTER COLUMN c TYPE bigint;
DROP VIEW v;
ALTER TABLE t DROP COLUMN b;
DROP TABLE t;
---
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT count(*) AS n FROM t;
CREATE VIEW w AS SELECT n + 1 AS n FROM v;
DROP VIEW v; -- refused
DROP VIEW v CASCADE;
CREATE TABLE v (n int);
CREATE TABLE w (n int);
DROP TABLE t;
---
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT count(*) AS n FROM t;
ALTER VIEW v RENAME TO w;
CREATE TABLE v (n int);
CREATE TABLE w (n int); -- refused
DROP TABLE t; -- refused
ALTER VIEW w RENAME COLUMN n TO m;
DROP VIEW w;
DROP TABLE t;
---
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE MATERIALIZED VIEW m AS SELECT a, max(b) FILTER (WHERE b > 0) AS b, t.b AS c FROM t GROUP BY a;
CREATE VIEW v AS SELECT a, b + 1 AS b FROM t GROUP BY a;
CREATE VIEW w AS SELECT b || '' AS b FROM v;
ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE;
CREATE TABLE w (k int);
CREATE TABLE v (k int);
CREATE TABLE m (k int);
---
create table p (id int, k int, n numeric);
create table filled as select k, max(n) as m from p group by k;
alter table filled add column extra int;
select extra, m from filled;
create table child () inherits (filled);
select m, extra from child;
create view v as select k, count(*) as c from p group by k;
create or replace view v as select k, count(*) as c, max(n) as m from p group by k;
select m from v;
alter table v rename column c to how_many;
select how_many, m from v;
create or replace view v as select k, count(*) as how_many, max(n) as m, min(n) from p group by k;
select min from v;
---
create table s (id int, region text);
create view joined as select * from s natural join (select region, max(id) as top from s group by region) q;
select top, id from joined;
create view listed as select * from s join generate_series(1, 3) as g on g = s.id;
select g, region from listed;
create or replace view listed as select s.id, s.region, g from s cross join generate_series(1, 3) as g;
create table copied as select * from s left join (values (1, 'x')) as v (k, word) on k = id;
select word, region from copied;
insert into copied (id, region, k, word) values (1, 'a', 1, 'b');
