-- NOT NULL as a constraint of a name of its own (18), on parents, children and keys.
create table p (a int, b int) partition by list (a);
create table p_1 (like p);
alter table p_1 add primary key (a);
alter table p attach partition p_1 for values in (1);
alter table only p add primary key (a);
alter table p drop constraint if exists p_pkey;
create table p_2 partition of p for values in (2);
alter table only p add primary key (a, b);
create table twice (a int constraint c not null, b int constraint c not null);
create table twice (a int constraint c not null, b int not null);
create table rows (a int);
insert into rows values (null);
alter table rows alter a set not null;
alter table rows add primary key (a);
