-- Partitions before PostgreSQL 10: child tables; a CHECK constraint says which rows each holds.

CREATE TABLE test (id SERIAL PRIMARY KEY, title TEXT);
CREATE TABLE test_1 (CHECK ( id >= 100 AND id < 200 )) INHERITS (test);
CREATE TABLE test_2 (CHECK ( id >= 200 AND id < 300 )) INHERITS (test);

-- The parent is always read as well: it may hold rows of its own.
SELECT * FROM test WHERE id = 150;

-- ONLY reads the parent and none of its children.
SELECT * FROM ONLY test;
