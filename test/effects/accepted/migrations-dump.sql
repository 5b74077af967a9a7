-- Statements as pg_dump and administrators write them.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA app;
ALTER SCHEMA app OWNER TO CURRENT_USER;
COMMENT ON SCHEMA app IS 'the application';
CREATE DOMAIN app.email AS text CONSTRAINT email_check CHECK ((VALUE ~ '^[^@]+@[^@]+$'::text));
CREATE TYPE app.address AS (street text, zip character varying(10));
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at = now();
  RETURN NEW;
END;
$$;
ALTER FUNCTION app.touch() OWNER TO CURRENT_USER;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE app.customer (
    id integer NOT NULL,
    mail app.email,
    home app.address,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    balance numeric(12,2) DEFAULT 0.00 NOT NULL,
    CONSTRAINT customer_balance_check CHECK ((balance >= (0)::numeric))
);
CREATE SEQUENCE app.customer_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE app.customer_id_seq OWNED BY app.customer.id;
CREATE TABLE app.measurement (id bigint NOT NULL, logdate date NOT NULL, customer_id integer, peaktemp integer) PARTITION BY RANGE (logdate);
CREATE TABLE app.measurement_y2024 (id bigint NOT NULL, logdate date NOT NULL, customer_id integer, peaktemp integer);
ALTER TABLE app.measurement ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME app.measurement_id_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1);
ALTER TABLE ONLY app.measurement ATTACH PARTITION app.measurement_y2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER TABLE ONLY app.customer ALTER COLUMN id SET DEFAULT nextval('app.customer_id_seq'::regclass);
SELECT pg_catalog.setval('app.customer_id_seq', 1, false);
ALTER TABLE ONLY app.customer ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY app.measurement ADD CONSTRAINT measurement_pkey PRIMARY KEY (id, logdate);
ALTER TABLE ONLY app.measurement_y2024 ADD CONSTRAINT measurement_y2024_pkey PRIMARY KEY (id, logdate);
CREATE INDEX measurement_customer_idx ON ONLY app.measurement USING btree (customer_id);
CREATE INDEX measurement_y2024_customer_id_idx ON app.measurement_y2024 USING btree (customer_id);
ALTER INDEX app.measurement_pkey ATTACH PARTITION app.measurement_y2024_pkey;
ALTER INDEX app.measurement_customer_idx ATTACH PARTITION app.measurement_y2024_customer_id_idx;
CREATE TRIGGER customer_touch BEFORE UPDATE ON app.customer FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.measurement ADD CONSTRAINT measurement_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES app.customer(id);
CREATE VIEW app.active AS SELECT customer.id, customer.mail FROM app.customer WHERE (customer.balance > (0)::numeric);
CREATE MATERIALIZED VIEW app.totals AS SELECT m.customer_id, sum(m.peaktemp) AS total FROM app.measurement m GROUP BY m.customer_id WITH NO DATA;
CREATE UNIQUE INDEX totals_key ON app.totals USING btree (customer_id);
REFRESH MATERIALIZED VIEW app.totals;
REFRESH MATERIALIZED VIEW CONCURRENTLY app.totals;
CREATE RULE protect AS ON DELETE TO app.active DO INSTEAD NOTHING;
CREATE STATISTICS app.stat (dependencies) ON mail, balance FROM app.customer;
ALTER TABLE app.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.customer USING ((mail)::text = CURRENT_USER);
GRANT USAGE ON SCHEMA app TO PUBLIC;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE app.customer TO PUBLIC;
GRANT SELECT,USAGE ON SEQUENCE app.customer_id_seq TO PUBLIC;
REVOKE ALL ON FUNCTION app.touch() FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
ALTER TABLE app.customer REPLICA IDENTITY FULL;
ALTER TABLE app.customer CLUSTER ON customer_pkey;
ALTER TABLE app.customer SET (fillfactor='70', autovacuum_vacuum_scale_factor='0.02');
ALTER TABLE ONLY app.customer ALTER COLUMN mail SET STATISTICS 500;
ALTER TABLE ONLY app.customer ALTER COLUMN home SET STORAGE EXTERNAL;
SELECT pg_catalog.set_config('search_path', 'app, public', false);
ANALYZE customer;
ANALYZE measurement (logdate, peaktemp);
VACUUM (ANALYZE) customer;
REINDEX TABLE customer;
REINDEX INDEX CONCURRENTLY customer_pkey;
CLUSTER customer USING customer_pkey;
BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE;
LOCK TABLE customer IN ACCESS EXCLUSIVE MODE;
SAVEPOINT a;
ALTER TABLE customer DISABLE TRIGGER customer_touch;
UPDATE customer SET balance = balance + 1;
ALTER TABLE customer ENABLE TRIGGER customer_touch;
RELEASE SAVEPOINT a;
COMMIT AND CHAIN;
ALTER TABLE customer DISABLE TRIGGER ALL;
ALTER TABLE customer ENABLE TRIGGER USER;
ROLLBACK AND NO CHAIN;
ALTER TABLE measurement DETACH PARTITION measurement_y2024;
DROP MATERIALIZED VIEW app.totals;
ALTER TABLE measurement_y2024 ALTER COLUMN peaktemp TYPE bigint, ALTER COLUMN peaktemp SET DEFAULT 0;
ALTER TABLE measurement ALTER COLUMN peaktemp TYPE bigint;
ALTER TABLE measurement ATTACH PARTITION measurement_y2024 FOR VALUES FROM ('2024-01-01'::date) TO ('2025-01-01'::date);
ALTER TABLE measurement DROP CONSTRAINT measurement_pkey;
CREATE TABLE measurement_default PARTITION OF measurement DEFAULT;
CREATE TABLE measurement_y2025 PARTITION OF measurement FOR VALUES FROM (DATE '2025-01-01') TO (DATE '2026-01-01') PARTITION BY LIST (customer_id);
CREATE TABLE measurement_y2025_a PARTITION OF measurement_y2025 FOR VALUES IN (1, 2, NULL);
CREATE TABLE measurement_y2025_rest PARTITION OF measurement_y2025 DEFAULT WITH (fillfactor = 70);
CREATE TABLE measurement_y2026 (LIKE measurement INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE measurement_y2026 ADD CONSTRAINT in_bound CHECK (logdate >= '2026-01-01' AND logdate < '2027-01-01');
ALTER TABLE measurement ATTACH PARTITION measurement_y2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE measurement_y2026 DROP CONSTRAINT in_bound;
INSERT INTO measurement (logdate, customer_id, peaktemp) SELECT d::date, NULL, 1 FROM generate_series('2024-01-01'::timestamp, '2024-03-01', '1 day') AS d;
INSERT INTO measurement (id, logdate) OVERRIDING SYSTEM VALUE VALUES (100, '2025-05-05');
WITH moved AS (DELETE FROM measurement_default RETURNING *) INSERT INTO measurement OVERRIDING SYSTEM VALUE SELECT * FROM moved;
TRUNCATE measurement_y2024, measurement_y2026 RESTART IDENTITY;
TRUNCATE ONLY measurement_default CONTINUE IDENTITY CASCADE;
DROP TABLE measurement_y2026;
ALTER TABLE measurement DETACH PARTITION measurement_default;
ALTER TABLE measurement DETACH PARTITION measurement_y2024 CONCURRENTLY;
