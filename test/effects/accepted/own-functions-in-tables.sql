-- Functions of the script in constraints, indexes and defaults.
CREATE FUNCTION lower(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION firstof(anyarray) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT $1[1]';
CREATE FUNCTION same(anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TABLE c1 (b text, a int, j json, CHECK (upper(lower(b)) <> 'X'), CHECK (firstof(ARRAY[a, 1]) + 1 > 0), CHECK (j IS DISTINCT FROM NULL), CHECK (uuid(b) IS NOT NULL OR true), CHECK (same(a) * 2 > 0 OR same(b) || 'x' = 'y'));
CREATE INDEX ON c1 (upper(lower(b)));
CREATE INDEX ON c1 ((firstof(ARRAY[a]) + 1));
CREATE INDEX ON c1 ((inet(b)));
CREATE INDEX ON c1 ((int4range(a, 5)));
CREATE INDEX ON c1 (b) WHERE j IS NOT DISTINCT FROM NULL AND jsonb(b) @> '{}';
CREATE INDEX ON c1 (a) WHERE int4out(a) IS NOT NULL;
CREATE TABLE c2 (k int DEFAULT firstof(ARRAY[1]), t text DEFAULT upper(lower('x')), u uuid DEFAULT uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), r int4range DEFAULT int4range('[1,2)'), g text GENERATED ALWAYS AS (upper(lower(t))) STORED);
CREATE TABLE c3 (k int, b text) PARTITION BY RANGE (upper(lower(b)));
CREATE TABLE c31 PARTITION OF c3 FOR VALUES FROM (upper(lower('a'))) TO (upper(lower('b')));
INSERT INTO c3 VALUES (1, 'a');
SELECT int4in('5'), textout('x'), boolin('t'), int4in('5') + 1, byteaout('\x01'), int4out(5), array_out(ARRAY[1]), regclassin('c1'), timestamptz_in('2024-01-01', 0, -1), varcharin('abc', 0, -1), pg_lsn_in('0/0'), textin(int4out(5)) || 'x', int4send(5), textsend('x'), record_out(c1) FROM c1;
