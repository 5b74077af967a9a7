/** Random scripts of declarative DDL, as people write it and as they get it wrong: the same seed gives the same script. */

import { alter, insert } from "./generator/alterations.ts";
import { type Builder, createBuilder, type TableSpec } from "./generator/builder.ts";
import { writeChanges } from "./generator/changes.ts";
import { createRandom, type Random } from "./generator/random.ts";
import { addPartition, boundClause, createRoot, partitionName } from "./generator/tables.ts";
import { chooseType, type KeyType, keyTypes } from "./generator/values.ts";

/** What a script is mostly about. */
export type Kind = keyof typeof kinds;

/** A script and the rows to try on what it leaves. */
export interface Script {
  readonly seed: number;
  readonly kind: Kind;
  /** Without semicolons. */
  readonly statements: readonly string[];
  /** INSERTs of one row each into a root. */
  readonly routes: readonly string[];
}

/** The script of a seed; of a kind, where one is wanted. */
export function generateScript(seed: number, wanted?: Kind): Script {
  const random = createRandom(seed);
  const kind =
    wanted ?? random.weighted((Object.keys(kinds) as Kind[]).map((name) => [kinds[name].weight, name] as const));
  const builder = createBuilder(random);
  if (random.chance(0.06)) builder.add(random.pick(settings));
  kinds[kind].write(builder, random);
  return { seed, kind, statements: builder.statements, routes: routes(builder, random) };
}

/** All kinds of scripts. */
export function kindNames(): readonly Kind[] {
  return Object.keys(kinds) as Kind[];
}

const settings = [
  "set timezone = 'Asia/Kolkata'",
  "set timezone = 'America/New_York'",
  "set timezone = 'Europe/Berlin'",
  "set time zone 'UTC'",
  "set timezone = 'Australia/Lord_Howe'",
  "set time zone '-3'",
  "set datestyle = 'ISO, DMY'",
  "set datestyle = 'SQL, DMY'",
  "set datestyle = 'German'",
  "set datestyle = 'Postgres, MDY'",
  "set datestyle = ymd",
  "set intervalstyle = 'iso_8601'",
];

interface KindOf {
  readonly weight: number;
  write(builder: Builder, random: Random): void;
}

function partitions(builder: Builder, root: TableSpec, count: number, oddness: number, subpartitions = 0): void {
  for (let index = 0; index < count; index += 1) {
    const partition = addPartition(builder, root, oddness, subpartitions);
    if (partition.strategy === null) continue;
    const inner = builder.random.int(1, 4);
    for (let each = 0; each < inner; each += 1) addPartition(builder, partition, oddness, subpartitions / 3);
  }
}

const kinds = {
  range: {
    weight: 16,
    write(builder, random) {
      partitions(builder, createRoot(builder, { strategy: "range", oddness: 1 }), random.int(2, 8), 1, 0.03);
    },
  },
  range_multi: {
    weight: 10,
    write(builder, random) {
      const root = createRoot(builder, { strategy: "range", keyColumns: random.pick([2, 2, 2, 3]), oddness: 1 });
      partitions(builder, root, random.int(2, 8), 1);
    },
  },
  list: {
    weight: 13,
    write(builder, random) {
      partitions(builder, createRoot(builder, { strategy: "list", oddness: 1 }), random.int(2, 8), 1, 0.03);
    },
  },
  hash: {
    weight: 9,
    write(builder, random) {
      const root = createRoot(builder, { strategy: "hash", keyColumns: random.pick([1, 1, 1, 2, 3]), oddness: 1 });
      partitions(builder, root, random.int(3, 9), 1);
    },
  },
  multilevel: {
    weight: 12,
    write(builder, random) {
      const root = createRoot(builder, { keyColumns: random.pick([1, 1, 2]), oddness: 0.7 });
      partitions(builder, root, random.int(2, 5), 0.8, 0.6);
    },
  },
  default: {
    weight: 7,
    write(builder, random) {
      const root = createRoot(builder, { strategy: random.pick(["range", "list"] as const), oddness: 0.3 });
      partitions(builder, root, random.int(1, 3), 0.5);
      const name = partitionName(builder, root);
      builder.add(`create table ${name} partition of ${root.name} default`);
      partitions(builder, root, random.int(1, 4), 0.5);
      if (random.chance(0.4)) builder.add(insert(builder, root));
      if (random.chance(0.4)) partitions(builder, root, 1, 0.5);
      if (random.chance(0.4))
        builder.add(`alter table ${root.name} detach partition ${name}${random.chance(0.3) ? " concurrently" : ""}`);
      if (random.chance(0.4)) partitions(builder, root, 1, 0.5);
    },
  },
  attach: {
    weight: 10,
    write(builder, random) {
      const root = createRoot(builder, { oddness: 0.5 });
      for (let index = random.int(3, 8); index > 0; index -= 1) {
        partitions(builder, root, 1, 1.5);
        if (random.chance(0.25)) detach(builder, root, random);
      }
    },
  },
  alter: {
    weight: 10,
    write(builder, random) {
      const root = createRoot(builder, { oddness: 0.3, keyColumns: random.pick([1, 1, 2]) });
      partitions(builder, root, random.int(1, 4), 0.3, 0.1);
      for (let index = random.int(4, 12); index > 0; index -= 1) alter(builder, false);
      partitions(builder, root, random.int(0, 2), 0.5);
    },
  },
  txn: {
    weight: 5,
    write(builder, random) {
      const root = createRoot(builder, { oddness: 0.5 });
      for (let index = random.int(2, 6); index > 0; index -= 1) transaction(builder, root, random);
    },
  },
  do: { weight: 3, write: writeLoops },
  inherit: { weight: 6, write: writeInheritance },
  expr: { weight: 5, write: writeExpressionKey },
  schema: { weight: 4, write: writeSchemas },
  changes: { weight: 6, write: writeChanges },
  wide: {
    weight: 8,
    write(builder, random) {
      if (random.chance(0.3)) builder.add("create table other (a int primary key, b int unique)");
      const root = createRoot(builder, { oddness: 0.5, keyColumns: random.pick([1, 1, 2]) });
      if (random.chance(0.3)) builder.add("create schema app");
      partitions(builder, root, random.int(1, 4), 0.3, 0.15);
      for (let index = random.int(5, 15); index > 0; index -= 1) {
        if (random.chance(0.15)) partitions(builder, root, 1, 0.5, 0.1);
        else alter(builder, true);
      }
    },
  },
  exotic: {
    weight: 4,
    write(builder, random) {
      const type = random.pick(keyTypes);
      const root = createRoot(builder, { type, oddness: 1 });
      for (let index = random.int(2, 6); index > 0; index -= 1) {
        if (random.chance(0.5)) partitions(builder, root, 1, 2);
        else
          builder.add(
            `create table ${partitionName(builder, root)} partition of ${root.name} ${oddOf(type, root, random)}`,
          );
      }
    },
  },
} as const satisfies Record<string, KindOf>;

function oddOf(type: KeyType, root: TableSpec, random: Random): string {
  const odd = random.pick(type.odd);
  if (root.strategy === "list") return `for values in (${odd})`;
  if (root.strategy === "hash") return "for values with (modulus 2, remainder 1)";
  return random.pick([
    `for values from (${odd}) to (maxvalue)`,
    `for values from (minvalue) to (${odd})`,
    `for values from (${odd}) to (${random.pick(type.odd)})`,
  ]);
}

function detach(builder: Builder, root: TableSpec, random: Random): void {
  if (root.partitions.length === 0) return;
  const partition = random.pick(root.partitions);
  builder.add(
    `alter table ${root.name} detach partition ${partition.name}${random.weighted([
      [8, ""],
      [1, " concurrently"],
      [0.5, " finalize"],
    ])}`,
  );
  if (random.chance(0.6))
    builder.add(`alter table ${root.name} attach partition ${partition.name} ${boundClause(builder, root, 0.5)}`);
}

function transaction(builder: Builder, root: TableSpec, random: Random): void {
  builder.add(
    random.pick([
      "begin",
      "start transaction",
      "begin work",
      "BEGIN",
      "begin isolation level serializable",
      "begin transaction read write",
    ]),
  );
  let savepoints = 0;
  for (let index = random.int(1, 6); index > 0; index -= 1) {
    if (random.chance(0.25)) {
      savepoints += 1;
      builder.add(`savepoint sp${savepoints}`);
    } else if (random.chance(0.2)) {
      const name = `sp${Math.max(1, random.int(1, savepoints))}`;
      builder.add(
        random.pick([
          `rollback to ${name}`,
          `rollback to savepoint ${name}`,
          `release ${name}`,
          `release savepoint ${name}`,
        ]),
      );
    } else if (random.chance(0.12)) alter(builder, false);
    else if (random.chance(0.03))
      builder.add(
        random.pick([
          "begin",
          "set local timezone = 'Asia/Kolkata'",
          "set constraints all deferred",
          "vacuum",
          "drop database nosuch",
          "prepare transaction 'x'",
        ]),
      );
    else partitions(builder, root, 1, 0.8);
  }
  if (random.chance(0.9)) {
    builder.add(
      random.pick([
        "commit",
        "commit",
        "end",
        "rollback",
        "abort",
        "commit work",
        "rollback and chain",
        "commit and no chain",
        "end transaction",
      ]),
    );
  }
  if (random.chance(0.4)) partitions(builder, root, 1, 0.5);
}

function writeLoops(builder: Builder, random: Random): void {
  const monthly = random.chance(0.6);
  const type = chooseType(random, ({ sql }) =>
    (monthly ? ["date", "timestamp", "timestamptz"] : ["int", "bigint", "smallint"]).includes(sql),
  );
  const root = createRoot(builder, { strategy: "range", type, oddness: 0.2 });
  const [from, to] = [random.int(0, 2), random.int(2, 6)];
  const prefix = root.name
    .replace(/^public\./, "")
    .replaceAll('"', "")
    .replaceAll(" ", "_");
  const months = random.pick(["1 month", "1 month", "2 month", "1 day"]);
  const number = random.pick([
    `do $$ begin for i in ${from}..${to} loop execute format('create table %I partition of %s for values from (%s) to (%s)', '${prefix}_d' || i, '${root.name}', i * 10, (i + 1) * 10); end loop; end $$`,
    `do $do$ declare i int; begin for i in reverse ${to}..${from} loop execute 'create table ${prefix}_' || i || ' partition of ${root.name} for values from (' || i * 10 || ') to (' || i * 10 + ${random.pick([10, 10, 15])} || ')'; end loop; end $do$`,
    `do $$ declare n int := ${from}; begin while n < ${to} loop execute format('create table %I partition of ${root.name} for values from (%L) to (%L)', '${prefix}_' || n, n, n + 1); n := n + 1; end loop; end $$`,
    `do $$ begin create table ${prefix}_a partition of ${root.name} for values from (${from}) to (${to}); create table ${prefix}_b (like ${root.name}); alter table ${root.name} attach partition ${prefix}_b for values from (${to}) to (100); end $$`,
    `do $$ begin create table ${prefix}_a partition of ${root.name} for values from (0) to (5); exception when others then raise notice 'x'; end $$`,
    `do language plpgsql $$ begin for i in 1..3 loop if i = 2 then continue; end if; execute format('create table ${prefix}_%s partition of ${root.name} for values from (%s) to (%s)', i, i * 2, i * 2 + 2); end loop; end $$`,
  ]);
  const dates = random.pick([
    `do $$ begin for i in 1..${to} loop execute format('create table %I partition of %s for values from (%L) to (%L)', '${prefix}_2023_' || lpad(i::text, 2, '0'), '${root.name}', make_date(2023, i, 1), make_date(2023, i, 1) + interval '${months}'); end loop; end $$`,
    `do $$ declare d date := '2023-01-01'; begin while d < '2023-0${to + 1}-01' loop execute format('create table %I partition of ${root.name} for values from (%L) to (%L)', '${prefix}_' || to_char(d, 'YYYY_MM'), d, (d + interval '1 month')::date); d := d + interval '1 month'; end loop; end $$`,
    `do $$ declare d timestamp; begin for d in select generate_series('2023-01-01'::date, '2023-0${to}-01'::date, '1 month') loop execute format('create table ${prefix}_%s partition of ${root.name} for values from (%L) to (%L)', to_char(d, 'YYYYMM'), d, d + interval '1 month'); end loop; end $$`,
  ]);
  builder.add(monthly ? dates : number);
  partitions(builder, root, random.int(1, 4), 0.5);
}

function writeInheritance(builder: Builder, random: Random): void {
  const type = chooseType(random, ({ sql }) => /^(?:int|bigint|date|timestamp|text|numeric)$/.test(sql));
  const suffix = random.chance(0.2) ? " not null" : "";
  builder.add(
    `create table par (k ${type.sql}${suffix}, v int, note text${random.chance(0.2) ? ", check (v > 0)" : ""})`,
  );
  const spell = (): string => type.spell(random.int(0, type.count - 1), random);
  const check = (): string =>
    random.weighted<string>([
      [5, `k >= ${spell()} and k < ${spell()}`],
      [1, `k >= ${spell()}`],
      [1, `k = ${spell()}`],
      [1, `k in (${spell()}, ${spell()})`],
      [1, `k between ${spell()} and ${spell()}`],
      [1, `k >= ${spell()} or k < ${spell()}`],
      [1, `not (k < ${spell()} or k >= ${spell()})`],
      [1, `k is not null and k >= ${spell()} and k < ${spell()}`],
      [1, `v >= 1 and v < 10`],
      [0.5, `k::text >= 'a'`],
      [0.5, `nosuch > 0`],
      [0.5, `k > 'x'`],
      [0.5, `v`],
    ]);
  for (let index = 1; index <= random.int(2, 6); index += 1) {
    const columns = `k ${random.chance(0.2) ? random.pick(type.others) : type.sql}${random.chance(0.2) ? " not null" : ""}, v int, note text`;
    random.weighted<() => void>([
      [
        6,
        () =>
          builder.add(
            `create table par_${index} (check (${check()})${random.chance(0.1) ? " no inherit" : ""}) inherits (par)`,
          ),
      ],
      [1, () => builder.add(`create table par_${index} () inherits (par)`)],
      [1, () => builder.add(`create table par_${index} (${columns}, extra int) inherits (par)`)],
      [
        3,
        () => {
          builder.add(
            random.chance(0.5)
              ? `create table par_${index} (like par including all)`
              : `create table par_${index} (${columns}, check (${check()}))`,
          );
          builder.add(`alter table par_${index} inherit par`);
          if (random.chance(0.5))
            builder.add(
              `alter table par_${index} add constraint par_${index}_ck check (${check()})${random.chance(0.2) ? " not valid" : ""}`,
            );
        },
      ],
    ])();
  }
  const child = (): string => `par_${random.int(1, 4)}`;
  for (let index = random.int(1, 6); index > 0; index -= 1) {
    builder.add(
      random.pick([
        () => "alter table par add column z int",
        () => "alter table only par add column z int",
        () => "alter table par drop column v",
        () => "alter table only par drop column v",
        () => "alter table par add constraint pc check (v > 0)",
        () => "alter table only par add constraint pc2 check (v > 0)",
        () => "alter table par add constraint pc check (v > 0) no inherit",
        () => "alter table par drop constraint pc",
        () => "alter table par rename column v to w",
        () => "alter table only par rename column v to w",
        () => "alter table par alter column k set not null",
        () => "alter table par alter column v type bigint",
        () => `alter table par inherit ${child()}`,
        () => `alter table ${child()} inherit par`,
        () => `alter table ${child()} no inherit par`,
        () => `alter table ${child()} rename column k to kk`,
        () => `alter table ${child()} drop column v`,
        () => `alter table ${child()} drop constraint ${child()}_ck`,
        () => `alter table ${child()} alter column k drop not null`,
        () => `alter table ${child()} add column z text`,
        () => `drop table ${child()}`,
        () => "drop table par",
        () => "drop table par cascade",
        () => `create table px (k ${type.sql}) partition by range (k)`,
        () => `alter table ${child()} inherit px`,
        () => "create table kid (v bigint) inherits (par)",
        () => `create table kid2 () inherits (par, ${child()})`,
        () => `create table kid3 () inherits (par, par)`,
        () => `create table kid4 () inherits (${child()}) partition by range (k)`,
        () => "create table other (k text, w int)",
        () => "create table kid5 () inherits (par, other)",
        () => "create unique index on par (v)",
        () => "alter table par add primary key (k)",
        () => "truncate par",
        () => `insert into par (k) values (${spell()})`,
      ])(),
    );
  }
}

function writeExpressionKey(builder: Builder, random: Random): void {
  const [type, key, values] = random.pick<readonly [string, string, readonly string[]]>([
    ["int", "(k + v)", ["1", "5", "10", "20", "'30'", "2.5"]],
    ["int", "abs(k)", ["0", "10", "20", "40", "80"]],
    ["int", "(k % 4)", ["0", "1", "2", "3", "'x'"]],
    ["int", "(k / 10)", ["0", "1", "2", "3"]],
    ["bigint", "(k * 2)", ["0", "10", "100", "10000000000"]],
    ["text", "lower(k)", ["'a'", "'b'", "'m'", "'Z'", "'z'"]],
    ["text", "length(k)", ["0", "1", "5", "10"]],
    ["text", "upper(note)", ["'A'", "'B'", "'M'", "'a'"]],
    ["text", "substr(k, 1, 1)", ["'a'", "'b'", "'m'"]],
    ["text", "left(k, 2)", ["'ab'", "'b'", "'m'"]],
    ["text", "(k || note)", ["'ab'", "'b'", "'m'"]],
    ["text", 'k collate "C"', ["'a'", "'b'", "'Z'"]],
    ["text", "md5(k)", ["'0'", "'8'", "'f'"]],
    ["text", "hashtext(k)", ["0", "1000", "-1000"]],
    ["timestamp", "date_trunc('month', k)", ["'2023-01-01'", "'2023-02-01'", "'2023-04-01'", "'2024-01-01'"]],
    ["timestamp", "extract(year from k)", ["2022", "2023", "2024", "'2025'"]],
    ["timestamp", "(k::date)", ["'2023-01-01'", "'2023-02-01'", "'2024-01-01'"]],
    ["timestamp", "date_part('month', k)", ["1", "6", "12"]],
    ["timestamptz", "date_trunc('month', k)", ["'2023-01-01'"]],
    ["timestamptz", "(k at time zone 'UTC')", ["'2023-01-01'", "'2023-06-01'", "'2024-01-01'"]],
    ["timestamptz", "date_trunc('month', k, 'UTC')", ["'2023-01-01'", "'2023-06-01'", "'2024-01-01'"]],
    ["timestamptz", "(k::date)", ["'2023-01-01'"]],
    ["date", "extract(year from k)", ["2022", "2023", "2024"]],
    ["date", "date_trunc('year', k)", ["'2023-01-01'"]],
    ["date", "(k + 1)", ["'2023-01-01'", "'2023-06-01'", "'2024-01-01'"]],
    ["date", "to_char(k, 'YYYY')", ["'2023'"]],
    ["numeric", "round(k)", ["0", "1.5", "10", "100"]],
    ["numeric", "floor(k / 10)", ["0", "1", "10"]],
    ["jsonb", "(k ->> 'a')", ["'a'", "'b'", "'m'"]],
    ["jsonb", "((k ->> 'a')::int)", ["1", "5", "10"]],
    ["int", "coalesce(k, 0)", ["0", "1", "5", "10"]],
    ["int", "(case when k > 5 then 1 else 0 end)", ["0", "1"]],
    ["int", "(k > 5)", ["true", "false"]],
    ["int", "(k is null)", ["true", "false"]],
    ["int[]", "(k[1])", ["0", "1", "5"]],
    ["int", "k, (v + 1)", ["0, 1", "5, 1", "10, 10"]],
    ["int", "(k)", ["0", "5", "10"]],
    ["int", "((k))", ["0", "5", "10"]],
    ["int", "mykey(k)", ["0", "5", "10"]],
    ["uuid", "(k::text)", ["'1'", "'8'", "'f'"]],
  ]);
  if (key.startsWith("mykey")) {
    builder.add(
      `create function mykey(int) returns int ${random.pick(["immutable", "stable", ""])} language sql as 'select $1 * 2'`,
    );
  }
  const strategy = key.includes(", (") ? "range" : random.pick(["range", "range", "list", "list", "hash"]);
  builder.add(`create table e (k ${type}, v int, note text) partition by ${strategy} (${key})`);
  const ascending = [...values];
  for (let index = random.int(2, 5); index > 0; index -= 1) {
    const name = `e_${builder.number()}`;
    const first = random.int(0, ascending.length - 1);
    const bound = {
      range: `for values from (${ascending[first]}) to (${ascending[first + 1] ?? "maxvalue"})`,
      list: `for values in (${random.sample(ascending, random.int(1, 2)).join(", ")})`,
      hash: `for values with (modulus 4, remainder ${random.int(0, 3)})`,
    }[strategy];
    builder.add(random.chance(0.8) ? `create table ${name} partition of e ${bound}` : `create table ${name} (like e)`);
    if (random.chance(0.15)) builder.add(`alter table e attach partition ${name} ${bound}`);
  }
  if (random.chance(0.3)) builder.add("create table e_d partition of e default");
  builder.add(
    random.pick([
      "alter table e add primary key (k)",
      "alter table e add unique (k, v)",
      "create unique index on e (lower(note))",
      "alter table e drop column k",
      "alter table e alter column k type text",
      "alter table e rename column k to kk",
      "alter table e drop column note",
      "alter table e alter column v type bigint",
      "insert into e (k) values (null)",
      "create index on e (k)",
      "alter table e drop column v",
      "drop function mykey(int)",
    ]),
  );
}

function writeSchemas(builder: Builder, random: Random): void {
  builder.add("create schema app");
  builder.add(random.chance(0.9) ? "create schema arch" : "create schema authorization current_user");
  const root = createRoot(builder, { name: "app.orders", oddness: 0.2 });
  const schemas = ["app.", "arch.", "", "public.", "nosuch."];
  const place = (): string =>
    `${random.weighted([
      [3, schemas[0]],
      [3, schemas[1]],
      [3, schemas[2]],
      [1, schemas[3]],
      [0.2, schemas[4]],
    ])}${random.pick(["o_1", "o_2", '"O 1"', "o_3", `o_${builder.number()}`])}`;
  const target = (): string => (random.chance(0.85) ? "app.orders" : "orders");
  const one = (): void =>
    builder.add(`create table ${place()} partition of ${target()} ${boundClause(builder, root, 0.3)}`);
  for (let index = random.int(2, 5); index > 0; index -= 1) one();
  builder.add(
    random.pick([
      "set search_path = app, public",
      "set search_path to arch",
      "set search_path to app, arch",
      "set search_path = ''",
      "set schema 'app'",
      "set search_path = nosuch, arch",
    ]),
  );
  for (let index = random.int(1, 3); index > 0; index -= 1) {
    if (random.chance(0.6))
      builder.add(`create table late_${index} partition of orders ${boundClause(builder, root, 0.3)}`);
    else one();
  }
  for (let index = random.int(1, 4); index > 0; index -= 1) {
    builder.add(
      random.pick([
        "drop schema app",
        "drop schema arch cascade",
        "drop schema if exists nosuch",
        "drop table if exists app.o_1",
        "drop table o_1",
        "alter table app.orders set schema arch",
        "alter table app.orders set schema public",
        "alter table arch.o_1 set schema app",
        "alter table app.o_1 set schema app",
        "alter schema app rename to app2",
        "alter table orders rename to sales",
        "alter table app.orders detach partition o_1",
        "alter table app.orders detach partition arch.o_1",
        "create table app2.x (like app.orders)",
        "reset search_path",
        "create index on app.orders (v)",
        "create schema app create table extra (k int) create table extra2 (k int)",
        "create temp table orders (k int) partition by range (k)",
        "create table pg_temp.o_9 (k int)",
        "create table o_7 partition of pg_temp.orders for values from (1) to (2)",
        "drop table orders",
      ]),
    );
  }
}

function routes(builder: Builder, random: Random): string[] {
  const roots = builder.tables.filter((table) => table.parent === null && table.strategy !== null);
  const result: string[] = [];
  for (const root of roots.slice(0, 2)) {
    const columns = root.key.map(({ sql }) => sql).join(", ");
    for (let index = 0; index < 6; index += 1) {
      const row = root.key.map(({ values }) =>
        random.chance(0.05) ? "null" : values.spell(random.int(0, values.count - 1), random),
      );
      result.push(`insert into ${root.name} (${columns}) values (${row.join(", ")})`);
    }
  }
  return result;
}
