-- Sequences that defaults draw on.
create sequence drawn;
create sequence late;
create table drawing (a int default nextval('drawn'), b int default nextval('late'::text), c int default nextval('drawn'::regclass));
drop sequence drawn;
drop sequence late;
drop sequence drawn cascade;
drop sequence drawn;

-- What REFERENCING may not be given for.
create table watched (a int, b int) partition by list (a);
create table watched_1 partition of watched for values in (1);
create function watch() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger w after insert on watched referencing old table as o new table as n for each statement execute function watch();
create trigger w after insert or update on watched referencing new table as n for each statement execute function watch();
create trigger w after truncate on watched referencing old table as o for each statement execute function watch();
create trigger w after update of b on watched referencing new table as n for each statement execute function watch();
create trigger w before update on watched referencing new table as n for each statement execute function watch();
create trigger w after delete on watched referencing new table as n for each statement execute function watch();
create trigger w after update on watched referencing new table as n new table as m for each statement execute function watch();
create trigger w after update on watched referencing new table as n for each statement execute function watch();
create trigger w after delete on watched for each statement execute function watch();
create trigger r after insert on watched for each row execute function watch();
alter trigger r on watched rename to s;
