-- Schemas that code may have made.
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM information_schema.schemata WHERE schema_name = 'app') THEN CREATE SCHEMA app; END IF;
END $$;
CREATE TABLE app.t (n int) PARTITION BY RANGE (n);
CREATE TABLE app.t_1 PARTITION OF app.t FOR VALUES FROM (0) TO (10);
CREATE TYPE app.e AS ENUM ('a');
CREATE VIEW app.v AS SELECT 1 AS x;
CREATE SEQUENCE app.s;
CREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE moved (n int);
ALTER TABLE moved SET SCHEMA app;
SET search_path = app;
CREATE TABLE here (n int);
RESET search_path;
SELECT * FROM app.here;
DO $$ BEGIN EXECUTE 'CREATE SCHEMA ' || 'other'; END $$;
CREATE TABLE other.t (n int);
ALTER TABLE other.t ADD COLUMN x int;
DROP SCHEMA other CASCADE;
