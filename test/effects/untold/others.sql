-- Policies and publications need what they name.
create table dependee (x int, y int);
create table dependent (x int, y int);
create policy d on dependent using (x = (select d.x from dependee d where d.y = y));
-- untold
drop table dependee;
-- untold
alter table dependent drop column x;
drop table dependee cascade;
drop table dependent;

-- Without its server there is no foreign table.
-- untold
create foreign table far (k int) server nosuch;
create table far (k int);

-- A view may group by a key.
create table grouped (id int primary key, v text);
create view groups as select id, v from grouped group by id;
-- untold
alter table grouped drop constraint grouped_pkey;
alter table grouped drop constraint grouped_pkey cascade;

-- A schema in which a table may be is dropped where there is none.
create schema app;
create table app.pair (a int);
create function app.pairs() returns setof app.pair language sql as 'select * from app.pair';
drop function app.pairs();
drop table app.pair;
drop schema app;
