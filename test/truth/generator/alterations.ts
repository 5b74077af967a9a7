/** What happens to tables after they are created: ALTER, DROP, indexes, constraints, renames, rows. */

import type { Builder, TableSpec } from "./builder.ts";
import { boundClause, intType } from "./tables.ts";

type Writer = (builder: Builder, table: TableSpec) => string;

/** Adds one statement about the script's tables. `wide` reaches beyond what is common. */
export function alter(builder: Builder, wide: boolean): void {
  const { random, tables } = builder;
  if (tables.length === 0) return;
  const root = tables.find(({ parent }) => parent === null) ?? (tables[0] as TableSpec);
  const table = random.chance(0.45) ? root : random.pick(tables);
  const pools: readonly (readonly [number, readonly Writer[]])[] = [
    [6, common],
    [wide ? 3 : 0.5, columnChanges],
    [wide ? 3 : 0.5, constraintChanges],
    [wide ? 3 : 0.5, indexChanges],
    [wide ? 2 : 0.3, inheritanceChanges],
    [wide ? 2 : 0.3, nameChanges],
    [wide ? 2 : 0.3, otherChanges],
  ];
  builder.add(random.pick(random.weighted(pools))(builder, table));
}

/** INSERT of constants into a table with a key. */
export function insert(builder: Builder, table: TableSpec): string {
  const { random } = builder;
  const key = table.key.length > 0 ? table.key : (table.parent?.key ?? []);
  const named = key.filter(({ sql }) => /^\w+$/.test(sql));
  const row = (): string =>
    named
      .map(({ values }) => (random.chance(0.06) ? "null" : values.spell(random.int(0, values.count - 1), random)))
      .join(", ");
  if (named.length === 0) return `insert into ${table.name} (v) values (1)`;
  const columns = named.map(({ sql }) => sql).join(", ");
  const rows = random.chance(0.1) ? `(${row()}), (${row()})` : `(${row()})`;
  return random.weighted<string>([
    [12, `insert into ${table.name} (${columns}) values ${rows}`],
    [1, `insert into ${table.name} (${columns}) select ${row()}`],
    [1, `insert into ${table.name} as x (${columns}, v) values (${row()}, 5) returning v`],
    [1, `insert into ${table.name} default values`],
    [1, `insert into ${table.name} (${columns}) values (${row()}) on conflict do nothing`],
    [0.5, `insert into ${table.name} (${columns}, nosuch) values (${row()}, 1)`],
    [0.5, `insert into ${table.name} values (${row()})`],
  ]);
}

const relative =
  (sql: (partition: string, parent: string, builder: Builder) => string): Writer =>
  (builder, table) => {
    const partition =
      table.parent === null && table.partitions.length > 0 ? builder.random.pick(table.partitions) : table;
    return sql(partition.name, partition.parent?.name ?? builder.tables[0]?.name ?? "t", builder);
  };

/** The table itself; `k` is its first key column or another. */
const plain =
  (sql: string): Writer =>
  (builder, table) =>
    sql
      .replaceAll("{t}", table.name)
      .replaceAll("{k}", table.key[0]?.sql ?? builder.tables[0]?.key[0]?.sql ?? "v")
      .replaceAll("{c}", builder.random.pick(["v", "v", "note", "k", "k2", "nosuch"]))
      .replaceAll("{n}", String(builder.number()));

const common: readonly Writer[] = [
  relative((partition, parent) => `alter table ${parent} detach partition ${partition}`),
  relative((partition, parent) => `alter table ${parent} detach partition ${partition}`),
  relative((partition, parent) => `alter table ${parent} detach partition ${partition} concurrently`),
  relative((partition, parent) => `alter table ${parent} detach partition ${partition} finalize`),
  relative((partition) => `drop table ${partition}`),
  relative((partition) => `drop table if exists ${partition}`),
  relative((partition) => `truncate ${partition}`),
  (builder, table) => {
    const partition = table.partitions.length > 0 ? builder.random.pick(table.partitions) : table;
    return `alter table ${table.name} attach partition ${partition.name} ${boundClause(builder, table, 0.5)}`;
  },
  plain("alter table {t} add column extra{n} int"),
  plain("alter table {t} add column extra{n} text not null default 'x'"),
  plain("alter table {t} drop column {c}"),
  plain("alter table {t} rename column {c} to {c}x"),
  plain("alter table {t} alter column {k} type text"),
  plain("alter table {t} alter column {c} drop not null"),
  plain("alter table {t} alter column {c} set not null"),
  plain("alter table {t} add primary key ({k})"),
  plain("alter table {t} add primary key (v)"),
  plain("alter table {t} add constraint uq{n} unique (v)"),
  plain("alter table {t} add constraint cx check (v < 1000)"),
  plain("alter table {t} drop constraint cx"),
  plain("alter table {t} add foreign key (v) references {t} (v)"),
  plain("create index on {t} (v)"),
  plain("create unique index on {t} (v)"),
  plain("create unique index on {t} ({k}, v)"),
  plain("create index concurrently on {t} (v)"),
  plain("alter table {t} rename to renamed_{n}"),
  plain("comment on table {t} is 'x'"),
  insert,
];

const columnChanges: readonly Writer[] = [
  plain("alter table {t} add column {c} int"),
  plain("alter table {t} add column if not exists {c} int"),
  plain("alter table {t} add column w{n} int check (w{n} > 0)"),
  plain("alter table {t} add column w{n} int unique"),
  plain("alter table {t} add column w{n} int primary key"),
  plain("alter table {t} add column w{n} int generated always as identity"),
  plain("alter table {t} add column w{n} int generated by default as identity (start with 5)"),
  plain("alter table {t} add column w{n} int generated always as (v * 2) stored"),
  plain("alter table {t} add column w{n} int generated always as (v * 2) virtual"),
  plain("alter table {t} add column w{n} int generated always as (random()) stored"),
  plain("alter table {t} add column w{n} serial"),
  plain("alter table {t} add column w{n} text collate \"C\" default lower('X')"),
  plain("alter table {t} add column w{n} nosuchtype"),
  plain("alter table {t} add column w{n} int references {t}"),
  plain("alter table {t} add column w{n} int not null default 5, add column u{n} text"),
  plain("alter table only {t} add column w{n} int"),
  plain("alter table {t} drop column if exists {c}"),
  plain("alter table {t} drop column {c} cascade"),
  plain("alter table only {t} drop column {c}"),
  plain("alter table {t} drop column note, drop column v"),
  plain("alter table {t} alter column {c} type bigint"),
  plain("alter table {t} alter column {c} type text using {c}::text"),
  plain("alter table {t} alter column {c} type date using null"),
  plain("alter table {t} alter column note type varchar(10)"),
  plain("alter table {t} alter v set data type numeric(8,2), alter note set default 'y'"),
  plain("alter table {t} alter column note type int using length(note)"),
  plain("alter table {t} alter column {c} set default 5"),
  plain("alter table {t} alter column {c} set default 'x'"),
  plain("alter table {t} alter column {c} drop default"),
  plain("alter table {t} alter column {c} set default nosuch()"),
  plain("alter table only {t} alter column {c} set not null"),
  plain("alter table only {t} alter column {c} drop not null"),
  plain("alter table {t} alter column v add generated always as identity"),
  plain("alter table {t} alter column v drop identity"),
  plain("alter table {t} alter column v drop identity if exists"),
  plain("alter table {t} alter column v drop expression"),
  plain("alter table {t} alter column v set expression as (5)"),
  plain("alter table {t} alter column v set statistics 100"),
  plain("alter table {t} alter column note set storage external"),
  plain("alter table {t} alter column {c} set (n_distinct = 5)"),
  plain("alter table {t} alter column v set not null, alter column v drop not null"),
  plain("alter table {t} add column extra int, drop column note, add constraint e check (extra > 0)"),
];

const constraintChanges: readonly Writer[] = [
  plain("alter table {t} add constraint ck check (v > 0)"),
  plain("alter table {t} add check (v > 0)"),
  plain("alter table {t} add check (note <> '' and v between 1 and 10)"),
  plain("alter table {t} add check ({c} is not null)"),
  plain("alter table {t} add constraint ck check (v > 1)"),
  plain("alter table {t} add constraint ck{n} check (v in (1, 2, 3)) not valid"),
  plain("alter table {t} add constraint ck{n} check (v < 10) no inherit"),
  plain("alter table {t} add constraint ck{n} check (v < 10) not enforced"),
  plain("alter table only {t} add constraint ck check (v > 0)"),
  plain("alter table {t} validate constraint ck"),
  plain("alter table {t} drop constraint ck"),
  plain("alter table {t} drop constraint if exists ck"),
  plain("alter table only {t} drop constraint ck"),
  plain("alter table {t} drop constraint {t}_pkey"),
  plain("alter table {t} drop constraint if exists uq cascade"),
  plain("alter table {t} rename constraint ck to ck_new"),
  plain("alter table {t} rename constraint uq to uq_new"),
  plain("alter table {t} alter constraint ck not deferrable"),
  plain("alter table {t} add primary key ({k}, v)"),
  plain("alter table {t} add constraint uq{n} unique ({k}, v) include (note)"),
  plain("alter table {t} add constraint uq{n} unique ({k}) deferrable initially deferred"),
  plain("alter table {t} add unique nulls not distinct ({k})"),
  plain("alter table {t} add exclude using btree ({k} with =)"),
  plain("alter table {t} add exclude using gist (v with =)"),
  plain("alter table {t} add exclude (v with =)"),
  plain("alter table {t} add unique (nosuch)"),
  plain("alter table {t} add unique ({k}, {k})"),
  plain("alter table {t} add primary key using index nosuch"),
  plain("alter table {t} add constraint nn not null v"),
  plain("alter table {t} add constraint nn not null v no inherit"),
  plain("alter table {t} add constraint nn not null v not valid"),
  plain("alter table {t} add foreign key (v) references other (a)"),
  plain("alter table {t} add foreign key (v) references other"),
  plain("alter table {t} add constraint fk foreign key (v) references other (a) on delete cascade not valid"),
  plain("alter table {t} add foreign key (note) references other (a)"),
  plain("alter table {t} add foreign key (v) references other (nosuch)"),
  plain("alter table only {t} add foreign key (v) references other (a)"),
  plain("alter table other add foreign key (a) references {t} (v)"),
  plain("alter table other add foreign key (a) references {t}"),
  () => "create table other (a int primary key, b int unique)",
  () => "create table other (a int primary key, b int unique)",
  () => "drop table other",
  () => "drop table other cascade",
];

const indexChanges: readonly Writer[] = [
  plain("create index i on {t} (v)"),
  plain("create index if not exists i on {t} (v)"),
  plain("create index i{n} on only {t} (v)"),
  plain("create index on {t} (lower(note), v desc nulls last)"),
  plain("create index on {t} ((v + 1)) where v > 0"),
  plain("create index on {t} (nosuch)"),
  plain("create index on {t} (v nosuch_ops)"),
  plain("create index on {t} (v text_ops)"),
  plain("create index on {t} using hash (v)"),
  plain("create index on {t} using gin (v)"),
  plain("create index on {t} using nosuch (v)"),
  plain("create index on {t} using brin (v) with (pages_per_range = 8)"),
  plain("create index on {t} (random())"),
  plain("create index on {t} (v) include (note)"),
  plain('create index on {t} (note collate "C" text_pattern_ops)'),
  plain("create unique index on {t} using hash ({k})"),
  plain("create unique index u{n} on {t} ({k})"),
  plain("create unique index on {t} (lower(note))"),
  plain("create unique index on {t} ({k}, (v + 1))"),
  plain("create unique index on only {t} ({k})"),
  plain("drop index i"),
  plain("drop index if exists i"),
  plain("drop index i cascade"),
  plain("drop index concurrently i"),
  plain("alter index i rename to ii"),
  plain("alter index i set (fillfactor = 70)"),
  relative(
    (partition) =>
      `create index ${partition
        .replace(/^.*\.|"/g, "")
        .replace(/"/g, "")
        .replaceAll(" ", "_")}_i on ${partition} (v)`,
  ),
  relative(
    (partition) =>
      `alter index i attach partition ${partition
        .replace(/^.*\.|"/g, "")
        .replace(/"/g, "")
        .replaceAll(" ", "_")}_i`,
  ),
  relative(
    (partition) =>
      `alter index i attach partition ${partition.replace(/^.*\./, "").replace(/"$/, "")}_v_idx${partition.endsWith('"') ? '"' : ""}`,
  ),
  relative(
    (partition) =>
      `drop index ${partition.replace(/^.*\./, "").replace(/"$/, "")}_v_idx${partition.endsWith('"') ? '"' : ""}`,
  ),
  plain("alter table {t} replica identity using index i"),
  plain("alter table {t} cluster on i"),
  plain("cluster {t} using i"),
  plain("reindex table {t}"),
];

const inheritanceChanges: readonly Writer[] = [
  relative((partition, parent) => `alter table ${partition} inherit ${parent}`),
  relative((partition, parent) => `alter table ${partition} no inherit ${parent}`),
  (builder, table) => `create table ch_${builder.number()} () inherits (${table.name})`,
  (builder, table) => `create table ch_${builder.number()} (v bigint) inherits (${table.name})`,
  () => "create table par (k int, v int, note text)",
  plain("alter table {t} inherit par"),
  plain("alter table {t} no inherit par"),
  plain("alter table par inherit {t}"),
  () => "create table kid (check (v > 5)) inherits (par)",
  () => "drop table par",
  () => "drop table par cascade",
  () => "alter table par add column z int",
  () => "alter table only par add column z2 int",
  () => "alter table par alter column v type bigint",
  () => "alter table kid drop column v",
];

const nameChanges: readonly Writer[] = [
  () => "create schema if not exists app",
  () => "create schema app",
  () => "set search_path = app, public",
  () => "set search_path to public",
  () => "reset search_path",
  () => 'set search_path = "$user", public',
  () => "set local search_path = app",
  plain("alter table {t} set schema app"),
  plain("alter table if exists {t} set schema nosuch"),
  plain("alter table app.{t} set schema public"),
  plain("alter table {t} rename to {t}"),
  plain("alter table if exists nosuch rename to x"),
  plain("alter table {t} rename {c} to {k}"),
  plain("alter schema app rename to app2"),
  () => "drop schema app",
  () => "drop schema if exists app cascade",
  plain("drop table {t} cascade"),
  plain("drop table if exists nosuch, {t}"),
  plain("drop table {t}, nosuch"),
  plain("drop view {t}"),
  plain("drop index {t}"),
  plain("create view vw{n} as select * from {t}"),
  plain("create or replace view vw as select v from {t}"),
  plain("create materialized view mv{n} as select v from {t}"),
  plain("create table copy{n} as select * from {t}"),
  plain("create table copy{n} as table {t} with no data"),
  plain("select * into copy{n} from {t}"),
  plain("create sequence {t}"),
  plain("create sequence s{n} owned by {t}.v"),
  plain("create type mood2 as enum ('a', 'b')"),
  () => "alter type mood add value 'best' after 'great'",
  () => "alter type mood add value if not exists 'worst' before 'sad'",
  () => "alter type mood rename value 'ok' to 'okay'",
  () => "alter type mood rename to humour",
  () => "drop type mood",
  () => "drop type mood cascade",
  () => "drop type if exists nosuch",
  () => "alter domain posint add check (value < 1000)",
  () => "drop domain posint cascade",
  () => "create domain d2 as text check (value <> '')",
];

const otherChanges: readonly Writer[] = [
  plain("alter table {t} set (fillfactor = 70)"),
  plain("alter table {t} reset (fillfactor)"),
  plain("alter table {t} set (autovacuum_enabled = off)"),
  plain("alter table {t} set logged"),
  plain("alter table {t} set unlogged"),
  plain("alter table {t} set tablespace pg_default"),
  plain("alter table {t} set without cluster"),
  plain("alter table {t} set access method heap"),
  plain("alter table {t} owner to current_user"),
  plain("alter table {t} enable row level security"),
  plain("alter table {t} disable trigger all"),
  plain("alter table {t} replica identity full"),
  plain("truncate {t}"),
  plain("truncate only {t}"),
  plain("truncate {t} cascade"),
  plain("analyze {t}"),
  plain("vacuum {t}"),
  plain("lock table {t} in access exclusive mode"),
  plain("grant select on {t} to public"),
  plain("select count(*) from {t}"),
  plain("select {c} from {t} where v = 5"),
  plain("update {t} set v = 5 where {k} is null"),
  plain("update {t} set nosuch = 5"),
  plain("delete from {t} where v > 'x'"),
  plain("delete from {t}"),
  plain("comment on column {t}.{c} is 'x'"),
  plain("create statistics st{n} on v, note from {t}"),
  () => "create function f() returns trigger language plpgsql as $$ begin return new; end $$",
  plain("create trigger tr before insert on {t} for each row execute function f()"),
  plain("create trigger tr after insert on {t} referencing new table as n for each row execute function f()"),
  plain("create trigger tr after insert on {t} for each statement execute function f()"),
  plain("drop trigger tr on {t}"),
  plain("alter trigger tr on {t} rename to tr2"),
  plain("create rule r as on insert to {t} do nothing"),
  plain("create policy pol on {t}"),
  plain("set timezone = 'America/New_York'"),
  plain("set time zone 'Asia/Kolkata'"),
  plain("set timezone to 'Foo/Bar'"),
  plain("set time zone interval '+02:00' hour to minute"),
  plain("set time zone 3"),
  plain("set datestyle = 'German'"),
  plain("set datestyle to sql, dmy"),
  plain("set datestyle to default"),
  plain("reset all"),
  plain("set nosuch = 5"),
  plain("set client_min_messages = warning"),
  plain("select set_config('TimeZone', 'Europe/Berlin', false)"),
  plain("select pg_catalog.set_config('search_path', '', false)"),
  plain("do $$ begin execute 'drop table {t}'; end $$"),
  plain("alter table {t} nosuch"),
  plain("alter table nosuch add column x int"),
  plain("drop table nosuch"),
  () => `select ${intType.plain}`,
  (_builder, table) =>
    `alter table ${table.name} split partition ${table.partitions[0]?.name ?? "x"} into (partition a1 for values from (1) to (2), partition a2 for values from (2) to (3))`,
  (builder, table) =>
    `alter table ${table.name} merge partitions (${builder.random
      .sample(table.partitions, 2)
      .map(({ name }) => name)
      .join(", ")}) into merged`,
];
