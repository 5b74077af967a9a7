-- Code that runs elsewhere and sets what decides what later statements mean, for good or until the transaction ends.
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; END $$;
BEGIN;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
CREATE TABLE c (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 's', true); END $$;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE s.b (n int);
DROP TABLE b;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT set_config('search_path', 's', true) $$;
BEGIN;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT set_config('search_path', 's', false) $$;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SET LOCAL search_path = s'; END $$;
BEGIN;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SET search_path = ' || quote_ident('s'); END $$;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('SET %s search_path = %I', 'LOCAL', 's'); END $$;
BEGIN;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; RETURN NEW; END $$;
CREATE TABLE a (n int);
CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
BEGIN;
INSERT INTO a VALUES (1);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET search_path = s; RETURN NEW; END $$;
CREATE TABLE a (n int);
CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
INSERT INTO a VALUES (1);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; RETURN 1; END $$;
CREATE TABLE a (n int DEFAULT f(), m int);
BEGIN;
INSERT INTO a (m) VALUES (1);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; RETURN 1; END $$;
CREATE VIEW v AS SELECT f() AS n;
BEGIN;
SELECT * FROM v;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; RETURN 1; END $$;
CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN f(); END $$;
BEGIN;
SELECT g();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; END $$;
BEGIN;
CALL p();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN SET search_path = s; COMMIT; END $$;
CALL p();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
DO $$ BEGIN SET LOCAL search_path = s; CREATE TABLE b (n int); END $$;
CREATE TABLE b (n int);
---
CREATE SCHEMA s;
BEGIN;
DO $$ BEGIN PERFORM set_config('search_path', 's', true); END $$;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
CREATE TABLE c (n int);
CREATE TABLE s.c (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = s AS $$ BEGIN SET search_path = public, s; CREATE TABLE x (n int); END $$;
SELECT f();
CREATE TABLE s.x (n int);
CREATE TABLE b (n int);
---
CREATE SCHEMA s; CREATE SCHEMA r;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = r AS $$ BEGIN SET search_path = s; END $$;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
CREATE TABLE r.b (n int);
---
CREATE SCHEMA s; CREATE SCHEMA r;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = r AS $$ BEGIN SET LOCAL search_path = s; CREATE TABLE b (n int); END $$;
BEGIN;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE r.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = s AS $$ BEGIN CREATE TABLE b (n int); END $$;
SELECT f();
CREATE TABLE b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE sql SET search_path = s AS $$ CREATE TABLE b (n int) $$;
SELECT f();
CREATE TABLE b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; END $$;
BEGIN;
SAVEPOINT x;
SELECT f();
CREATE TABLE b (n int);
ROLLBACK TO x;
CREATE TABLE b (n int);
CREATE TABLE s.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; END $$;
BEGIN;
SAVEPOINT x;
SELECT f();
RELEASE x;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
ROLLBACK;
CREATE TABLE b (n int);
CREATE TABLE s.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET search_path = s; END $$;
BEGIN;
SET LOCAL search_path = public;
SELECT f();
COMMIT;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET search_path = s; END $$;
BEGIN;
SET LOCAL TimeZone = 'UTC';
SELECT f();
COMMIT;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f(p text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', p, false); END $$;
SELECT f('s');
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f(p text, v text, l bool) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config(p, v, l); END $$;
BEGIN;
SELECT f('search_path', 's', true);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE TABLE z (k timestamptz) PARTITION BY RANGE (k);
CREATE TABLE z_1 PARTITION OF z FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL TimeZone = 'America/New_York'; END $$;
BEGIN;
SELECT f();
CREATE TABLE z_2 PARTITION OF z FOR VALUES FROM ('2024-01-31 19:00') TO ('2024-03-01 00:00');
COMMIT;
---
CREATE TABLE z (k date) PARTITION BY RANGE (k);
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL DateStyle = 'ISO, DMY'; END $$;
BEGIN;
SELECT f();
CREATE TABLE z_0 PARTITION OF z FOR VALUES FROM ('13/01/2024') TO ('14/01/2024');
CREATE TABLE z_1 PARTITION OF z FOR VALUES FROM ('01/02/2024') TO ('02/01/2025');
COMMIT;
---
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL check_function_bodies = off; END $$;
BEGIN;
SELECT f();
CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT nosuch FROM nowhere';
COMMIT;
---
CREATE TABLE a (n int PRIMARY KEY);
CREATE TABLE b (n int REFERENCES a);
SET session_replication_role = replica;
INSERT INTO b VALUES (1);
INSERT INTO a VALUES (2);
SET session_replication_role = origin;
ALTER TABLE b DROP CONSTRAINT b_n_fkey;
---
CREATE TABLE a (n int PRIMARY KEY);
CREATE TABLE b (n int REFERENCES a);
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET session_replication_role = replica; END $$;
SELECT f();
INSERT INTO b VALUES (1);
---
CREATE TABLE a (n int PRIMARY KEY);
CREATE TABLE b (n int REFERENCES a);
BEGIN;
DO $$ BEGIN SET LOCAL session_replication_role = replica; END $$;
INSERT INTO b VALUES (1);
COMMIT;
---
CREATE TABLE a (n int PRIMARY KEY);
CREATE TABLE b (n int REFERENCES a);
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (1);
SET session_replication_role = replica;
DELETE FROM a;
TRUNCATE b;
INSERT INTO b VALUES (7);
SET session_replication_role = DEFAULT;
INSERT INTO a VALUES (7);
---
CREATE TABLE a (n int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
SET session_replication_role = replica;
INSERT INTO a VALUES (1);
---
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL transform_null_equals = on; END $$;
CREATE TABLE a (n int);
BEGIN;
SELECT f();
ALTER TABLE a ADD CHECK (n = NULL);
INSERT INTO a VALUES (NULL);
COMMIT;
---
SET array_nulls = off;
CREATE TABLE a (t text[] CHECK (t[1] = 'NULL'));
INSERT INTO a VALUES ('{NULL}');
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE pg_settings SET setting = 's' WHERE name = 'search_path'; END $$;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
UPDATE pg_settings SET setting = 's' WHERE name = 'search_path';
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
SELECT set_config(name, 's', false) FROM pg_settings WHERE name = 'search_path';
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
BEGIN;
SELECT set_config('search' || '_path', 's', true);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
CREATE TABLE c (n int);
CREATE TABLE s.c (n int);
---
CREATE SCHEMA s;
WITH x AS (SELECT set_config('search_path', 's', false)) SELECT * FROM x;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE TABLE a (n int);
INSERT INTO a SELECT length(set_config('search_path', 's', false));
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE TABLE a AS SELECT set_config('search_path', 's', false);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE VIEW v AS SELECT set_config('search_path', 's', false);
SELECT * FROM v;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
PREPARE p AS SELECT set_config('search_path', $1, false);
EXECUTE p('s');
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
EXPLAIN ANALYZE SELECT set_config('search_path', 's', false);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
BEGIN;
DECLARE c CURSOR FOR SELECT set_config('search_path', 's', false);
FETCH c;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE TABLE a (t text DEFAULT set_config('search_path', 's', false), n int);
INSERT INTO a (n) VALUES (1);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; RETURN 1; END $$;
CREATE DOMAIN d AS int CHECK (VALUE >= f());
BEGIN;
SELECT 1::d;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN SET search_path = s; END $$;
CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();
CREATE TABLE a (n int);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
DROP EVENT TRIGGER e;
---
CREATE SCHEMA s;
CREATE TABLE a (t text DEFAULT set_config('search_path', 's', false), n int);
INSERT INTO a (n) VALUES (1);
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
CREATE TABLE a (t text DEFAULT set_config('search_path', 's', false), n int);
CREATE TABLE b (n int);
INSERT INTO a (t, n) VALUES ('x', 1);
DROP TABLE b;
CREATE TABLE b (n int);
---
CREATE SCHEMA s; CREATE SCHEMA r;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = r AS $$ BEGIN SET LOCAL search_path = s; SET TimeZone = 'America/New_York'; END $$;
CREATE TABLE z (k timestamptz) PARTITION BY RANGE (k);
SELECT f();
CREATE TABLE z_1 PARTITION OF z FOR VALUES FROM ('2024-01-01 00:00') TO ('2024-02-01 00:00');
CREATE TABLE z_2 PARTITION OF z FOR VALUES FROM ('2024-02-01 05:00+00') TO ('2024-03-01 00:00+00');
CREATE TABLE b (n int);
ALTER TABLE public.b ADD m int;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL TimeZone = 'UTC'; SET search_path = s; END $$;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
DO $$ BEGIN SET LOCAL TimeZone = 'UTC'; SET search_path = s; END $$;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
DO $$ BEGIN SET LOCAL search_path = s; CREATE TABLE b (n int); COMMIT; CREATE TABLE b (n int); END $$;
ALTER TABLE s.b ADD m int;
ALTER TABLE public.b ADD m int;
---
CREATE SCHEMA s;
CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; CREATE TABLE b (n int); COMMIT; CREATE TABLE b (n int); END $$;
CALL p();
ALTER TABLE s.b ADD m int;
ALTER TABLE public.b ADD m int;
---
CREATE SCHEMA s;
DO $$ BEGIN
  BEGIN SET search_path = s; RAISE EXCEPTION 'x'; EXCEPTION WHEN OTHERS THEN NULL; END;
  CREATE TABLE b (n int);
END $$;
ALTER TABLE public.b ADD m int;
CREATE TABLE s.b (n int);
---
CREATE SCHEMA s;
DO $$ BEGIN
  BEGIN PERFORM set_config('search_path', 's', false); PERFORM 1/0; EXCEPTION WHEN OTHERS THEN NULL; END;
  CREATE TABLE b (n int);
END $$;
ALTER TABLE public.b ADD m int;
CREATE TABLE s.b (n int);
---
CREATE SCHEMA s;
DO $$ DECLARE x text; BEGIN x := set_config('search_path', 's', false); CREATE TABLE b (n int); END $$;
ALTER TABLE s.b ADD m int;
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
DO $$ BEGIN IF set_config('search_path', 's', false) = 's' THEN CREATE TABLE b (n int); END IF; END $$;
ALTER TABLE s.b ADD m int;
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
DO $$ DECLARE x text; BEGIN SELECT set_config('search_path', 's', false) INTO x; CREATE TABLE b (n int); END $$;
ALTER TABLE s.b ADD m int;
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
DO $$ DECLARE x text := set_config('search_path', 's', false); BEGIN CREATE TABLE b (n int); END $$;
ALTER TABLE s.b ADD m int;
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
DO $$ DECLARE old text := current_setting('search_path'); BEGIN
 PERFORM set_config('search_path', 's', false); CREATE TABLE b (n int); PERFORM set_config('search_path', old, false); END $$;
ALTER TABLE s.b ADD m int;
CREATE TABLE b (n int);
CREATE TABLE public.c (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION switch_to(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SET search_path TO ' || quote_ident(t) || ', public'; END $$;
SELECT switch_to('s');
CREATE TABLE b (n int);
SELECT switch_to('public');
CREATE TABLE b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION run(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE t; END $$;
SELECT run('SET search_path = s');
CREATE TABLE b (n int);
SELECT run(format('SET search_path = %I', 'public'));
CREATE TABLE b (n int);
---
CREATE SCHEMA s; CREATE TABLE q (sql text);
CREATE FUNCTION run(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE t; END $$;
INSERT INTO q SELECT 'SET search_path = s' WHERE current_setting('is_superuser') = 'on';
SELECT run(sql) FROM q;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
SELECT CASE WHEN current_setting('is_superuser') = 'on' THEN set_config('search_path', 's', false) END;
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
---
CREATE SCHEMA s;
SELECT CASE WHEN current_setting('is_superuser') = 'off' THEN set_config('search_path', 's', false) END;
CREATE TABLE public.b (n int);
ALTER TABLE b ADD m int;
CREATE TABLE s.b (n int);
---
CREATE SCHEMA s;
SELECT set_config('search_path', 's', false) WHERE false;
CREATE TABLE public.b (n int);
ALTER TABLE b ADD m int;
---
CREATE SCHEMA s;
CREATE TABLE b (n int);
SELECT set_config('search_path', 's', false) FROM b;
CREATE TABLE s.b (n int);
ALTER TABLE b ADD m int;
ALTER TABLE b DROP m;
ALTER TABLE b ADD m int;
---
CREATE SCHEMA s;
SELECT set_config('search_path', NULL, false);
CREATE TABLE b (n int);
SELECT set_config('search_path', 's', NULL);
CREATE TABLE b (n int);
CREATE TABLE c (n int);
CREATE TABLE public.c (n int);
---
CREATE SCHEMA s;
SET search_path = s;
CREATE TABLE b (n int);
SELECT set_config('search_path', NULL, false);
CREATE TABLE b (n int);
---
CREATE SCHEMA s;
BEGIN;
SELECT set_config('search_path', 's', 't');
CREATE TABLE b (n int);
CREATE TABLE public.b (n int);
COMMIT;
CREATE TABLE c (n int);
CREATE TABLE s.c (n int);
---
SELECT set_config('search_path', '', false);
CREATE TABLE public.b (n int);
SELECT pg_catalog.set_config('search_path', 'public', false);
ALTER TABLE b ADD m int;
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN SET LOCAL search_path = s; RETURN 1; END $$;
BEGIN;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE s.b (n int);
COMMIT;
---
CREATE SCHEMA s; CREATE SCHEMA r;
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; RETURN 1; END $$;
ALTER FUNCTION f() SET search_path = r;
BEGIN;
SELECT f();
CREATE TABLE b (n int);
CREATE TABLE s.b (n int);
COMMIT;
---
CREATE SCHEMA s; CREATE SCHEMA r;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = r AS $$ BEGIN CREATE TABLE b (n int); END $$;
ALTER FUNCTION f() RESET search_path;
SELECT f();
CREATE TABLE r.b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE b (n int); END $$;
ALTER FUNCTION f() SET search_path = s;
SELECT f();
CREATE TABLE b (n int);
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ CREATE TABLE b (n int) $$;
ALTER ROUTINE f() SET search_path = s;
SELECT f();
CREATE TABLE b (n int);
---
CREATE SCHEMA s; CREATE TABLE s.x (n int); CREATE TABLE x (n int);
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE x ADD m int; END $$;
ALTER FUNCTION f SET search_path TO s;
SELECT f();
ALTER TABLE x ADD m int;
ALTER TABLE s.x DROP m;
---
-- What is local ends with its transaction, so names are certain again.
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = s; END $$;
CREATE TABLE b (n int);
BEGIN;
SELECT f();
CREATE TABLE b (n int);
COMMIT;
CREATE TABLE b (n int); -- refused
CREATE TABLE s.b (n int); -- refused
---
CREATE SCHEMA s;
CREATE FUNCTION switch_to(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', t, false); END $$;
SELECT switch_to('s');
CREATE TABLE b (n int);
CREATE TABLE s.b (n int); -- refused
ALTER TABLE public.b ADD m int; -- refused
---
CREATE SCHEMA s;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = s AS $$ BEGIN CREATE TABLE b (n int); END $$;
SELECT f();
CREATE TABLE s.b (n int); -- refused
CREATE TABLE b (n int);
CREATE TABLE b (n int); -- refused
---
SET standard_conforming_strings = off;
CREATE TABLE a (t text CHECK (t <> 'a\'b'));
CREATE TABLE b (t text);
INSERT INTO b VALUES ('it\'s');
CREATE TABLE c (n int);
---
SET standard_conforming_strings = off;
CREATE TABLE a (t text);
INSERT INTO a VALUES ('x\\y'), ('\n');
ALTER TABLE a ADD CHECK (length(t) < 4);
SET standard_conforming_strings = on;
INSERT INTO a VALUES ('\n');
---
SET standard_conforming_strings = 'on';
CREATE TABLE a (t text);
RESET standard_conforming_strings;
ALTER TABLE a ADD n int;
