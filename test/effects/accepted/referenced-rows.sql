-- Rows to which others are bound, deleted or changed where nothing refuses it, or not yet.
CREATE TABLE p (id int PRIMARY KEY, v text);
INSERT INTO p VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f'), (7, 'g');
CREATE TABLE cascades (pid int REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO cascades VALUES (1);
UPDATE p SET id = 11 WHERE id = 1;
DELETE FROM p WHERE id = 11;
CREATE TABLE nulls (pid int REFERENCES p ON DELETE SET NULL ON UPDATE SET DEFAULT);
INSERT INTO nulls VALUES (2);
DELETE FROM p WHERE id = 2;
CREATE TABLE later (pid int REFERENCES p DEFERRABLE);
INSERT INTO later VALUES (3);
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
DELETE FROM p WHERE id = 3;
DELETE FROM later;
COMMIT;
DROP TABLE later, cascades, nulls;

-- A table that refers to itself.
CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree);
INSERT INTO tree VALUES (1, NULL), (2, 1);
DELETE FROM tree;

-- A trigger that lets no row go, and triggers that do not fire.
CREATE TABLE c (pid int REFERENCES p);
INSERT INTO c VALUES (4);
CREATE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keeps BEFORE DELETE ON p FOR EACH ROW EXECUTE FUNCTION keeps();
DELETE FROM p WHERE id = 4;
DROP TRIGGER keeps ON p;
SET session_replication_role = replica;
DELETE FROM p WHERE id = 4;
RESET session_replication_role;
INSERT INTO c VALUES (5);
ALTER TABLE p DISABLE TRIGGER ALL;
DELETE FROM p WHERE id = 5;
ALTER TABLE p ENABLE TRIGGER ALL;
INSERT INTO c VALUES (6);
BEGIN;
SELECT set_config('session_replication_role', 'replica', true);
DELETE FROM p WHERE id = 6;
COMMIT;

-- What refers is deleted by the same statement, and the key is taken by another row.
CREATE TABLE q (id int PRIMARY KEY, v int);
CREATE TABLE r (qid int REFERENCES q);
INSERT INTO q VALUES (1, 0), (2, 0);
INSERT INTO r VALUES (1);
WITH gone AS (DELETE FROM r) DELETE FROM q WHERE id = 1;
ROLLBACK;
TRUNCATE r;
DELETE FROM q;
INSERT INTO q VALUES (1, 1), (0, 0);
INSERT INTO r VALUES (0);
DELETE FROM q WHERE id = 1;
UPDATE q SET id = 0, v = 5 WHERE id = 0;

-- A key that is not enforced any more.
ALTER TABLE r DROP CONSTRAINT r_qid_fkey;
DELETE FROM q;

-- What is only planned or prepared, what is caught, and what is looked at for nothing.
CREATE TABLE s (id int PRIMARY KEY);
CREATE TABLE t (sid int REFERENCES s);
INSERT INTO s VALUES (1), (2);
INSERT INTO t VALUES (1);
EXPLAIN DELETE FROM s WHERE id = 1;
PREPARE gone AS DELETE FROM s WHERE id = 1;
DEALLOCATE gone;
DO $$ BEGIN DELETE FROM s WHERE id = 1; EXCEPTION WHEN foreign_key_violation THEN NULL; END $$;
DELETE FROM s WHERE id = 1 AND false;
DELETE FROM s WHERE id = 1 AND id = 2;
DELETE FROM s USING t WHERE s.id = t.sid + 1;
CREATE FUNCTION later() RETURNS void LANGUAGE sql AS 'DELETE FROM s WHERE id = 1';

-- A child by inheritance, to whose rows no foreign key refers.
CREATE TABLE heir () INHERITS (s);
INSERT INTO heir VALUES (1);
DELETE FROM heir WHERE id = 1;
DELETE FROM heir;
