-- Casts, calls by the names of types, and what INSERT and UPDATE assign.
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c numeric(8,2), d date, ts timestamptz, j json, jb jsonb, arr int[], ta text[], u uuid, p point, x xml, bo bool, vc varchar(10), bc char(5), nm name, q "char", r int4range, iv interval, oidc oid, i8 bigint, f8 float8, m money, ip inet, bits bit(3), tsv tsvector);
CREATE TYPE mood AS ENUM ('sad','happy');
CREATE TYPE comp AS (x int, y text);
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE DOMAIN strs AS text[];
CREATE SCHEMA s;
CREATE TABLE s.other (k int, v text);
CREATE TYPE s.lvl AS ENUM ('lo','hi');
CREATE TABLE u (m mood, co comp, po posint, st strs, o s.other, l s.lvl, coa comp[], ma mood[]);
SELECT uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
SELECT inet('1.2.3.4'), cidr('1.2.3.0/24'), macaddr('08:00:2b:01:02:03');
SELECT jsonb('{"a":1}');
SELECT int4range('[1,2)'), tsrange('[2024-01-01,2024-02-01)'), daterange('[2024-01-01,2024-02-01)');
SELECT _int4('{1,2}'), _text('{a,b}');
SELECT point('(1,2)'), box('(1,2),(3,4)'), circle('<(1,2),3>');
SELECT regclass('t'), regtype('int4'), oid('5'), money('1.00'), bytea('\x01');
SELECT text(5), text(now()), text(d), int8(a), float8(a), int4(c), "numeric"(a), bool(a), name(b), text(bo) FROM t;
SELECT uuid(vc), inet(vc), jsonb(vc), bits(t) FROM t WHERE false;
SELECT '{1,2}'::_int4, '{sad}'::_mood, '{}'::_t, '{}'::s._other;
SELECT '1 2'::int2vector::int2[], '1 2'::oidvector::oid[], ('1 2'::int2vector)[0];
SELECT timestamptz '2024-01-01', date '2024-01-01', interval '1' day, int4 '5', bool 't', mood 'happy', posint '5', "char" 'a', public.mood 'sad';
SELECT float8 '1e5', pg_catalog.int4 '5', bit '101', B'101', X'1F', national character 'abc', nchar(3) 'abc', character varying(3) 'abcdef';
INSERT INTO u (co) SELECT (a, b)::comp FROM t;
INSERT INTO u (o) SELECT other FROM s.other;
INSERT INTO u (po) SELECT i8 FROM t;
INSERT INTO u (st) SELECT ta FROM t;
INSERT INTO u (coa) SELECT array_agg(ROW(a,b)::comp) FROM t;
INSERT INTO u (ma) SELECT array_agg(m) FROM u;
INSERT INTO t (id, b) SELECT 100, now();
INSERT INTO t (id, b, vc) SELECT 101, j, 5 FROM t;
INSERT INTO t (id, a) SELECT 102, 5.6;
INSERT INTO t (id, a) SELECT 103, 5::float8;
INSERT INTO t (id, d) SELECT 104, now();
INSERT INTO t (id, ts) SELECT 105, current_date;
INSERT INTO t (id, c) SELECT 106, a FROM t WHERE false;
INSERT INTO t (id, m) SELECT 107, 5;
INSERT INTO t (id, b) SELECT 108, m FROM u LIMIT 0;
INSERT INTO t (id, b) SELECT 109, arr FROM t LIMIT 0;
INSERT INTO t (id, b) SELECT 110, co FROM u LIMIT 0;
INSERT INTO t (id, b) SELECT 111, t FROM t LIMIT 0;
INSERT INTO t (id, oidc) SELECT 112, 't'::regclass;
INSERT INTO t (id, i8) SELECT 113, tableoid FROM t LIMIT 0;
INSERT INTO t (id, arr) SELECT 114, '{}';
INSERT INTO t (id, arr) SELECT 115, NULL UNION ALL SELECT 116, '{1}'::int[];
INSERT INTO t (id, arr) SELECT 117, ARRAY(SELECT a FROM t);
INSERT INTO t (id, iv) SELECT 118, d - '2024-01-01'::timestamp FROM t LIMIT 0;
INSERT INTO t (id, q) SELECT 119, 'abc'::text;
INSERT INTO t (id, nm) SELECT 120, b FROM t LIMIT 0;
INSERT INTO t (id, bc) SELECT 121, q FROM t LIMIT 0;
INSERT INTO t (id, arr[1]) SELECT 122, 5;
INSERT INTO t (id, arr[1], arr[2]) VALUES (123, 5, 6);
INSERT INTO u (co.x, co.y) SELECT 1, 'a';
INSERT INTO t (id, jb) SELECT 124, to_jsonb(t) FROM t LIMIT 0;
INSERT INTO t (id, j) SELECT 125, jb FROM t LIMIT 0;
INSERT INTO t (id, x) SELECT 126, xmlelement(name a, b) FROM t LIMIT 0;
INSERT INTO t (id, b) SELECT 127, CASE WHEN a > 1 THEN d::text ELSE NULL END FROM t LIMIT 0;
UPDATE t SET arr[1] = 5, arr[2:3] = '{1,2}', arr[5] = a;
UPDATE u SET co.x = 5, co.y = 'b';
UPDATE u SET coa[1].x = 5;
UPDATE u SET coa[1] = ROW(1,'a'), st[1] = 'x';
UPDATE t SET (a, b) = (SELECT 1, 'x'), (c, d) = ROW (5, '2024-01-01');
UPDATE t SET (a, b) = (a + 1, b || 'x');
UPDATE t SET (a) = ROW(5);
UPDATE t SET jb['a'] = '5', jb['b']['c'] = to_jsonb(5);
UPDATE t SET b = a, vc = c, d = ts, ts = d, f8 = a, a = f8, i8 = c, q = b, bc = b;
UPDATE u SET o = ROW(1,'x'), co = (SELECT ROW(1,'x')::comp);
UPDATE u SET o.k = 5;
UPDATE t SET jb = DEFAULT, b = DEFAULT;
UPDATE t SET a = DEFAULT FROM s.other WHERE t.a = other.k;
INSERT INTO t (id, a) VALUES (200, 1) ON CONFLICT (id) DO UPDATE SET arr[1] = excluded.a, b = excluded.a, (c, d) = ROW(excluded.c, '2024-01-01');
INSERT INTO t AS tt (id, a) VALUES (200, 1) ON CONFLICT (id) DO UPDATE SET a = tt.a + excluded.a WHERE tt.a IS DISTINCT FROM excluded.a RETURNING tt.*, (tt).a, xmax = 0 AS inserted;
SELECT mood('happy'), mood(b) FROM t WHERE false;
SELECT s.lvl('hi');
SELECT _mood('{sad}');
SELECT s._lvl('{lo}');
SELECT _t('{}');

-- A DEFAULT is computed when a row is inserted; only its literals are read before.
create table computed_later (
  a int default 1 / 0,
  b int default 'x'::text::int,
  c int default 99999999999::int,
  d date default ('2024-02-30'::text)::date,
  e smallint default 99999::smallint,
  f float8 default sqrt(-1)
);
alter table computed_later alter a set default 2 / 0;
