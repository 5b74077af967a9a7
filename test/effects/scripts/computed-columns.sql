-- Columns of views and of tables made of queries that are computed: their types, as LIKE copies them.
create table q (a bigint not null, b text, n numeric(5, 2), ts timestamptz(3), d date);
create view v as select
  1::bigint as c0,
  now() as c1,
  a + 1 as c2,
  n + 1 as c3,
  count(*) over () as c4,
  d = '2024-01-01' as c5,
  'lit' as c6,
  extract(year from d) as c7,
  date_part('year', d) as c8,
  d - d as c9,
  d + interval '1 day' as c10,
  a::int as c11,
  coalesce(a, 1) as c12,
  greatest(a, 2) as c13,
  current_date as c14,
  -a as c15,
  not (a = 1) as c16,
  a is null as c17,
  a in (1, 2) as c18,
  b like 'x%' as c19,
  clock_timestamp() as c20,
  1.5 as c21,
  1e10 as c22,
  5000000000 as c23,
  case when a > 1 then 1 else 2 end as c24,
  length(b) as c25,
  a::text::int as c26,
  b = any (array['x']) as c27,
  date_trunc('month', ts) as c28,
  '2024-01-01'::timestamp as c29,
  'a'::text as c30,
  '5'::numeric as c31,
  n * 2 as c32,
  a / 2 as c33,
  a % 2 as c34,
  a::float8 as c35,
  round(n) as c36,
  n::bigint as c37,
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as c38,
  '{}'::jsonb as c39,
  true as c40,
  a > 1 and b = 'x' as c41
from q;
create table like_v (like v);
create view counted as select count(*), count(b) as bs from q;
create table like_counted (like counted);
create or replace view counted as select count(*), 1 as bs from q;
create or replace view counted as select count(*) + 1 as count, count(a) as bs, 'more' as more from q;

-- OR REPLACE keeps types.
create view w as select 1::bigint as a, now() as b, a + 1 as c, 'lit' as l, d - d as dd from q;
create or replace view w as select 1::int as a, now() as b, a + 1 as c, 'lit' as l, d - d as dd from q;
create or replace view w as select 1::bigint as a, now()::date as b, a + 1 as c, 'lit' as l, d - d as dd from q;
create or replace view w as select 1::bigint as a, ts as b, a + 1 as c, 'lit' as l, d - d as dd from q;
create or replace view w as select 1::bigint as a, now() as b, a + 1.5 as c, 'lit' as l, d - d as dd from q;
create or replace view w as select 1::bigint as a, now() as b, a + 2 as c, 'other' as l, d - date '2020-01-01' as dd from q;
create or replace view w as select a, clock_timestamp() as b, a * 2 as c, 'other' as l, 7 as dd, 8 as ee from q;
select * from w where a = 'x';
select l + 1 from w;
select nope from w;
create or replace view w as select a, clock_timestamp() as b, a * 2 as c, 'other' as l, 7 as dd, 8::bigint as ee from q;
drop view w;
create view w as select 'x' as other;
create or replace view w as select 1 as other;

-- Tables that are made of what is certainly no error are there.
create table parts (a bigint, b text, n numeric, ts timestamptz, d date) partition by list (a);
create table p1 as select 1::bigint as a, 'x' as b, 1.5 as n, now() as ts, '2024-01-01'::date as d;
create table p1 (x int);
create table p2 as select 2 as a, 'x' as b, 1.5 as n, now() as ts, '2024-01-01'::date as d;
alter table parts attach partition p2 for values in (2);
create table p3 as select a, b, n, d = '2024-01-01' as ts, d from q;
alter table parts attach partition p3 for values in (3);
alter table parts attach partition p1 for values in (1);
select 1 as a, 2::bigint as b into made;
create table made (x int);
select c from made;
create materialized view mv as select a as k, 2 as z, true as t, d = '2024-01-01' as eq, now() as n from q;
create unique index on mv (k);
create index on mv (zz);
select t + 1 from mv;
