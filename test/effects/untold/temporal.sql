-- Keys WITHOUT OVERLAPS and foreign keys with PERIOD (18), which older grammars do not know.
create table seasons (id int4range, valid daterange, name text);
alter table seasons add constraint k primary key (valid without overlaps);
alter table seasons add constraint k primary key (id, name without overlaps);
alter table seasons add constraint k primary key (id, valid without overlaps);
create table matches (id int4range, valid daterange, foreign key (id, valid) references seasons (id, period valid));
create table matches (id int4range, valid daterange, foreign key (id, period valid) references seasons (id, valid));
create table matches (id int4range, valid daterange, foreign key (id, period valid) references seasons);
