-- Values of bounds that take more than their literal: arrays as text, letters beyond ASCII, numbers too small for a float.
create table a (k text) partition by list (k);
create table a1 partition of a for values in ('B', array['a'], array[1, null]);
create table a2 partition of a for values in ('{a}');
create table a3 partition of a for values in ('{1,NULL}');
create table a4 partition of a for values in (lower('éX'));
create table a5 partition of a for values in ('éx');
create table f (k float8) partition by list (k);
create table f1 partition of f for values in (1e-400);
create table f1 partition of f for values in (1e-300, 2.5);
create table f2 partition of f for values in (2.5);
create table g (k real) partition by list (k);
create table g1 partition of g for values in (1e-60);
-- Keys that a row has already.
create table k (k int primary key, v int unique, note text default 'x') partition by range (k);
create table k (k int primary key, note text default 'x') partition by range (k);
create table k1 partition of k for values from (1) to (10);
insert into k values (1);
insert into k values (1);
insert into k values (2), (3);
insert into k values (4), (3);
alter table k1 add constraint c check (k in (1, 2, 3, 4) and note between 'a' and 'y');
insert into k values (5);
insert into k values (4, 'z');
insert into k values (4, 'y');
insert into k values (1, 'y') on conflict do nothing;
alter table k1 add constraint d check (k <> all (array[7, 8]) and k = any (array[1, 2, 3, 4, 7]));
-- NOT NULL of a primary key, with and without that of the parent.
alter table k1 alter column k drop not null;
alter table k alter column k drop not null;
-- Syntax of later versions, and modes of a transaction that has begun.
begin;
alter table k nosuch;
alter table nosuch split partition k1 into (partition k3 for values from (1) to (2), partition k4 for values from (2) to (10));
rollback;
-- A trigger may fill what the row lacks.
create table filled (k int not null, v int not null) partition by list (k);
create table filled_1 partition of filled for values in (1);
create function fill() returns trigger language plpgsql as 'begin new.v := 1; return new; end';
create trigger tr before insert on filled_1 for each row execute function fill();
insert into filled (k) values (1);
create table clock (k time) partition by list (k);
create table clock_1 partition of clock for values in (interval '1 hour', interval '-1 hour', interval '25:30');
create table clock_2 partition of clock for values in ('23:00');
create table clock_3 partition of clock for values in ('01:30');
create table texts (k text unique) partition by range (k);
create table texts_rest partition of texts default;
insert into texts values ('Z');
insert into texts values ('x');
create table texts_1 partition of texts for values from ('n') to ('z');
