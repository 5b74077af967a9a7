-- What a trigger cannot be: its event, its columns, its condition, its function.
create table p (a int, b text) partition by range (a);
create table p1 partition of p for values from (0) to (10);
create table t (a int, b text);
create view v as select * from t;
create function f() returns trigger language plpgsql as $$ begin return new; end $$;
create function g() returns int language sql as 'select 1';
create trigger wrong before insert on t for each row execute function g();
create trigger wrong after truncate on t for each row execute function f();
create trigger wrong instead of insert on v for each statement execute function f();
create trigger wrong instead of update of a on v for each row execute function f();
create trigger wrong instead of update on v for each row when (new.a > 1) execute function f();
create trigger wrong before update of absent_thing on t for each row execute function f();
create trigger wrong before update of a, a on p for each statement execute function f();
create trigger wrong before insert on t for each row when (old.a > 1) execute function f();
create trigger wrong before update or insert on t for each row when (old.a > 1) execute function f();
create trigger wrong before delete on t for each row when (new.a > 1) execute function f();
create trigger wrong before insert on t for each statement when (new.a > 1) execute function f();
create trigger wrong before insert on t for each row when (new.absent_thing > 1) execute function f();
create trigger wrong before update on t for each row when (new.tableoid > 0) execute function f();
create trigger right_1 before update of a, b on t for each row when (old.a > new.a and old.tableoid > 0) execute function f();
create trigger right_2 before insert or delete on p for each statement when (1 > 0) execute function f();
create trigger right_3 instead of update on v for each row execute function f();
create trigger right_4 after truncate on p for each statement execute function f();

-- The columns of COPY.
create table copied (a int, b text, g int generated always as (a + 1) stored);
copy copied (a, a) from stdin;
\.
copy copied (a, g) from stdin;
\.
copy copied (a, absent_thing) from stdin;
\.
copy copied (g) to stdout;
create trigger wrong before insert on copied for each row when (new.g > 1) execute function f();
create trigger right after insert on copied for each row when (new.g > 1) execute function f();
