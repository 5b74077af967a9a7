-- What a function makes that builds its statements can be dropped, as often as it is called.
create function make(name text) returns void language plpgsql as $$
begin
  execute format('create table %I as select 1 as k', name);
end $$;
select make('made');
drop table made;
select make('made');
drop table made;

-- A superuser may change the catalog itself.
create table tampered (a int, b int);
create view reading as select a, b from tampered;
begin;
delete from pg_depend where refobjid = 'tampered'::regclass and refobjsubid = 2;
alter table tampered drop column b;
rollback;
select a, b from tampered;
