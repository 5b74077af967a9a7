-- Refusals about tables that the statement does not name. The modes of a second BEGIN may be refused, and with them the
-- transaction: whether what it made is there is not known.
create table s (k int primary key, v int);
create table p (k int not null, v int) partition by list (k);
create table p1 partition of p for values in (1);
create schema "other one";
begin;
create view "v 1" as select v from s;
create table "other one"."c.d ""e" () inherits (s);
create table "r 1" (k int references s);
create table "p 2" partition of p for values in (2);
alter table p1 add constraint "c 1" check (v > 0);
insert into p1 values (1, 1);
-- untold
begin isolation level serializable;
commit;
alter table s drop column v;
create table p3 partition of p for values in (2);
truncate s;
alter table s drop constraint s_pkey;
drop table s;

-- The names of constraints, columns and triggers are not quoted in these messages, those of tables are.
create table "A b" ("K k" int constraint "P k" primary key, "V v" int);
create table "C d" (r int constraint "F k" references "A b");
create view "V w" as select "V v" from "A b";
alter table "A b" drop constraint "P k";
drop index "P k";
alter table "A b" drop column "K k";
alter table "A b" drop column "V v";
drop table "A b";
create table "S e" ("I d" serial);
drop sequence "S e_I d_seq";

-- A constraint of a partition that may have been dropped, and a view that may be another, with a view on it.
create table q (k int not null, v int, constraint ck check (v > 0)) partition by list (k);
create table q1 partition of q for values in (1);
create table u (k int primary key, v int);
create view w1 as select k from u;
create view w2 as select k from w1;
alter table q1 add constraint ck_old check (v > -1);
begin;
alter table q1 drop constraint ck_old;
create or replace view w1 as select k, v from u;
-- untold
begin isolation level serializable;
commit;
-- untold
alter table q rename constraint ck to ck_old;
alter table u drop column v;
