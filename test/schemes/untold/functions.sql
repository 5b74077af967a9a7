-- What a function makes that builds its statements can be dropped, as often as it is called.
create function make(name text) returns void language plpgsql as $$
begin
  execute format('create table %I as select 1 as k', name);
end $$;
select make('made');
drop table made;
select make('made');
drop table made;
