-- An access method that nothing shows: whether the statement succeeds is not told, nor what rests on it.
create table sites (i int unique);
-- untold
create table visits (j int references sites (i)) using other_am;
drop table sites;
create table sites (i int not null) partition by list (i);
create index sites_i on sites using other_index (i);
create index sites_i on sites (i);
