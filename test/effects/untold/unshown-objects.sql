-- An access method that nothing shows: whether the statement succeeds is not told, nor what rests on it.
create table sites (i int unique);
-- untold
create table visits (j int references sites (i)) using other_am;
drop table sites;
create table sites (i int not null) partition by list (i);
create index sites_i on sites using other_index (i);
create index sites_i on sites (i);

-- Tablespaces.
-- untold
create table spaced (a int primary key) tablespace nowhere;
create table spaced (a int, b text);
-- untold
create table spaced_too (a int primary key using index tablespace nowhere);
create table spaced_too (a int) tablespace pg_default;
-- untold
create table spaced_too (a int);
-- untold
create index spaced_a on spaced (a) tablespace nowhere;
create index spaced_a on spaced (a);
-- untold
alter table spaced add constraint spaced_key unique (a) using index tablespace nowhere;
alter table spaced add constraint spaced_key unique (a, b);
-- untold
alter table spaced set tablespace nowhere, add column c int;
alter table spaced add column c int;
create table parts (a int) partition by range (a);
-- untold
create table parts_1 partition of parts for values from (0) to (10) tablespace nowhere;
create table parts_2 partition of parts for values from (5) to (15);
-- untold
create table parts_3 partition of parts for values from (14) to (20);

-- Roles and schemas.
create table owned (a int);
-- untold
alter table owned owner to nobody_here, add column b int;
alter table owned add column b int;
-- untold
create schema theirs authorization nobody_here;
create schema theirs;
create schema theirs;

-- Collations, operator classes, parameters, text search configurations.
create table words (a text, n int);
-- untold
create index words_a on words (a collate "no-such");
create index words_a on words (a);
-- untold
create domain word as text collate "no-such";
create domain word as text;
-- untold
create index words_gin on words using gin (a gin_trgm_ops);
create index words_gin on words (n);
-- untold
create index words_n on words (n) with (fill_factor = 50);
create index words_n on words (n) with (fillfactor = 50);
-- untold
create index words_ts on words using gin (to_tsvector('our_own', a));
create index words_ts on words using gin (to_tsvector('english', a));
create index words_ts on words (n);
create text search configuration our_own (copy = simple);
create index words_own on words using gin (to_tsvector('our_own'::regconfig, a));
create index words_own on words (n);
drop index words_own;
drop text search configuration our_own;
-- untold
create index words_own on words using gin (to_tsvector('our_own', a));
create index words_own on words (n);

-- Relations that constants name.
-- untold
create table counted (a int default nextval('no_such'));
create table counted (a int);
create sequence counts;
create table counted_too (a int default nextval('public."counts"'::regclass));
create table counted_too (a int);
create sequence kept owned by nothing.a;
create sequence kept owned by counted.a;
-- Which of two statements made the table is not told, so what goes along with it is in doubt too.
-- untold
create sequence kept;

-- Types of types.
-- untold
create type span as range (subtype = no_such);
create type span as range (subtype = float8);
create type span as range (subtype = float8);

-- What goes with an object that is not kept here is not told.
create collation sorted (locale = 'C');
create table by_word (a text collate sorted, n int);
create index by_word_a on by_word (a);
drop collation sorted cascade;
create index by_word_a on by_word (n);
alter table by_word add column a int;

-- A second partition by the name of one in doubt: if the first is there, it takes rows.
create table again (a int) partition by range (a);
-- untold
create table again_1 partition of again for values from (0) to (10) tablespace nowhere;
create table again_1 partition of again for values from (10) to (20);
-- untold
insert into again values (5);
insert into again values (15);

-- A transaction that fails with it leaves nothing behind.
begin;
create table in_one (a int);
-- untold
create table in_one_too (a int) tablespace nowhere;
commit;
create table in_one (a int, b text);
create table in_one_too (a int, b text);
