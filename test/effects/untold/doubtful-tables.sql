-- Tables that PostgreSQL may not have created: IF EXISTS forgives them, and a second one of the name is not known either.
create table t (k text, v int) partition by range (k);
create table t1 partition of t for values from ('a') to ('m');
-- untold
create table t2 partition of t for values from (concat_ws('', 'b', 'c')) to ('d') partition by hash (v);
create table h (k text, v int);
alter table if exists t2 attach partition h for values with (modulus 0, remainder 0);
create table t3 partition of t for values from (concat_ws('', 'x')) to ('y');
-- untold
create table t3 (k text);
-- untold
alter table t3 add column v int;
drop table if exists t2, t3;

-- The modes of a second BEGIN may be refused, and with them the transaction.
begin;
create table u (k int) partition by range (k);
-- untold
begin isolation level serializable;
-- untold
create table u1 partition of u for values from (1) to (2);
commit;
create table u (k int);
