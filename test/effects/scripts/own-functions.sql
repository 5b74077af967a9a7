-- Calls of the script's own functions that none of them takes.
create function f(a int) returns int language sql immutable as $$ select a $$;
select f(1), f('1'), f(null), f(1::smallint);
select f();
select f(1, 2);
select f('1'::text);
select public.f(1, 2);
create table t2 (d int check (f(d, 2) > 0));
create table t3 (d int default f());
create table t4 (d int, e int generated always as (f(d, 1)) stored);
create table t5 (d int) partition by range (f(d, d));
create table t5 (d int) partition by range (d);
create table t6 partition of t5 for values from (f()) to (2);
create table t6 partition of t5 for values from (f(1)) to (2);
select * from t5 where f(d, 1) = 3;
select f(d::text) from t5;
create index on t5 (f(d, 1));
alter table t5 add check (f() = d);

-- Defaults, VARIADIC, OUT.
create function g(a int, b int default 1) returns int language sql as $$ select a $$;
select g(1), g(1, 2), g(b => 1, a => 2);
select g();
select g(1, 2, 3);
create function v(a text, variadic b int[]) returns int language sql as $$ select 1 $$;
select v('a', 1), v('a', 1, 2, 3), v('a', variadic array[1]);
select v();
select v('a');
create function vd(a text, variadic b int[] default '{}') returns int language sql as $$ select 1 $$;
select vd('a'), vd('a', 1);
create function o(a int, out b int, inout c int) language sql as $$ select a, c $$;
select o(1, 2);
select o(1);
select o(1, 2, 3);
create function pl(a anyelement, b anyelement) returns int language sql as $$ select 1 $$;
select pl(1, 2);
select pl(1);

-- Several of one name, also one that PostgreSQL has.
create function ov(a int) returns int language sql as $$ select 1 $$;
create function ov(a int, b date) returns int language sql as $$ select 1 $$;
select ov(1), ov(1, '2024-01-01');
select ov();
select ov(1, 2);
create function count(a int, b int) returns int language sql as $$ select 1 $$;
select count(1), count(1, 2), count(*);
create schema z;
create function z.zz(a int) returns int language sql as $$ select 1 $$;
select z.zz(1);
select z.zz(1, 2);
select z.f(1);

-- What reads like one.
create table h (i int);
create function i(a int) returns int language sql as $$ select a $$;
select i(h) from h;
create function n(a numeric) returns int language sql immutable as $$ select 1 $$;
select n(1), n(1.5), n('1'), n(1.5::numeric(5, 2));
select n(1.5::float8);

-- Bounds that they compute: what depends on the session is known where the session is.
create function millis(t timestamptz) returns bigint language sql immutable as $$ select (extract(epoch from t) * 1000)::bigint $$;
create table m (d bigint) partition by range (d);
create table m1 partition of m for values from (millis('2020-01-01 UTC')) to (millis('2020-02-01 00:00+00'));
create table m2 partition of m for values from (1580515199999) to (1580515200000);
set timezone = 'America/New_York';
create table m3 partition of m for values from (millis('2020-01-31 19:00')) to (millis('2020-03-01'));
create table m4 partition of m for values from (1583038799999) to (1583038800001);
create table m5 partition of m for values from (1583038800000) to (1583038800001);
create function ulid(t timestamptz) returns uuid language sql immutable as
  $$ select (lpad(to_hex((extract(epoch from t) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid $$;
create table u (d uuid) partition by range (d);
create table u1 partition of u for values from (ulid('2020-01-01 UTC')) to (ulid('2020-02-01 UTC'));
create table u2 partition of u for values from (ulid('2020-01-31 23:59:59.999 UTC')) to (ulid('2020-03-01 UTC'));
create table u3 partition of u for values from (ulid('2020-02-01 UTC')) to (ulid('2020-03-01 UTC'));
