-- Columns whose constraints the rows that are there may not fulfil.
create table filled (a int primary key, b int generated always as (a * 2) stored);
insert into filled (a) values (30);
-- untold
alter table filled add column c float8 default random() check (b < 50);
alter table filled add column c float8 default random() check (b < 61);

-- What rests on a table in doubt leaves it in doubt.
create table listed (k int, b text) partition by list (k);
create table listed_1 (k int, b text, constraint c check (b <> 'zz'));
insert into listed_1 values ((select 5), 'x');
-- untold
alter table listed attach partition listed_1 for values in (1);
alter table listed add constraint c check (b <> 'zz');
alter table only listed drop constraint c;
