-- UPDATE that gives a foreign key a value that is not there: all rows are the script's own.
create table p (id int primary key);
insert into p values (1), (2);
create table c (id int, pid int references p, n int);
insert into c values (1, 1, 1), (2, 1, 2);
update c set pid = 3;
update c set pid = 3, n = 7 where id = 2;
update c set pid = id;
update c set pid = id + 1 where id = 2;
update c set (pid, n) = (9, 1) where id = 1;
update c set (pid, n) = row(2, 1) where id = 1;
update c set pid = 8 where id = 99;
update c set pid = null where id = 1;
update c set pid = 5 where pid is null;
with x as (update c set pid = 8 where id = 1 returning *) select * from x;
with x as (update c set pid = 8 where id = 99 returning *) select * from x;
update c set n = 5;

-- Keys of several columns, and what is put off.
create table p2 (a int, b int, primary key (a, b));
insert into p2 values (1, 1);
create table o (a int, b int, foreign key (a, b) references p2);
insert into o values (1, 1);
update o set b = 2;
update o set a = null;
update o set b = 5;
update o set a = 1;
create table d (pid int references p deferrable initially deferred);
insert into d values (1);
begin;
update d set pid = 9;
rollback;

-- Of partitions, also where a row moves.
create table e (a int, pid int references p) partition by list (a);
create table e1 partition of e for values in (1);
create table e2 partition of e for values in (2);
insert into e values (1, 1);
update e set pid = 5;
update e1 set pid = 6;
update e set a = 2, pid = 7;
update e set a = 2;
update e2 set pid = 6;
update e set (a, pid) = (3, 6);
with x as (update e set a = 4 returning *) select * from x;
