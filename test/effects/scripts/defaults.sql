-- A DEFAULT is computed when a row is inserted; before that its literals are read, and no more.
create table d1 (a int default 1 / 0);
create table d2 (a int default 'x'::text::int);
create table d3 (a int default 99999999999::int);
create table d4 (a date default ('2024-02-30'::text)::date);
create table d5 (a smallint default 99999::smallint);
create table d6 (a float8 default sqrt(-1));
create table d7 (a int default 'x'::int);
create table d8 (a date default '2024-02-30');
create table d9 (a date default date '2024-02-30' + 1);
create table d10 (a int default length('x') + 'y');
create table d11 (a int default 1 / 0 + 'y'::int);
alter table d1 alter a set default 2 / 0;
alter table d1 alter a set default 'z';
alter table d1 alter a set default 1 + 'z';
