-- What may use a part of the rows that a column holds.
create type pair as (a int, b text);
create table pairs (p pair check ((p).a > 0));
-- untold
alter type pair drop attribute a;
alter type pair drop attribute a cascade;

-- A view that reads what a function returns: rows of a table.
create table source (a int, b int);
create function read_source() returns setof source language plpgsql as $$
begin
  return query select * from source;
end $$;
create view seen as select r.b from read_source() r;
-- untold 15 17 18
alter table source drop column b;
-- untold
drop table source;
drop view seen;
alter table source drop column if exists b;
drop function read_source();
drop table source;

-- How windows and aggregates are sorted is not kept.
create table sorted (a int, b int, c int, d int);
create view ranks as select row_number() over (order by a) as r from sorted;
alter table sorted drop column d;
-- untold
alter table sorted drop column a;
drop view ranks;
create table gathered (a int, b int);
create view gathering as select array_agg(a order by b) as s from gathered;
-- untold
alter table gathered drop column b;
drop view gathering;
alter table gathered drop column b;

-- Functions that are called cannot be dropped.
create function plus_one(int) returns int language sql immutable as 'select $1 + 1';
create table keyed (k int) partition by range (plus_one(k));
-- untold
drop function plus_one(int);
create table keyed_again (k int) partition by range (plus_one(k));
drop table keyed, keyed_again;
drop function plus_one(int);
