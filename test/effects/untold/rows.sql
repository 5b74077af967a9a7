-- Rows of constants of which it cannot be told where they go, or whether they fit, keep tables from being attached.
create function hash_zero(int, int8) returns int8 language sql immutable as 'select 0::int8';
create operator class zero_ops for type int using hash as operator 1 =, function 2 hash_zero(int, int8);
create table h (k int) partition by hash (k zero_ops);
create table h_part (k int) partition by list (k);
create table h_part_1 partition of h_part for values in (1, 2);
insert into h_part_1 values (1);
-- untold
alter table h attach partition h_part for values with (modulus 2, remainder 0);
delete from h_part;
alter table h attach partition h_part for values with (modulus 2, remainder 0);

-- A foreign key or a unique index of the parent that rows of the new partition violate.
create table target (k int primary key);
create table p (k int references target) partition by list (k);
create table p_1 (k int) partition by range (k);
create table p_1_low partition of p_1 for values from (0) to (10);
insert into p_1 values (1);
-- untold
alter table p attach partition p_1 for values in (1);
insert into target values (1);
alter table p attach partition p_1 for values in (1);
drop table p;

-- Dropping what may have become a partition, or not.
create table q (k int) partition by range (k);
create table q_1 (k int, note text) partition by range (k);
create table q_1_low (note text, k int);
alter table q_1 attach partition q_1_low for values from (0) to (10);
insert into q_1 values ((select 5));
alter table q_1 drop column note;
-- untold
alter table q attach partition q_1 for values from (6) to (10);
drop table q;
drop table q_1_low;
drop table q_1;

-- Rows that refer to a partition keep it from being detached.
create table kept (k int primary key) partition by list (k);
create table kept_1 partition of kept for values in (1);
create table kept_2 partition of kept for values in (2);
insert into kept values (1), (2);
create table referring (k int references kept);
insert into referring values (1);
alter table kept detach partition kept_1;
drop table kept_1;
delete from referring;
alter table kept detach partition kept_1;
drop table kept_1;
