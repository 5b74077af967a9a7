-- Names of columns in queries: those that nothing has, those that several have, and everything that finds its column.
create table a (x int, y text) partition by range (x);
create table a_1 partition of a for values from (0) to (10);
create table b (x int, z text, "Mixed" int);
create view v (k, total) as select x, count(*) from a group by x;
insert into a values (1, 'one'), (2, 'two');

select * from a where absent_thing = 1;
select absent_thing from a;
select a.absent_thing from a;
select q.x from a;
select q.* from a;
select a.x from a first;
select first.x, first.*, first from a first;
select x from a, b;
select a.x, b.x from a, b;
select * from a join b on x = 1;
select x, y, z from a join b using (x);
select a.x, b.x from a left join b using (x) order by y;
select x from a natural join b;
select x from (a join b using (x)) join a_1 using (x);
select j.x from (a join b on a.x = b.x) as j (x, y, x2, z, m) where j.z = 'q';
select * from a join b using (z);
select * from a join b using (y);
select y from a order by absent_thing;
select y as q from a order by q;
select y as q from a group by q;
select y as q from a order by q || 'x';
select y as q from a where q = 'x';
select y, count(*) as n from a group by y having n > 1;
select a from a;
select (a).x, a.x from a;
select ctid, tableoid, xmin, a.ctid from a where ctid is not null;
select "Mixed", b."Mixed" from b;
select k, total, v.k from v;

-- Subqueries, common table expressions, LATERAL.
select (select absent_thing from b) from a;
select (select y from b where a.x = b.x) from a;
select (select z from b b2 where b2.x = x) from a;
select s.k from (select x as k from a) s where s.x = 1;
select k from (select x as k from a) s where x = 1;
select k, n from (select x as k, count(*) from a group by x) s (k, n);
select column2 from (values (1, 2)) s;
select n from (values (1, 2)) s (m, n);
with w as (select x as k from a) select absent_thing from w;
with w as (select x as k from a) select k from w where x = 1;
with w (p) as (select x from a), u as (select p from w) select p, w.p from u, w;
with w (p) as (select x from a), u as (select p from w) select u.p, w.p from u, w;
with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select n from r where n > 1;
with moved as (delete from b returning z) select z from moved;
select * from a, lateral (select a.y as yy) l where yy = 'a';
select * from a, (select a.y as yy) l where yy = 'a';
select * from a, lateral (select absent_thing) l;
select g, n from generate_series(1, 2) g, unnest(array[1]) as n where g = n;
select x from a where exists (select from b where z = y);
select x from a where x in (select absent_thing from b);
select x, sum(x) over (partition by y) from a window w as (partition by absent_thing);
select x from a union select x from b order by x;
select x from a union select absent_thing from b;
values (x);

-- Changes.
delete from a where absent_thing = 1;
delete from a d using b where d.x = b.x and z = 'no';
delete from a using b where x = 1;
update a set y = absent_thing;
update a set y = 'x' where b.x = 1;
update a set y = z from b where a.x = b.x;
update a t set y = t.y || z from b where t.x = b.x;
update a t set y = a.y;
update a set y = 'q' from b where x = 1;
insert into a select absent_thing from b;
insert into b (x, z) select x, y from a;
insert into b values (absent_thing);
insert into a (x) values (1) returning absent_thing;
insert into a as t (x) values (3) returning t.x, y;
create unique index b_x on b (x);
insert into b (x) values (1) on conflict (x) do update set z = excluded.z || b.z where b.x > 0;
insert into b (x) values (1) on conflict (x) do update set z = absent_thing;
insert into b (x) values (1) on conflict (x) do update set z = z;

-- What keeps its query, and what only looks at it.
create view w as select absent_thing from a;
create view w as select x, total from a join v on k = x;
create table c as select x, absent_thing from a;
prepare p as select absent_thing from a where x = $1;
explain select absent_thing from a;
do $$ declare absent_thing int := 1; begin perform x from a where x = absent_thing; end $$;
