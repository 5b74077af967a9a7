-- Types, collations, functions and access methods that do not exist, in the places where PostgreSQL looks them up.
create table t (k int, v int, note text) partition by range (k);
create table t1 partition of t for values from ('sad'::mood) to ('ok');
create table t1 partition of t for values from (cast(null as nosuch[])) to (1);
alter table t add constraint c check (note = 'a'::nosuch);
alter table t add constraint c check (extract(year from k) = 2023);
alter table t add constraint c check (extract(year from note) = 2023);
alter table t add constraint c check (pg_catalog.lower(k) = 'a');
create table e (k int) partition by range (extract(year from k));
create table e (k text collate nosuch) partition by range (k);
create table e (k text) partition by range (k collate nosuch);
create table e (k int) partition by range (k collate nosuch);
create table e (k text) partition by list (k);
create table e1 partition of e for values in ('a' collate nosuch);
create table e1 partition of e for values in (1 collate "C");
alter table e add check (k collate nosuch > 'a');
alter table t add check (v collate "C" > 1);
create index on t using nosuch (v);
create unique index on t using nosuch (nosuch);
create table pg_temp.x partition of nosuch.t for values from (1) to (2);
create temp table nosuch.x (k int);
create temp table public.x (k int);
-- A type of another kind where a list has no common type.
create table m (k timestamp, note text);
alter table m add check (k in (1, 5));
alter table m add check (note not in (timestamp '2023-01-01', '2023-02-01'));
alter table m add check (k in ('2023-01-01', '2023-02-01'));
-- Objects of kinds that are not kept.
create collation here (locale = 'C');
create table e2 (k text collate here) partition by list (k);
create table e21 partition of e2 for values in ('a');
create operator class my_ops for type int4 using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(int4, int4);
create table e3 (k int) partition by range (k my_ops);
create table e31 partition of e3 for values from (1) to (2);
