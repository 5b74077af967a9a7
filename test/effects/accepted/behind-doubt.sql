-- What a statement makes that seems to be refused, for reasons that a block may have done away with, is there behind it.
CREATE TABLE p (k int, n int, CONSTRAINT p_key PRIMARY KEY (k)) PARTITION BY RANGE (k);
CREATE TABLE a (n int);
CREATE TABLE b (n int);
CREATE TABLE c (n int, m int);
CREATE TYPE e AS ENUM ('x', 'y');
CREATE SCHEMA s;
CREATE TABLE l (k e) PARTITION BY LIST (k);
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT conname, conrelid::regclass AS t FROM pg_constraint WHERE conname LIKE 'p\_key' LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname); END LOOP;
  FOR r IN SELECT oid::regclass AS t FROM pg_class WHERE relname = chr(98) LOOP EXECUTE format('DROP TABLE %s', r.t); END LOOP;
  FOR r IN SELECT oid::regclass AS t FROM pg_class WHERE relname = chr(99) LOOP EXECUTE format('ALTER TABLE %s RENAME COLUMN m TO o', r.t); END LOOP;
  FOR r IN SELECT enumtypid::regtype AS t FROM pg_enum WHERE enumlabel = chr(121) LOOP EXECUTE format('ALTER TYPE %s RENAME VALUE %L TO %L', r.t, 'y', 'z'); END LOOP;
  FOR r IN SELECT nspname FROM pg_namespace WHERE nspname = chr(115) LOOP EXECUTE format('DROP SCHEMA %I', r.nspname); END LOOP;
END $$;
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (n);
CREATE TABLE p_1_1 PARTITION OF p_1 FOR VALUES IN (1);
ALTER TABLE p_1_1 ADD CHECK (n = 1);
ALTER TABLE a RENAME TO b;
CREATE TABLE a (n int);
ALTER TABLE b ADD COLUMN m int;
CREATE VIEW v AS SELECT o FROM c;
COMMENT ON VIEW v IS 'there';
DROP VIEW v;
CREATE INDEX c_o ON c (o);
DROP INDEX c_o;
CREATE TABLE of_c AS SELECT o FROM c;
ALTER TABLE of_c ADD COLUMN q int;
CREATE TABLE l_z PARTITION OF l FOR VALUES IN ('z');
ALTER TABLE l_z RENAME TO l_of_z;
ALTER TYPE e ADD VALUE 'y';
CREATE SCHEMA s;
CREATE SEQUENCE s.n;

-- A view that may have been refused, or of which only the names of the outputs are known, is replaced or not: its types are open.
CREATE TABLE bd_q (a bigint, n numeric);
CREATE VIEW bd_v AS SELECT sum(n) AS s FROM bd_q;
CREATE OR REPLACE VIEW bd_v AS SELECT n + 1 AS s FROM bd_q;
CREATE OR REPLACE VIEW bd_v AS SELECT 5.5 AS s;
SELECT s * 1.5 FROM bd_v;
