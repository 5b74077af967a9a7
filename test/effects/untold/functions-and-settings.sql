-- A function that sets what names mean: they may mean something else from there on.
create schema other;
create table here (a int);
create function go() returns void language plpgsql as $$ begin perform set_config('search_path', 'other', false); end $$;
select go();
create table here (a int);
reset search_path;
create function stays() returns void language sql as 'set search_path = other';
select public.stays();
create table here_too (a int);
reset search_path;

-- One of its own means nothing to others.
create table claimed (a int);
create function tenant() returns void language plpgsql as $$ begin perform set_config('app.tenant', '1', true); end $$;
select tenant();
create table claimed (a int);

-- How an altered function behaves is not what its CREATE says.
create function steady(int) returns int language plpgsql as $$ begin return $1; end $$;
alter function steady(int) immutable;
create table indexed (a int);
create index on indexed (steady(a));
create table made (a int);
create schema far;
create table far.made (a int);
create function drops() returns void language plpgsql as $$ begin execute 'drop table made'; end $$;
alter function drops() set search_path = far;
select drops();
create table far.made (a int);
