/** Random schemas and queries from a seed: keys of many types, every strategy, conditions of every shape. */

import { randomNumbers } from "./random-numbers.ts";

export interface GeneratedSchema {
  readonly ddl: readonly string[];
  readonly queries: readonly string[];
}

interface KeyKind {
  readonly type: string;
  /** Literals in ascending order: bounds are taken from them, and constants of queries. */
  readonly values: readonly string[];
  /** The same values under other types, as queries may spell them. */
  readonly casts: readonly string[];
  readonly wrapped: readonly string[];
}

const integers = ["-100", "-1", "0", "1", "10", "11", "50", "99", "100", "1000"];
const dates = [
  "2022-12-31",
  "2023-01-01",
  "2023-01-31",
  "2023-02-01",
  "2023-06-15",
  "2024-01-01",
  "2024-02-29",
  "2025-01-01",
];
const quoted = (values: readonly string[]): readonly string[] => values.map((value) => `'${value}'`);

const kinds: readonly KeyKind[] = [
  {
    type: "int",
    values: integers,
    casts: ["::bigint", "::smallint", "::numeric", "::real", ".5", ""],
    wrapped: ["k + 0", "abs(k)", "k::text", "-k"],
  },
  {
    type: "bigint",
    values: [...integers, "3000000000"],
    casts: ["::int8", "::numeric", "", "::float8"],
    wrapped: ["k * 1", "k::numeric"],
  },
  {
    type: "numeric(10,2)",
    values: ["-1.5", "0", "0.01", "1", "9.99", "10", "100.25"],
    casts: ["", "::int", "::float8", "::numeric"],
    wrapped: ["round(k)", "k + 0.0"],
  },
  {
    type: "date",
    values: quoted(dates),
    casts: ["", "::date", "::timestamp", "::timestamptz", "::date + 1", "::date - 7"],
    wrapped: ["date_trunc('month', k)", "extract(year from k)::int", "k + 1"],
  },
  {
    type: "timestamp",
    values: quoted(dates.map((day) => `${day} 12:00:00`)),
    casts: ["", "::date", "::timestamptz", "::timestamp + interval '1 day'"],
    wrapped: ["k::date", "date_trunc('day', k)"],
  },
  {
    type: "timestamptz",
    values: quoted(dates.map((day) => `${day} 00:00:00+00`)),
    casts: ["", "::date", "::timestamptz", "::timestamp"],
    wrapped: ["k::date", "k at time zone 'UTC'"],
  },
  {
    type: 'text collate "C"',
    values: quoted(["", "A", "Z", "a", "ab", "b", "m", "zz", "é"]),
    casts: ["", "::text", "::varchar", "::char(3)", ' collate "C"', ' collate "POSIX"'],
    wrapped: ["lower(k)", "k || ''"],
  },
  {
    type: 'varchar(20) collate "C"',
    values: quoted(["A", "a", "b", "c", "zz"]),
    casts: ["", "::text", "::varchar", "::char(2)"],
    wrapped: ["upper(k)", "k::text"],
  },
  {
    type: "uuid",
    values: quoted([
      "00000000-0000-4000-8000-000000000001",
      "40000000-0000-4000-8000-000000000000",
      "80000000-0000-4000-8000-000000000000",
      "ff000000-0000-4000-8000-000000000000",
    ]),
    casts: ["", "::uuid"],
    wrapped: ["k::text"],
  },
  { type: "bool", values: ["false", "true"], casts: ["", "::bool"], wrapped: ["not k", "k is true"] },
  {
    type: "float8",
    values: ["-1.5", "0", "0.5", "10", "100"],
    casts: ["", "::real", "::int", "::numeric"],
    wrapped: ["k + 1"],
  },
];

/** The schema and its queries that belong to the seed. */
export function generate(seed: number, queryCount: number): GeneratedSchema {
  const random = randomNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const chance = (probability: number): boolean => random() < probability;
  const first = pick(kinds);
  if (chance(0.15)) return inheritance(first, queryCount, random);
  const second = pick(kinds.filter(({ type }) => type !== "bool"));
  const strategy = pick(["range", "range", "range", "list", "list", "hash"] as const);
  const twoColumns = strategy !== "list" && chance(0.4);
  const notNull = chance(0.2) ? " not null" : "";
  const expression =
    first.type === "int" && !twoColumns && chance(0.3) ? pick(["(k % 100)", "abs(k)", "(k + 1)"]) : null;
  const key = twoColumns ? "k, k2" : (expression ?? "k");
  const ddl = [
    `create table t (k ${first.type}${notNull}, k2 ${second.type}, v int) partition by ${strategy} (${key})`,
  ];
  const sub = chance(0.35) ? pick(["list", "range", "hash"] as const) : null;
  const names: string[] = [];

  const addPartition = (bound: string): void => {
    const name = `p${names.length}`;
    names.push(name);
    const nested = sub !== null && chance(0.5);
    const check = chance(0.1) ? ` (check (v > ${pick(integers)}))` : "";
    ddl.push(`create table ${name} partition of t${check} ${bound}${nested ? ` partition by ${sub} (k2)` : ""}`);
    if (nested) addSubPartitions(name);
  };
  const addSubPartitions = (parent: string): void => {
    const { values } = second;
    if (sub === "hash") {
      for (const remainder of [0, 1, 2])
        if (chance(0.8))
          ddl.push(
            `create table ${parent}_${remainder} partition of ${parent} for values with (modulus 3, remainder ${remainder})`,
          );
      return;
    }
    const cut = 1 + Math.floor(random() * (values.length - 2));
    if (sub === "list")
      ddl.push(`create table ${parent}_a partition of ${parent} for values in (${values.slice(0, cut).join(", ")})`);
    else ddl.push(`create table ${parent}_a partition of ${parent} for values from (minvalue) to (${values[cut]})`);
    if (chance(0.6)) ddl.push(`create table ${parent}_b partition of ${parent} default`);
  };

  if (strategy === "hash") {
    const modulus = pick([2, 3, 4]);
    for (let remainder = 0; remainder < modulus; remainder++)
      if (chance(0.85)) addPartition(`for values with (modulus ${modulus}, remainder ${remainder})`);
  } else if (strategy === "list") {
    const values = [...first.values];
    while (values.length > 0) {
      const some = values.splice(0, 1 + Math.floor(random() * 3));
      if (chance(0.75)) addPartition(`for values in (${some.join(", ")})`);
    }
    if (chance(0.4)) addPartition("for values in (null)");
    if (chance(0.4)) addPartition("default");
  } else {
    const points = [
      ...(chance(0.3) ? ["minvalue"] : []),
      ...first.values.filter(() => chance(0.7)),
      ...(chance(0.3) ? ["maxvalue"] : []),
    ];
    const secondOf = (point: string): string =>
      point === "minvalue" || point === "maxvalue"
        ? point
        : chance(0.25)
          ? pick(["minvalue", "maxvalue"])
          : pick(second.values);
    const bounds = points.map((point) => (twoColumns ? `${point}, ${secondOf(point)}` : point));
    for (let index = 0; index + 1 < bounds.length; index++)
      if (chance(0.8)) addPartition(`for values from (${bounds[index]}) to (${bounds[index + 1]})`);
    if (chance(0.4)) addPartition("default");
  }

  const constant = (kind: KeyKind): string => {
    const value = pick(kind.values);
    const cast = chance(0.5) ? "" : pick(kind.casts);
    if (cast === ".5") return `${value}.5`;
    return cast === "" ? value : `(${value}${cast})`;
  };
  const atom = (): string => {
    const useSecond = chance(0.3);
    const [column, kind] = useSecond ? (["k2", second] as const) : (["k", first] as const);
    const operator = pick(["=", "=", "=", "<", "<=", ">", ">=", "<>"]);
    const shape = random();
    if (expression !== null && shape < 0.35) return `${expression} ${operator} ${constant(first)}`;
    if (shape < 0.45) return `${column} ${operator} ${constant(kind)}`;
    if (shape < 0.5) return `${constant(kind)} ${operator} ${column}`;
    if (shape < 0.6) return `${column} between ${constant(kind)} and ${constant(kind)}`;
    if (shape < 0.7)
      return `${column} ${pick(["in", "not in"])} (${Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(kind.values)).join(", ")}${chance(0.1) ? ", null" : ""})`;
    if (shape < 0.75) return `${column} is ${pick(["null", "not null"])}`;
    if (shape < 0.79)
      return `${column} = ${pick(["any", "any", "all"])} (array[${pick(kind.values)}, ${pick(kind.values)}]::${kind.type.replace(/ collate.*/, "")}[])`;
    if (shape < 0.83)
      return `${kind.wrapped[0] === "not k" ? "k" : pick(kind.wrapped).replaceAll("k", column)} is not null`;
    if (shape < 0.86) return `v = ${pick(integers)}`;
    if (shape < 0.89) return `${column} is ${pick(["", "not "])}distinct from ${pick(kind.values)}`;
    if (shape < 0.92 && twoColumns)
      return `(k, k2) ${pick(["=", "=", ">=", "<"])} (${pick(first.values)}, ${pick(second.values)})`;
    if (shape < 0.95) return `${column} = ${column}`;
    if (kind.type === "bool")
      return pick([`${column}`, `not ${column}`, `${column} is true`, `${column} is not true`, `${column} is unknown`]);
    return `${column} ${operator} ${constant(kind)}`;
  };
  const condition = (depth: number): string => {
    const shape = random();
    if (depth === 0 || shape < 0.4) return atom();
    if (shape < 0.7) return `${condition(depth - 1)} and ${condition(depth - 1)}`;
    if (shape < 0.9) return `(${condition(depth - 1)} or ${condition(depth - 1)})`;
    return `not (${condition(depth - 1)})`;
  };
  const queries = Array.from({ length: queryCount }, () => {
    const where = condition(2);
    const shape = random();
    if (shape < 0.75) return `select * from t where ${where}`;
    if (shape < 0.82) return `update t set v = 1 where ${where}`;
    if (shape < 0.88) return `delete from t where ${where}`;
    if (shape < 0.94) return `select * from (select k, k2, v from t) q where ${where}`;
    return `with q as (select * from t) select * from q where ${where}`;
  });
  return { ddl, queries };
}

/** A parent and children whose CHECK constraints take many forms, some of which exclude nothing. */
function inheritance(kind: KeyKind, queryCount: number, random: () => number): GeneratedSchema {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const notNull = random() < 0.3 ? " not null" : "";
  const ddl = [`create table t (k ${kind.type}${notNull}, k2 int, v int)`];
  const { values } = kind;
  for (let child = 0; child < 6; child++) {
    const at = Math.floor(random() * (values.length - 1));
    const [low, high, cast] = [values[at], values[at + 1], random() < 0.2 ? pick(kind.casts).replace(".5", "") : ""];
    const check = pick([
      `k >= ${low}${cast} and k < ${high}`,
      `k >= ${low} and k < ${high}`,
      `k between ${low} and ${high}`,
      `k = ${low} or k = ${high}`,
      `k in (${low}, ${high})`,
      `k < ${low}`,
      `k is null`,
      `k2 % 3 = ${child % 3}`,
      `not (k < ${high})`,
    ]);
    const option = random() < 0.1 ? " no inherit" : random() < 0.1 ? " not valid" : "";
    ddl.push(`create table c${child} () inherits (${child > 3 ? "c0" : "t"})`);
    ddl.push(`alter table c${child} add constraint ck check (${check})${option}`);
  }
  const atom = (): string => {
    const shape = random();
    const cast = random() < 0.3 ? pick(kind.casts).replace(".5", "") : "";
    const constant = cast === "" ? pick(values) : `(${pick(values)}${cast})`;
    if (shape < 0.5) return `k ${pick(["=", "<", "<=", ">", ">=", "<>"])} ${constant}`;
    if (shape < 0.65) return `k between ${pick(values)} and ${constant}`;
    if (shape < 0.8) return `k ${pick(["in", "not in"])} (${pick(values)}, ${pick(values)})`;
    if (shape < 0.87) return `k2 % 3 = ${Math.floor(random() * 3)}`;
    return `k is ${pick(["null", "not null"])}`;
  };
  const queries = Array.from({ length: queryCount }, () => {
    const shape = random();
    const where =
      shape < 0.4
        ? atom()
        : shape < 0.7
          ? `${atom()} and ${atom()}`
          : shape < 0.9
            ? `(${atom()} or ${atom()})`
            : `not (${atom()} and ${atom()})`;
    return random() < 0.8 ? `select * from t where ${where}` : `delete from t where ${where}`;
  });
  return { ddl, queries };
}
