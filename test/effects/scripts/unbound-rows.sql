-- Rows that refer to what is not there: all rows of the table that is referred to are the script's own.
create table a (id int primary key, name text);
create table b (n int, aid bigint references a);
insert into b values (1, 1);
insert into a values (1, 'x'), (2, 'y');
insert into b values (1, 1), (2, null), (3, 7), (4, 8);
insert into b (n, aid) values (5, 2);
insert into b values (1, 'z');
alter table b add check (n < 100);
insert into b values (100, 9);
alter table b add unique (n);
insert into b values (5, 9);
insert into b values (20, 9);

-- Of partitions the key is theirs, and what is referred to the whole table.
create table p (k int, v text, primary key (k, v)) partition by range (k);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create table c (x text, "Y" int, constraint to_p foreign key ("Y", x) references p) partition by list (x);
create table c1 partition of c for values in ('a', 'b');
insert into p values (1, 'a'), (11, 'b');
insert into c values ('a', 1);
insert into c values ('b', 1);
insert into c values ('b', 11);
insert into c1 values ('a', 12);
insert into c values (null, 3);
delete from p where k = 11;

-- Dates and numbers.
create table days (d date primary key, n numeric(6, 2) unique);
create table uses_days (d date references days, n numeric references days (n));
insert into days values ('2026-01-01', 1.5);
insert into uses_days values ('2026-01-01', 1.50);
insert into uses_days values ('2026-01-02', 1.50);
insert into uses_days values ('2026-01-01', 1.51);
truncate b;
insert into b values (1, 33);
begin;
insert into a values (33, 'z');
insert into b values (1, 33);
rollback;
begin;
insert into b values (1, 33);
rollback;
