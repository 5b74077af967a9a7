-- The column to which a sequence belongs.
CREATE TABLE t (id int, n int);
CREATE SEQUENCE s OWNED BY missing.id;
CREATE SEQUENCE s OWNED BY t.missing;
CREATE SEQUENCE s OWNED BY t.n;
CREATE SEQUENCE s OWNED BY t.id;
ALTER SEQUENCE s OWNED BY t.missing;
ALTER SEQUENCE s OWNED BY nowhere.id;
ALTER SEQUENCE s OWNED BY t.id;
DROP TABLE t;
DROP SEQUENCE s;
