-- INSERT … SELECT over VALUES: each row goes where one that is written out goes.
create table p (k int not null, d date, v text) partition by range (k);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
insert into p select * from (values (1, date '2026-01-01', 'a'), (12, null, 'b')) as v;
insert into p (v, k) select x.c, x.n + 1 from (values ('a', 3), ('b', 30)) as x (c, n);
insert into p (v, k) select x.c, x.n + 1 from (values ('a', 3), ('b', 30)) as x (c, n) where x.n < 10;
insert into p select column1 from (values (5), (25)) as x;
insert into p (k, d) select * from (values (5, '2026-01-01')) as x;
insert into p (k, d) select a, b::date from (values (5, '2026-01-01')) as x (a, b);
insert into p (k, d) select a, b::date from (values (55, '2026-01-01')) as x (a, b);
insert into p (k) select * from (values (1, 2)) as x;
insert into p (k, nope) select * from (values (1, 2)) as x;
insert into p (k) select a from (values (null), (3)) as x (a);
insert into p with w (a) as (values (3), (33)) select a from w;
with w (a) as (values (3), (33)) insert into p select a from w;
with w (a) as (values (3), (4)) insert into p select a from w;

-- INSERT in a common table expression is run, whoever reads it.
with ins as (insert into p values (40) returning k) select 1;
with ins as (insert into p values (4) returning k) select * from ins;
with ins as (insert into p values (41) returning k) insert into p values (5);
with ins as (insert into p values (4)) insert into p values (50);
with w (a) as (values (3), (33)), ins as (insert into p select a from w returning k) select count(*) from ins;
with ins as (insert into p (k) values (null)) delete from p where k = 1;
