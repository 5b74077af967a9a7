-- Rows that queries have put there may keep a statement from succeeding: neither that it does nor that it does not is told.
create table cons (id int, at date) partition by range (at);
create table cons_def partition of cons default;
insert into cons select g, date '2026-02-01' + g from generate_series(0, (select 3)) g;
-- untold
create table cons_02 partition of cons for values from ('2026-02-01') to ('2026-03-01');
delete from cons_def;
create table cons_02 partition of cons for values from ('2026-02-01') to ('2026-03-01');
-- untold
create table cons_02 partition of cons for values from ('2026-02-01') to ('2026-03-01');

-- A partition that may not have been created is in nobody's way.
create table again (k int) partition by range (k);
create table again_rest partition of again default;
insert into again select g from generate_series(5, (select 6)) g;
-- untold
create table again_1 partition of again for values from (0) to (10);
truncate again;
create table again_2 partition of again for values from (0) to (20);
create table again_1 (k int);

-- A table whose rows may not fit may not be attached.
create table att (k int) partition by range (k);
create table att_1 (k int);
insert into att_1 select g from generate_series(50, (select 51)) g;
-- untold
alter table att attach partition att_1 for values from (0) to (10);
alter table att attach partition att_1 for values from (50) to (60);
create table att_2 partition of att for values from (0) to (10);

-- Keys, CHECKs, foreign keys and NOT NULL over rows of a query.
create table held (a int, b int);
insert into held select g / 2, null from generate_series(0, (select 3)) g;
-- untold
alter table held add constraint held_a unique (a);
alter table held add constraint held_a check (a < 10);
-- untold
alter table held alter b set not null;
insert into held values (8, null);
-- untold
alter table held add column c int not null;
alter table held add column c int;
create table target (a int primary key);
-- untold
alter table held add constraint held_fk foreign key (a) references target;
drop table target;

-- What a transaction has done is as open as one of its statements.
begin;
create table inside (k int);
insert into cons_def select g, '2027-01-01' from generate_series(1, (select 2)) g;
-- untold
create table cons_27 partition of cons for values from ('2027-01-01') to ('2028-01-01');
commit;
create table inside (k int);

-- A query over a table that is empty adds no row, and all is as certain as before.
create table none (k int) partition by range (k);
create table none_rest partition of none default;
create table nothing (k int);
insert into none select k from nothing;
create table none_1 partition of none for values from (0) to (10);
create table none_1 (k int);
