-- COPY with its data: each is refused, or taken, as real servers do it.
create table t (id int, d date not null, note varchar(3), g int generated always as (id + 1) stored) partition by range (d);
create table t1 partition of t for values from ('2026-01-01') to ('2026-02-01');
create table x (a int, b text);
copy t from stdin;
1	2026-01-05	abc
2	2026-03-05	x
\.
copy t (id, d) from stdin;
1	2026-01-05
2	2026-03-05
\.
copy t (id, d) from stdin;
1	2026-01-05
2	2026-01-06
\.
copy t (d) from stdin;
\N
\.
copy t (d) from stdin;

\.
copy t (id, d) from stdin;
1
\.
copy t (id, d) from stdin;
1	2026-01-01	4
\.
copy t (id, d, note) from stdin;
1	2026-01-01	abcd
\.
copy t (id, d, note) from stdin;
1	2026-01-01	abc 
\.
copy t (id, d, note) from stdin;
1	2026-01-01	abc   
\.
copy t (id, d) from stdin;
abc	2026-01-01
\.
copy t (id, d) from stdin;
99999999999	2026-01-01
\.
copy t (d, id) from stdin;
2026-02-30	1
\.
copy t (d, id) from stdin csv;
2026-01-30,1
2026-03-30,1
\.
copy t (d, id) from stdin with (format csv, header);
d,id
2026-01-30,1
2026-03-30,1
\.
copy t (d, id) from stdin with (format csv, header true, delimiter ';', null 'NIL');
d;id
2026-01-30;NIL
NIL;1
\.
copy t (d, id) from stdin with (format csv, quote '''', escape '\');
'2026-01-\30',1
'2026-05-30',1
\.
copy t (d, id, note) from stdin csv;
2026-01-30,1,"a,"
"2026-01-30",,"a""b"
2026-01-30,1,""
2026-01-30,"",x
\.
copy t (d, id, note) from stdin csv;
2026-01-30,1,"a
b"
2026-09-30,1,x
\.
copy t (d, id) from stdin csv;
2026-01-30,1

\.
copy t (d, id) from stdin;
2026-01-30	1

\.
copy t1 (d, id) from stdin;
2026-02-30	1
\.
copy t1 (d, id) from stdin;
2026-02-20	1
\.
copy t (d, id) from stdin with delimiter '|';
2026-02-20|1
\.
copy t (d, id) from stdin delimiter '|' null 'x';
x|1
\.
copy x from stdin;
1	a\tb\\c\x41\101\qz
\N	\N
3	\\N
\.
copy x from stdin;
1	a\
b
\.
copy x (a, nosuch) from stdin;
q	a
\.
create table def (k int) partition by list (k);
create table def_d partition of def default;
copy def from stdin;
5
6
\.
create table def_5 partition of def for values in (5);
create table def_7 partition of def for values in (7);
alter table def add check (k < 6);
alter table def add check (k < 60);
copy x (a) from stdin;
\.
copy x from stdin;
1	a
x	b
\.
