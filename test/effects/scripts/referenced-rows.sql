-- Rows to which others are bound, deleted or given another key; both are the script's own.
CREATE TABLE p (id int PRIMARY KEY, v text);
CREATE TABLE c (n int, pid int REFERENCES p (id));
INSERT INTO p VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO c VALUES (1, 1), (2, NULL);
DELETE FROM p WHERE id = 1;
DELETE FROM p;
DELETE FROM ONLY p WHERE v = 'a';
UPDATE p SET id = 10 WHERE id = 1;
UPDATE p SET id = id + 10 WHERE v = 'a';
UPDATE p SET v = 'z' WHERE id = 1;
UPDATE p SET id = 1 WHERE id = 1;
DELETE FROM p WHERE id = 2;
DELETE FROM p WHERE id = 20;
DELETE FROM c WHERE pid = 1;
DELETE FROM p WHERE id = 1;

-- Of a partitioned table the key is named for the partition with the row.
CREATE TABLE q (id int, k int, PRIMARY KEY (id, k)) PARTITION BY RANGE (id);
CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (10);
CREATE TABLE q2 PARTITION OF q FOR VALUES FROM (10) TO (20);
CREATE TABLE r (a int, b int, FOREIGN KEY (a, b) REFERENCES q);
INSERT INTO q VALUES (1, 1), (12, 1);
INSERT INTO r VALUES (12, 1), (NULL, 5);
DELETE FROM q WHERE id = 12;
DELETE FROM q2;
DELETE FROM q;
DELETE FROM q WHERE id = 1;

-- A partitioned table that refers is called by its own name.
CREATE TABLE s (id int PRIMARY KEY);
CREATE TABLE t (k int, sid int CONSTRAINT to_s REFERENCES s ON DELETE RESTRICT ON UPDATE RESTRICT) PARTITION BY LIST (k);
CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
INSERT INTO s VALUES (1), (2);
INSERT INTO t VALUES (1, 2);
DELETE FROM s WHERE id = 2;
UPDATE s SET id = 3 WHERE id = 2;
DELETE FROM s WHERE id = 1;
TRUNCATE t;
DELETE FROM s;

-- The columns are named in the order of the foreign key.
CREATE TABLE u (a int, b text, PRIMARY KEY (a, b));
CREATE TABLE v (x int, y text, FOREIGN KEY (y, x) REFERENCES u (b, a));
INSERT INTO u VALUES (1, 'k');
INSERT INTO v VALUES (1, 'k');
DELETE FROM u;
UPDATE u SET b = 'l';
UPDATE u SET a = a WHERE b = 'k';
