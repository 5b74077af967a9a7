/** Random tables of every strategy, declarative or by inheritance: their columns, parts, and what hangs on them. */

import { quoteIdentifier } from "../../../server/src/syntax/names.ts";
import type { Random } from "../../truth/generator/random.ts";
import { type KeyType, keyTypes, literal, unit } from "./key-types.ts";
import { extrasOf } from "./random-extras.ts";

/** What a part takes, in numbers that the key types spell. */
export type RandomBound =
  /** Points of the whole key; `null` is MINVALUE below and MAXVALUE above. */
  | { readonly kind: "range"; readonly lower: Point; readonly upper: Point }
  | { readonly kind: "list"; readonly values: readonly (number | null)[] }
  | { readonly kind: "hash"; readonly modulus: number; readonly remainder: number }
  | { readonly kind: "default" };
export type Point = readonly (number | null)[];

export interface RandomPart {
  readonly name: string;
  readonly bound: RandomBound;
}

export interface RandomTable {
  readonly scheme: "declarative" | "inheritance" | "plain";
  readonly strategy: "range" | "list" | "hash";
  readonly name: string;
  readonly key: readonly { readonly name: string; readonly type: KeyType }[];
  readonly columns: readonly RandomColumn[];
  /** Of range tables in order of their bounds. */
  readonly parts: readonly RandomPart[];
  /** What makes all of it, in a schema of its own that heads the search path. */
  readonly schema: string;
  /** What fills it. */
  readonly rows: string;
  readonly hasPrimaryKey: boolean;
  /** Tables besides, and what they are for. */
  readonly others: readonly string[];
}

export interface RandomColumn {
  readonly name: string;
  readonly definition: string;
  /** What an INSERT gives for it; null where the table gives it. */
  value(number: number): string | null;
}

export interface World {
  readonly schema: string;
  readonly major: number;
  /** A role that owns nothing else. */
  readonly role: string;
}

export function randomTable(random: Random, world: World): RandomTable {
  const scheme = random.weighted([
    [7, "declarative"],
    [3, "inheritance"],
    [1, "plain"],
  ] as const);
  const strategy = random.weighted([
    [5, "range"],
    [3, "list"],
    [3, "hash"],
  ] as const);
  const usable = strategy === "hash" && scheme === "inheritance" ? keyTypes.filter(({ divides }) => divides) : keyTypes;
  const keyCount = scheme === "declarative" && strategy !== "list" && random.chance(0.25) ? 2 : 1;
  const key = ["k", "Key 2"].slice(0, keyCount).map((name) => ({ name, type: random.pick(usable) }));
  const name = random.weighted([
    [6, "t"],
    [1, "Some Table"],
    [1, "a.b"],
    [1, "t2024"],
  ]);
  const parts = scheme === "plain" ? [] : partsOf(random, scheme, strategy, key.length, name);
  const hasPrimaryKey = scheme !== "inheritance" && random.chance(0.5);
  // List and hash parts take NULL, and so may a default.
  const notNull = hasPrimaryKey || random.chance(0.5);
  const columns = columnsOf(random, world, key, notNull, scheme);
  const table = { scheme, strategy, name, key, columns, parts, hasPrimaryKey, notNull };
  const extras = extrasOf(random, world, table);
  const schema = [
    `CREATE SCHEMA ${world.schema}`,
    `SET search_path = ${world.schema}`,
    `GRANT ALL ON SCHEMA ${world.schema} TO ${world.role}`,
    "CREATE TABLE kinds (kind text PRIMARY KEY)",
    ...tableStatements(random, table),
    ...extras.statements,
  ];
  return {
    ...table,
    schema: schema.map((statement) => `${statement};\n`).join(""),
    rows: rowsOf(random, table, extras.rows),
    others: ["kinds", ...extras.tables],
  };
}

export type BareTable = Omit<RandomTable, "schema" | "rows" | "others"> & { readonly notNull: boolean };

function partsOf(
  random: Random,
  scheme: "declarative" | "inheritance",
  strategy: RandomTable["strategy"],
  keyCount: number,
  table: string,
): readonly RandomPart[] {
  const bounds = boundsOf(random, scheme, strategy, keyCount);
  const pattern = random.pick(["_p", "_", " part "]);
  const parts = bounds.map((bound, index): RandomPart => {
    const number = bound.kind === "hash" ? bound.remainder : index + 1;
    return { name: bound.kind === "default" ? `${table}_rest` : `${table}${pattern}${number}`, bound };
  });
  return parts;
}

function boundsOf(
  random: Random,
  scheme: "declarative" | "inheritance",
  strategy: RandomTable["strategy"],
  keyCount: number,
): readonly RandomBound[] {
  const bounds: RandomBound[] = [];
  const count = random.int(1, 4);
  if (strategy === "hash") {
    const modulus = random.int(1, 4);
    const kept = random.chance(0.2) && modulus > 1 ? modulus - 1 : modulus;
    return Array.from({ length: kept }, (_, remainder) => ({ kind: "hash", modulus, remainder }));
  }
  if (strategy === "list") {
    const values: (number | null)[] = random.shuffled([0, 10, 25, 30, 47, 50, 66, 80, 99]);
    for (let index = 0; index < count; index += 1)
      bounds.push({ kind: "list", values: values.splice(0, random.int(1, 3)) });
    if (random.chance(0.3)) bounds.push({ kind: "list", values: [null, ...values.splice(0, random.int(0, 1))] });
  } else {
    const second = (): readonly (number | null)[] =>
      keyCount === 1 ? [] : [random.chance(0.5) ? null : random.int(0, 99)];
    let lower: Point = [random.int(2, 8) * unit, ...second()];
    for (let index = 0; index < count; index += 1) {
      const upper: Point = [(lower[0] ?? 0) + random.int(1, 2) * unit, ...second()];
      bounds.push({ kind: "range", lower, upper });
      lower = random.chance(0.25) ? [(upper[0] ?? 0) + unit, ...second()] : upper;
    }
    const [first, last] = [bounds[0], bounds.at(-1)];
    const open: Point = Array.from({ length: keyCount }, () => null);
    if (random.chance(0.15) && first?.kind === "range") bounds[0] = { ...first, lower: open };
    if (random.chance(0.2) && last?.kind === "range" && bounds.length > 1)
      bounds[bounds.length - 1] = { ...last, upper: open };
  }
  if (scheme === "declarative" && random.chance(0.4)) bounds.push({ kind: "default" });
  return bounds.filter((bound) => bound.kind !== "list" || bound.values.length > 0);
}

function columnsOf(
  random: Random,
  { major }: World,
  key: RandomTable["key"],
  notNull: boolean,
  scheme: RandomTable["scheme"],
): readonly RandomColumn[] {
  const keys = key.map(({ name, type }, index): RandomColumn => {
    return {
      name,
      definition: `${type.sql}${notNull ? " NOT NULL" : ""}`,
      value: (number) => literal(type, index === 0 ? number : (number * 7) % 100),
    };
  });
  const optional: readonly RandomColumn[] = [
    { name: "amount", definition: "numeric(8,2) NOT NULL DEFAULT 0", value: (number) => String(number / 4) },
    { name: "twice", definition: "bigint GENERATED ALWAYS AS (id * 2) STORED", value: () => null },
    ...(major >= 18
      ? [{ name: "thrice", definition: "bigint GENERATED ALWAYS AS (id * 3) VIRTUAL", value: () => null }]
      : []),
    {
      name: "note",
      definition: `text${major >= 14 && random.chance(0.5) ? " COMPRESSION pglz" : ""} COLLATE "C" DEFAULT 'a;b'`,
      value: (number) => (number % 3 === 0 ? "NULL" : `'it''s ${number}'`),
    },
    { name: "kind", definition: "text", value: (number) => (number % 2 === 0 ? "'a'" : "NULL") },
    { name: "Tags", definition: "text[] DEFAULT '{}'", value: (number) => `ARRAY['x', '${number}']` },
    { name: "data", definition: "jsonb", value: (number) => `'{"n": ${number}}'` },
    { name: "old", definition: "int", value: (number) => String(number) },
  ];
  // Children do not inherit what makes the values of an identity.
  const identity = random.weighted([
    [scheme === "inheritance" ? 1e9 : 6, ""],
    [1, " GENERATED BY DEFAULT AS IDENTITY"],
    [1, " GENERATED ALWAYS AS IDENTITY"],
  ]);
  const id: RandomColumn = {
    name: "id",
    definition: `bigint NOT NULL${identity}`,
    value: () => (identity === "" ? "nextval('ids')" : null),
  };
  const chosen = random.sample(optional, random.int(2, optional.length));
  return random.chance(0.7) ? [id, ...keys, ...chosen] : random.shuffled([id, ...keys, ...chosen]);
}

/** The table and its parts; some of them come from elsewhere, with their columns in another order. */
function tableStatements(random: Random, table: BareTable): readonly string[] {
  const { scheme, columns, key, name, parts, hasPrimaryKey, strategy } = table;
  const keys = key.map((each) => quoteIdentifier(each.name));
  const definitions = columns.map((column) => `${quoteIdentifier(column.name)} ${column.definition}`);
  const primary = hasPrimaryKey ? [`PRIMARY KEY (id, ${keys.join(", ")})`] : [];
  const by = scheme === "declarative" ? ` PARTITION BY ${strategy.toUpperCase()} (${keys.join(", ")})` : "";
  const written = quoteIdentifier(name);
  const dropped = columns.some((column) => column.name === "old") && random.chance(0.6);
  return [
    "CREATE SEQUENCE ids",
    `CREATE TABLE ${written} (${[...definitions, ...primary].join(", ")})${by}`,
    ...(dropped ? [`ALTER TABLE ${written} DROP COLUMN old`] : []),
    ...parts.flatMap((part): readonly string[] => {
      const own = quoteIdentifier(part.name);
      if (scheme === "inheritance") {
        const check = checkOf(part.bound, table);
        return [`CREATE TABLE ${own} (CHECK (${check})) INHERITS (${written})`];
      }
      const bound = boundText(part.bound, table);
      if (random.chance(0.8)) return [`CREATE TABLE ${own} PARTITION OF ${written} ${bound}`];
      const kept = columns.filter((column) => column.name !== "old" || !dropped);
      const shuffled = random.shuffled(kept).map((column) => {
        return `${quoteIdentifier(column.name)} ${column.definition.replace(/ GENERATED \w+( DEFAULT)? AS IDENTITY/, "")}`;
      });
      return [
        `CREATE TABLE ${own} (gone int, ${shuffled.join(", ")})`,
        `ALTER TABLE ${own} DROP COLUMN gone`,
        `ALTER TABLE ${written} ATTACH PARTITION ${own} ${bound}`,
      ];
    }),
  ];
}

/** `FOR VALUES …`, or DEFAULT. */
export function boundText(bound: RandomBound, { key }: Pick<RandomTable, "key">): string {
  if (bound.kind === "default") return "DEFAULT";
  if (bound.kind === "hash") return `FOR VALUES WITH (MODULUS ${bound.modulus}, REMAINDER ${bound.remainder})`;
  const spelled = (number: number | null, index: number): string => {
    const type = key[index]?.type;
    if (type === undefined) throw new Error(`The key has no column ${index}.`);
    return literal(type, number);
  };
  if (bound.kind === "list") return `FOR VALUES IN (${bound.values.map((value) => spelled(value, 0)).join(", ")})`;
  const point = (numbers: Point, open: string): string =>
    numbers.map((number, index) => (number === null ? open : spelled(number, index))).join(", ");
  const upper = bound.upper[0] === null ? "MAXVALUE" : "MINVALUE";
  return `FOR VALUES FROM (${point(bound.lower, "MINVALUE")}) TO (${point(bound.upper, upper)})`;
}

function checkOf(bound: RandomBound, { key }: Pick<RandomTable, "key">): string {
  const [column] = key;
  if (column === undefined) throw new Error("The key has no column.");
  const name = quoteIdentifier(column.name);
  const value = (number: number | null): string => `${literal(column.type, number)}::${column.type.sql}`;
  switch (bound.kind) {
    case "hash":
      return `${name} % ${bound.modulus} = ${bound.remainder}`;
    case "list": {
      const values = bound.values.filter((each) => each !== null).map(value);
      if (!bound.values.includes(null)) return `${name} IN (${values.join(", ")})`;
      return values.length === 0 ? `${name} IS NULL` : `${name} IS NULL OR ${name} IN (${values.join(", ")})`;
    }
    case "range": {
      const [lower, upper] = [bound.lower[0] ?? null, bound.upper[0] ?? null];
      const sides = [
        ...(lower === null ? [] : [`${name} >= ${value(lower)}`]),
        ...(upper === null ? [] : [`${name} < ${value(upper)}`]),
      ];
      return sides.length === 0 ? `${name} IS NOT NULL` : sides.join(" AND ");
    }
    default:
      throw new Error("Inheritance has no default.");
  }
}

/** Rows for every part, edges first, and for what no part takes where something takes it. */
function rowsOf(random: Random, table: BareTable, more: readonly string[]): string {
  const { scheme, parts, columns, name, key } = table;
  const given = columns.filter((column) => column.name !== "old" && column.value(0) !== null);
  const names = given.map((column) => quoteIdentifier(column.name)).join(", ");
  const into = (relation: string, numbers: readonly number[]): readonly string[] => {
    const lines = numbers.map((number) => `(${given.map((column) => column.value(number) ?? "DEFAULT").join(", ")})`);
    return numbers.length === 0
      ? []
      : [`INSERT INTO ${quoteIdentifier(relation)} (${names}) VALUES ${lines.join(", ")}`];
  };
  const nullKey = (relation: string): readonly string[] => {
    const values = given.map((column) => (key.some((each) => each.name === column.name) ? "NULL" : column.value(1)));
    return [`INSERT INTO ${quoteIdentifier(relation)} (${names}) VALUES (${values.join(", ")})`];
  };
  const all = Array.from({ length: 10 }, () => random.int(0, 150));
  const hasDefault = parts.some(({ bound }) => bound.kind === "default");
  const isWhole =
    table.strategy === "hash" && parts.every(({ bound }) => bound.kind === "hash" && bound.modulus === parts.length);
  const statements = parts.flatMap(({ bound, name: part }) => {
    const numbers = bound.kind === "hash" && scheme === "declarative" ? [] : numbersIn(bound, random);
    return into(scheme === "inheritance" ? part : name, numbers);
  });
  if (scheme === "plain" || hasDefault || (isWhole && scheme === "declarative")) statements.push(...into(name, all));
  if (scheme === "inheritance" && random.chance(0.4)) statements.push(...into(name, all));
  if (!table.notNull) {
    const takesNull = parts.find(({ bound }) => bound.kind === "list" && bound.values.includes(null));
    if (scheme === "inheritance" && random.chance(0.3))
      statements.push(...nullKey((takesNull ?? parts[0])?.name ?? name));
    else if (scheme !== "inheritance" && (hasDefault || takesNull !== undefined || scheme === "plain" || isWhole))
      statements.push(...nullKey(name));
  }
  return ["INSERT INTO kinds VALUES ('a'), ('b')", ...statements, ...more]
    .map((statement) => `${statement};\n`)
    .join("");
}

/** Numbers that a bound takes for certain. */
function numbersIn(bound: RandomBound, random: Random): readonly number[] {
  switch (bound.kind) {
    case "list":
      return bound.values.flatMap((value) => (value === null ? [] : [value, value]));
    case "range": {
      const end = bound.upper[0] ?? (bound.lower[0] ?? 0) + 30;
      const start = bound.lower[0] ?? Math.max(0, end - 15);
      // Beginnings of several columns decide by the others whether their first value is within.
      const first = bound.lower.length === 1 ? start : start + 1;
      return [
        first,
        ...(first < end - 1 ? [end - 1] : []),
        ...Array.from({ length: 6 }, () => random.int(first, end - 1)),
      ];
    }
    case "hash":
      return Array.from({ length: 5 }, (_, index) => bound.remainder + bound.modulus * index);
    default:
      return [];
  }
}
