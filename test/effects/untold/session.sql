-- What another role may do is not known, nor what it has done.
create table mine (k int) partition by range (k);
create table mine_1 partition of mine for values from (0) to (10);
set role pg_monitor;
-- untold
alter table mine rename to theirs;
-- untold
drop table mine_1;
-- untold 15 17 18
create table own (k int);
reset role;
-- untold 13
create table own (k int);
alter table mine rename to renamed;
drop table renamed, own;

-- Read-only transactions change nothing.
create table kept (k int);
begin read only;
-- untold
drop table kept;
rollback;
begin;
set transaction read only;
-- untold
drop table kept;
rollback;
set session characteristics as transaction read only;
-- untold
drop table kept;
begin read write;
drop table kept;
rollback;
set session characteristics as transaction read write;
drop table kept;

-- Whether a transaction can be prepared, the server decides.
begin;
create table prepared (k int);
-- untold
prepare transaction 'untold';
create table prepared (k int);
drop table prepared;

-- What ends with the session's temporary relations.
create temporary table passing (k int);
discard temporary;
create temporary table passing (k int);
discard all;
create temporary table passing (k int);
create temporary table passing (k int);

-- Where a table is to be stored may not do.
create table stored (k int) partition by list (k);
set default_tablespace = pg_global;
-- untold
create table stored_1 partition of stored for values in (1);
reset default_tablespace;
create table stored_1 partition of stored for values in (1);
-- untold
create table keyed (k int primary key using index tablespace pg_default) partition by list (k);
create table keyed (k int primary key) partition by list (k);

-- An ON SELECT rule made a view of a table.
create table became (a int);
create rule "_RETURN" as on select to became do instead select 1 as a;
drop table if exists stored;
