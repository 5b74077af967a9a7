/** Partitioned tables, their partitions, and the tables that are attached to them, with the mistakes people make. */

import type { Builder, ColumnSpec, KeyElement, Strategy, TableSpec } from "./builder.ts";
import type { Random } from "./random.ts";
import { chooseType, type KeyType, keyTypes } from "./values.ts";

/** What kind of root to make; what is left open is chosen. */
export interface RootOptions {
  readonly strategy?: Strategy;
  readonly keyColumns?: number;
  readonly type?: KeyType;
  readonly name?: string;
  /** How often something unusual or wrong is written, 0 … 1. */
  readonly oddness: number;
}

const rootNames = [
  "t",
  "m",
  "p",
  "log",
  "events",
  "orders",
  "public.metrics",
  '"Sales"',
  '"we ird"',
  "averylongnameofatablewhosepartitionsgetnamesoftoomanybytesforit",
];

/** Creates a partitioned table; PostgreSQL may well refuse it, and then it is created once more without oddities. */
export function createRoot(builder: Builder, options: RootOptions): TableSpec {
  const { random } = builder;
  const strategy =
    options.strategy ?? random.weighted([[5, "range"] as const, [3, "list"] as const, [2, "hash"] as const]);
  const keyColumns = options.keyColumns ?? 1;
  const name =
    options.name ??
    random.weighted(rootNames.map((each, index) => [index < 6 ? 10 : index < 9 ? 4 : 0.5, each] as const));
  const types = Array.from({ length: keyColumns }, (_, index) =>
    index === 0 && options.type !== undefined
      ? options.type
      : chooseType(random, (type) => (strategy === "hash" ? type.hashed : type.ordered)),
  );
  for (const type of types) builder.use(type);
  const columns: ColumnSpec[] = types.map((type, index) => ({
    name: index === 0 ? "k" : `k${index + 1}`,
    sql: random.chance(0.05) && type.aliases.length > 0 ? random.pick(type.aliases) : type.sql,
    values: type,
    suffix: random.chance(0.25) ? " not null" : random.chance(0.03) ? ` default ${type.plain}` : "",
  }));
  columns.push(
    { name: "v", sql: "int", values: intType, suffix: "" },
    { name: "note", sql: "text", values: textType, suffix: "" },
  );
  const table: TableSpec = {
    name,
    columns: random.chance(0.3) ? random.shuffled(columns) : columns,
    constraints: [],
    strategy,
    key: types.map((type, index) => ({ sql: index === 0 ? "k" : `k${index + 1}`, values: type })),
    parent: null,
    partitions: [],
    cursor: random.int(0, 2),
  };
  if (random.chance(0.12))
    table.constraints.push(random.pick(["constraint ck check (v > 0)", "check (v > 0)", "check (note <> '')"]));
  if (random.chance(0.12)) {
    const lacking = random.chance(0.4);
    const all = table.key.map(({ sql }) => sql);
    const list = lacking
      ? random.pick([["v"], ["note", "v"], all.slice(1).concat("v")])
      : random.shuffled([...all, ...random.sample(["v"], random.int(0, 1))]);
    table.constraints.push(`${random.pick(["primary key", "unique", "constraint uq unique"])} (${list.join(", ")})`);
  }
  const clause = `partition by ${strategy} (${table.key.map(({ sql }) => keyElement(sql, random, options.oddness)).join(", ")})`;
  if (random.chance(0.12 * options.oddness)) {
    builder.add(oddRoot(table, clause, random));
  }
  builder.add(`create table ${random.chance(0.06) ? "if not exists " : ""}${name} (${columnList(table)}) ${clause}`);
  builder.tables.push(table);
  return table;
}

function keyElement(sql: string, random: Random, oddness: number): string {
  if (!random.chance(0.03 * oddness)) return sql;
  return random.pick([
    `${sql} collate "C"`,
    `${sql} int4_ops`,
    `${sql} text_ops`,
    `(${sql})`,
    `${sql} text_pattern_ops`,
    `${sql} int8_ops`,
    `${sql} nosuch_ops`,
    `${sql} collate "default"`,
  ]);
}

/** A root that is wrong, or unusual, in one way. */
function oddRoot(table: TableSpec, clause: string, random: Random): string {
  const { name } = table;
  const columns = columnList(table);
  const key = table.key.map(({ sql }) => sql).join(", ");
  return random.pick([
    `create table ${name} (${columns}) partition by list (${key}, v)`,
    `create table ${name} (${columns}) partition by rang (${key})`,
    `create table ${name} (${columns}) partition by range (nosuch)`,
    `create table ${name} (${columns}) partition by range (ctid)`,
    `create table ${name} (${columns}) partition by range (tableoid)`,
    `create table ${name} (${columns}) partition by range (1)`,
    `create table ${name} (${columns}) partition by range ((1))`,
    `create table ${name} (${columns}) partition by range ((v + 1), (note || 'x'))`,
    `create table ${name} (${columns}) partition by range (random())`,
    `create table ${name} (${columns}) partition by range ((now()))`,
    `create table ${name} (${columns}) partition by range (max(v))`,
    `create table ${name} (${columns}) partition by range ((select 1))`,
    `create table ${name} (${columns}) partition by range (generate_series(1, v))`,
    `create table ${name} (${columns}) partition by range (row_number() over ())`,
    `create table ${name} (${columns}) partition by range ((${name}))`,
    `create table ${name} (${columns}) partition by range ((v::text))`,
    `create table ${name} (${columns}) partition by range (v collate "C")`,
    `create table ${name} (${columns}) partition by range (note collate "C", note)`,
    `create table ${name} (${columns}) partition by range (note collate nosuch)`,
    `create table ${name} (${columns}, pt point) partition by range (pt)`,
    `create table ${name} (${columns}, j json) partition by hash (j)`,
    `create table ${name} (${columns}, g int generated always as (v * 2) stored) partition by range (g)`,
    `create table ${name} (${columns}, g int generated always as (v * 2) stored) partition by range ((g + 1))`,
    `create table ${name} (${columns}) partition by range (v, v)`,
    `create table ${name} (${columns}) ${clause} with (fillfactor = 70)`,
    `create table ${name} (${columns}) inherits (nosuch) ${clause}`,
    `create unlogged table ${name} (${columns}) ${clause}`,
    `create table ${name} (${columns}, check (v > 0) no inherit) ${clause}`,
    `create table ${name} (${columns}, v int) ${clause}`,
    `create table ${name} (${columns}, w nosuchtype) ${clause}`,
    `create table ${name} (${columns}, exclude (v with =)) ${clause}`,
    `create table ${name} (${columns}, primary key (v), primary key (v)) ${clause}`,
    `create table ${name} (${columns}, check (nosuch > 0)) ${clause}`,
    `create table ${name} (${columns}, check (v > 'x')) ${clause}`,
    `create table ${name} (${columns}, check (v)) ${clause}`,
    `create table ${name} (${columns}, check (note > 5)) ${clause}`,
    `create table ${name} (${columns}, check ((select true))) ${clause}`,
    `create table ${name} (${columns}, foreign key (v) references nosuch) ${clause}`,
    `create table ${name} (${columns}, w int default nosuch()) ${clause}`,
    `create table ${name} (${columns}, w int default 'x') ${clause}`,
    `create table ${name} (${columns}, w int default v) ${clause}`,
    `create table ${name} (${columns}) partition by range a`,
    `create table ${name} (${columns}) partition by range ()`,
    `create table ${name} (${columns}) partition by (v)`,
    `create table nosuch.x (${columns}) ${clause}`,
  ]);
}

export function columnList(table: TableSpec): string {
  const columns = table.columns.map(({ name, sql, suffix }) => `${name} ${sql}${suffix}`);
  return [...columns, ...table.constraints].join(", ");
}

/** The name of the next partition of a table. */
export function partitionName(builder: Builder, parent: TableSpec): string {
  const base = parent.name.replace(/^public\./, "");
  const number = builder.number();
  const { random } = builder;
  if (random.chance(0.03) && parent.partitions.length > 0) return random.pick(parent.partitions).name;
  if (random.chance(0.02)) return `nosuch.${base.replaceAll('"', "")}_${number}`.replaceAll(" ", "_");
  return base.endsWith('"') ? `${base.slice(0, -1)}_p_${number}"` : `${base}_p_${number}`;
}

/** Adds a partition, created as one or attached, perhaps partitioned itself. */
export function addPartition(builder: Builder, parent: TableSpec, oddness: number, subpartitions = 0): TableSpec {
  const { random } = builder;
  const name = partitionName(builder, parent);
  const target = random.chance(0.02 * oddness)
    ? random.pick(["nosuch", "pg_class", ...builder.tables.map((each) => each.name)])
    : parent.name;
  const bound = boundClause(builder, parent, oddness);
  const sub = random.chance(subpartitions) ? subpartitioning(builder, parent) : null;
  const partition: TableSpec = {
    name,
    columns: parent.columns.map((column) => ({ ...column })),
    constraints: [],
    strategy: sub?.strategy ?? null,
    key: sub?.key ?? [],
    parent,
    partitions: [],
    cursor: 0,
  };
  const tail = sub === null ? "" : ` ${sub.clause}`;
  if (random.chance(0.55)) {
    const words = random.chance(0.06)
      ? "create table if not exists"
      : random.chance(0.02 * oddness)
        ? random.pick(["create unlogged table", "create temp table", "create temporary table"])
        : "create table";
    builder.add(`${words} ${name} partition of ${target}${columnOptions(random, parent, oddness)} ${bound}${tail}`);
  } else {
    createChild(builder, partition, parent, tail, oddness);
    const attached = random.chance(0.02 * oddness) ? random.pick(["nosuch", parent.name, name]) : name;
    builder.add(
      `alter table ${random.chance(0.03) ? "if exists " : ""}${random.chance(0.03) ? "only " : ""}${target} attach partition ${attached} ${bound}`,
    );
    if (random.chance(0.08 * oddness))
      builder.add(`alter table ${target} attach partition ${attached} ${boundClause(builder, parent, oddness)}`);
  }
  parent.partitions.push(partition);
  builder.tables.push(partition);
  return partition;
}

/** The list in parentheses behind PARTITION OF p. */
function columnOptions(random: Random, parent: TableSpec, oddness: number): string {
  if (!random.chance(0.12)) return "";
  const column = random.pick(parent.columns).name;
  return ` (${random.weighted<string>([
    [4, "check (v > 0)"],
    [3, "constraint c1 check (v is not null)"],
    [2, "constraint ck check (v > 0)"],
    [2, `${column} not null`],
    [2, "v not null"],
    [2, "v default 5"],
    [1, "v with options default 5 not null"],
    [1, "note default 'x', check (note <> '')"],
    [1, `primary key (${parent.key[0]?.sql ?? "k"})`],
    [1, "primary key (v)"],
    [1, "unique (v)"],
    [1, "unique (note, v)"],
    [1, "constraint pc check (v < 1000), v default 1"],
    [oddness, "nosuch not null"],
    [oddness, "v int"],
    [oddness, "v not null, v default 3"],
    [oddness, "check (nosuch > 0)"],
    [oddness, "constraint ck check (v >= 1)"],
    [oddness, "v null"],
    [oddness, "v check (v > 0) primary key"],
    [oddness, "v references nosuch (x)"],
    [oddness, "v generated always as identity"],
    [oddness, "check (v > 0) no inherit"],
    [oddness, "v default 'x'"],
    [oddness, "v unique, note unique"],
    [oddness, "exclude (v with =)"],
    [oddness, 'v collate "C"'],
    [oddness * 0.5, "v generated always as (1) stored"],
    [oddness, "constraint a check (v > 0), constraint a check (v > 1)"],
  ])})`;
}

/** Creates a table to be attached: like its parent, the same columns, or with one of the usual mistakes. */
function createChild(builder: Builder, child: TableSpec, parent: TableSpec, tail: string, oddness: number): void {
  const { random } = builder;
  const { name } = child;
  if (random.chance(0.4)) {
    const options = random.weighted<string>([
      [4, ""],
      [3, " including defaults"],
      [3, " including constraints"],
      [4, " including all"],
      [1, " including indexes"],
      [1, " including all excluding constraints"],
      [1, " including generated including identity"],
      [0.5, " including comments including storage including statistics"],
      [0.5, " excluding all"],
    ]);
    builder.add(
      `create table ${name} (like ${random.chance(0.01) ? "nosuch" : parent.name}${options}${random.chance(0.05) ? ", extra int" : random.chance(0.05) ? ", check (v > 5)" : ""})${tail}`,
    );
    return;
  }
  const { columns } = child;
  child.constraints = parent.constraints
    .filter(() => random.chance(0.8))
    .map((each) =>
      random.chance(0.1)
        ? each.replace("v > 0", random.pick(["v >= 1", "0 < v", "(v) > (0)", "v > 0::int", "v>0"]))
        : each,
    );
  if (random.chance(0.2)) child.columns = random.shuffled(columns);
  if (random.chance(0.3 * oddness)) {
    const index = random.int(0, columns.length - 1);
    const column = columns[index];
    if (column !== undefined) {
      random.weighted<() => void>([
        [3, () => columns.splice(index, 1)],
        [3, () => columns.push({ name: "extra", sql: "int", values: null, suffix: "" })],
        [3, () => Object.assign(column, { name: `${column.name}x` })],
        [4, () => Object.assign(column, { sql: random.pick(column.values?.others ?? ["date"]) })],
        [3, () => Object.assign(column, { suffix: column.suffix === " not null" ? "" : " not null" })],
        [
          1,
          () => {
            for (const each of columns) each.suffix = " not null";
          },
        ],
        [1, () => Object.assign(column, { suffix: ` check (${column.name} is not null)` })],
        [1, () => Object.assign(column, { suffix: " generated always as identity" })],
        [1, () => Object.assign(column, { suffix: " generated always as (1) stored" })],
        [1, () => Object.assign(column, { suffix: ' collate "C"' })],
        [1, () => Object.assign(column, { suffix: " default null" })],
      ])();
      child.columns = child.columns
        .filter((each) => columns.includes(each))
        .concat(columns.filter((each) => !child.columns.includes(each)));
    }
  }
  if (random.chance(0.08))
    child.constraints.push(
      random.pick([
        "check (v < 1000)",
        "constraint ck2 check (v > 0)",
        "unique (v)",
        "primary key (v)",
        "constraint ck check (v > 0) no inherit",
        "primary key (k)",
        "unique (k)",
        "constraint ck check (v > 0)",
      ]),
    );
  const words = random.chance(0.02 * oddness)
    ? random.pick(["create temp table", "create unlogged table", "create table if not exists"])
    : "create table";
  builder.add(`${words} ${name} (${columnList(child)})${tail}`);
}

function subpartitioning(
  builder: Builder,
  parent: TableSpec,
): { strategy: Strategy; key: KeyElement[]; clause: string } {
  const { random } = builder;
  const strategy = random.pick<Strategy>(["range", "list", "hash"]);
  const candidates = parent.columns.flatMap(({ name, values }) =>
    values === null || !(strategy === "hash" ? values.hashed : values.ordered) ? [] : [{ sql: name, values }],
  );
  const key = random.sample(
    candidates,
    strategy === "list"
      ? 1
      : random.weighted([
          [5, 1],
          [1, 2],
        ]),
  );
  return { strategy, key, clause: `partition by ${strategy} (${key.map(({ sql }) => sql).join(", ")})` };
}

/** FOR VALUES …, mostly fitting behind the partitions that the table has. */
export function boundClause(builder: Builder, parent: TableSpec, oddness: number): string {
  const { random } = builder;
  if (random.chance(0.05 * oddness)) return oddBound(parent, random);
  switch (parent.strategy) {
    case "range":
      return random.chance(0.05) ? "default" : rangeBound(parent, random, oddness);
    case "list":
      return random.chance(0.07) ? "default" : listBound(parent, random, oddness);
    case "hash":
      return random.chance(0.01) ? "default" : hashBound(parent, random);
    case null:
      return random.pick(["for values from (1) to (10)", "for values in (1)", "default"]);
  }
}

function rangeBound(parent: TableSpec, random: Random, oddness: number): string {
  const first = parent.key[0];
  if (first === undefined) return "for values from (1) to (2)";
  const last = first.values.count - 1;
  let from = parent.cursor;
  let to = Math.min(
    last,
    from +
      random.weighted([
        [5, 1],
        [3, 2],
        [1, 3],
      ]),
  );
  if (random.chance(0.2) || from >= last) {
    from = random.int(0, last);
    to = random.chance(0.85) ? Math.min(last, from + random.int(1, 4)) : random.int(0, last);
  }
  parent.cursor = Math.max(parent.cursor, to);
  return `for values from (${point(parent, from, random, oddness, "minvalue")}) to (${point(parent, to, random, oddness, "maxvalue")})`;
}

function point(parent: TableSpec, index: number, random: Random, oddness: number, end: string): string {
  const data: string[] = [];
  let infinite = random.chance(0.05);
  for (const [position, { values }] of parent.key.entries()) {
    if (position > 0 && !infinite && random.chance(0.25)) infinite = true;
    if (infinite) data.push(random.chance(0.9) ? end : random.pick(["minvalue", "maxvalue"]));
    else if (random.chance(0.03 * oddness)) data.push(random.pick([...values.odd, "null", "minvalue", "maxvalue"]));
    else data.push(values.spell(position === 0 ? index : random.int(0, values.count - 1), random));
    // Behind MINVALUE there may be nothing else, but people write it.
    if (infinite && random.chance(0.03)) infinite = false;
  }
  if (random.chance(0.02 * oddness)) data.push("1");
  if (random.chance(0.01 * oddness)) data.pop();
  return data.join(", ");
}

function listBound(parent: TableSpec, random: Random, oddness: number): string {
  const values = parent.key[0]?.values ?? intType;
  const data = Array.from(
    {
      length: random.weighted([
        [4, 1],
        [3, 2],
        [2, 3],
      ]),
    },
    () =>
      random.chance(0.04 * oddness)
        ? random.pick([...values.odd, "minvalue"])
        : values.spell(random.int(0, values.count - 1), random),
  );
  if (random.chance(0.12)) data.push("null");
  return `for values in (${data.join(", ")})`;
}

function hashBound(parent: TableSpec, random: Random): string {
  const modulus = random.weighted([
    [8, parent.cursor % 2 === 0 ? 4 : 3],
    [2, 8],
    [2, 2],
    [1, 6],
    [1, 16],
    [1, 12],
    [0.7, 5],
    [0.7, 9],
    [0.2, 1],
  ]);
  const remainder = random.chance(0.8) ? parent.partitions.length % modulus : random.int(0, modulus);
  return `for values with (modulus ${modulus}, remainder ${remainder})`;
}

/** A bound that no table of that kind takes, or that PostgreSQL's grammar does not. */
function oddBound(parent: TableSpec, random: Random): string {
  const spelled = parent.key[0]?.values.plain ?? "1";
  return random.pick([
    "for values with (modulus 4, remainder 0)",
    "for values with (modulus 4)",
    "for values with (remainder 0)",
    "for values with (modulus 0, remainder 0)",
    "for values with (modulus -1, remainder 0)",
    "for values with (modulus 4, remainder 4)",
    "for values with (modulus 4, remainder -1)",
    "for values with (modulus 4, modulus 4, remainder 0)",
    "for values with (modulus 4, remainder 0, remainder 1)",
    "for values with (modulus 4, remainder 0, foo 1)",
    "for values with (Modulus 4, REMAINDER 0)",
    "for values with (modulus '4', remainder 0)",
    "for values with (modulus 2147483648, remainder 0)",
    "for values with (modulus 0x10, remainder 1)",
    "for values with ()",
    "for values with (remainder 1, modulus 3)",
    `for values in (${spelled})`,
    `for values in (${spelled}, ${spelled})`,
    "for values in ()",
    "for values in (default)",
    "for values in (null, null)",
    "for values in (minvalue)",
    "for values in (maxvalue, 5)",
    `for values from (${spelled}) to (maxvalue)`,
    `for values from (${spelled}) to (${spelled})`,
    "for values from (minvalue) to (maxvalue)",
    "for values from (maxvalue) to (minvalue)",
    "for values from (minvalue) to (minvalue)",
    "for values from (null) to (maxvalue)",
    "for values from (minvalue) to (null)",
    `for values from (${spelled}, ${spelled}) to (maxvalue)`,
    `for values from (${spelled}) to (maxvalue, maxvalue)`,
    "for values from () to ()",
    "for values from (1) to (k)",
    "for values from (k) to (10)",
    "for values from (v + 1) to (maxvalue)",
    "for values from (nosuch()) to (maxvalue)",
    "for values from (max(1)) to (maxvalue)",
    "for values from ((select 1)) to (maxvalue)",
    "for values from (generate_series(1, 3)) to (maxvalue)",
    "for values from (row_number() over ()) to (maxvalue)",
    "for values from (1) to ('x' || 1)",
    "for values from 1 to 10",
    "values less than (10)",
    "for values less than (10)",
    "for values from (1)",
    "for values (1)",
    "",
    "default",
    "for values default",
    "for values from (minvalue, minvalue) to (maxvalue, maxvalue)",
    'for values from ("minvalue") to (maxvalue)',
    'for values from ("default") to (maxvalue)',
    "for values from ($1) to (10)",
    "for values in (nosuchcolumn)",
    "for values in (a.b)",
    "for values in (1 +)",
    "for values in ((1), (2))",
    "for values in (row(1))",
    "for values in (array[1])",
    "for values in ('a'::nosuchtype)",
    "for values in (null::int)",
    "for values in (nullif(1, 1))",
  ]);
}

function typeNamed(sql: string): KeyType {
  const found = keyTypes.find((type) => type.sql === sql);
  if (found === undefined) throw new Error(`There is no key type ${sql}.`);
  return found;
}

export const intType = typeNamed("int");
export const textType = typeNamed("text");
