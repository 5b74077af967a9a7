-- Functions of the script may raise errors: in an event trigger, in what DDL computes of rows. What the statement would have done is not claimed then.
CREATE TABLE m (d date NOT NULL) PARTITION BY RANGE (d);
CREATE FUNCTION abort_any() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'command % is disabled', tg_tag; END $$;
CREATE EVENT TRIGGER abort_ddl ON ddl_command_start EXECUTE PROCEDURE abort_any();
-- untold
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
-- untold
CREATE SCHEMA s;
-- untold
CREATE TYPE e AS ENUM ('a');
DROP EVENT TRIGGER abort_ddl;
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE SCHEMA s;
CREATE TYPE e AS ENUM ('b');

CREATE TABLE kept (n int);
CREATE FUNCTION keep() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  o record;
BEGIN
  FOR o IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
    IF o.object_type = 'table' AND o.object_identity = 'public.kept' THEN
      RAISE EXCEPTION '% is kept', o.object_identity;
    END IF;
  END LOOP;
END $$;
CREATE EVENT TRIGGER keeps ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE PROCEDURE keep();
-- untold
DROP TABLE kept;
CREATE TABLE other (n int);
CREATE TABLE other (n int);
DROP TABLE other;
DROP EVENT TRIGGER keeps;
DROP TABLE kept;

-- Of rows, and of defaults, which give rows that are there a value.
CREATE FUNCTION fails() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE FUNCTION positive(i int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF i <= 0 THEN RAISE EXCEPTION 'not positive'; END IF;
  RETURN true;
END $$;
CREATE TABLE t (a int);
INSERT INTO t VALUES (0), (1);
-- untold
ALTER TABLE t ADD COLUMN b int DEFAULT fails();
ALTER TABLE t ADD COLUMN b int;
-- untold
CREATE INDEX t_i ON t (positive(a));
CREATE INDEX t_i ON t (a);
-- untold
CREATE INDEX t_j ON t ((1 / a));
CREATE INDEX t_j ON t (a);
-- untold
ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (1 / a) STORED;
ALTER TABLE t ADD COLUMN c int;
-- untold
CREATE TABLE made AS SELECT fails() AS n FROM t;
CREATE TABLE made (n int);
-- untold
CREATE MATERIALIZED VIEW seen AS SELECT positive(a) AS n FROM t;
CREATE TABLE seen (n int);

-- What is only stored raises nothing, so the transaction is not undone: what it leaves is told.
BEGIN;
CREATE FUNCTION next_id() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('app.node', true) = 'x' THEN RAISE EXCEPTION 'no node'; END IF;
  RETURN 'id';
END $$;
CREATE FUNCTION check_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.d < '2000-01-01' THEN RAISE EXCEPTION 'too old'; END IF;
  RETURN NEW;
END $$;
CREATE DOMAIN count_of AS int CHECK (positive(VALUE));
CREATE TABLE p (id text DEFAULT next_id(), n count_of, i int CHECK (positive(i)), d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE INDEX ON p (positive(i));
ALTER TABLE p ADD CONSTRAINT p_d CHECK (positive(i + 1)), ADD COLUMN note text;
COMMIT;
CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM ('2024-01-15') TO ('2024-02-15');
CREATE TABLE p (n int);

-- An index and a constraint are in doubt by themselves, and the table is not.
CREATE TABLE q (a int, d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE q_1 PARTITION OF q FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
INSERT INTO q VALUES (0, '2024-01-05');
-- untold
CREATE INDEX q_i ON q (positive(a));
CREATE INDEX q_i ON q (a);
-- untold
ALTER TABLE q ADD CONSTRAINT q_c CHECK (positive(a));
ALTER TABLE q ADD CONSTRAINT q_c CHECK (a < 5);
CREATE TABLE q_2 PARTITION OF q FOR VALUES FROM ('2024-01-15') TO ('2024-02-15');
