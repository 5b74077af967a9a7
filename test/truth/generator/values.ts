/** The types of partition keys, each with values in ascending order and the many ways in which people spell them. */

import type { Random } from "./random.ts";

/** A type that a key column may have. */
export interface KeyType {
  /** As it is declared. */
  readonly sql: string;
  /** Other spellings of the same type. */
  readonly aliases: readonly string[];
  /** Statements that must come before. */
  readonly setup: readonly string[];
  /** Greater weights are chosen more often. */
  readonly weight: number;
  /** False where a type has no btree operator class. */
  readonly ordered: boolean;
  readonly hashed: boolean;
  /** How many values there are; `spell` takes 0 … count - 1, ascending. */
  readonly count: number;
  spell(index: number, random: Random): string;
  /** What PostgreSQL refuses, or takes as something surprising. */
  readonly odd: readonly string[];
  /** Types that a child's column may have by mistake. */
  readonly others: readonly string[];
  /** A literal that fits CHECKs. */
  readonly plain: string;
}

/** Chooses a type by weight. */
export function chooseType(random: Random, wanted: (type: KeyType) => boolean = () => true): KeyType {
  return random.weighted(keyTypes.filter(wanted).map((type) => [type.weight, type] as const));
}

const integers = [-100, -20, -10, -1, 0, 1, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100, 1000];
const bigIntegers = [-10, 0, 1, 10, 100, 1000, 10_000_000_000, 20_000_000_000, 30_000_000_000];
const numbers = ["-1.5", "0", "0.5", "1", "1.25", "2", "10", "10.75", "100", "999.99", "1000"];
const floats = ["-1.5", "0", "0.1", "1", "2.5", "10", "100", "1e10"];
const words = ["", "A", "B", "Z", "a", "ab", "abc", "b", "c", "d", "m", "mm", "n", "x", "z", "zz", "é", "ж"];
const days = [
  "2022-11-01",
  "2022-12-01",
  "2023-01-01",
  "2023-01-31",
  "2023-02-01",
  "2023-02-28",
  "2023-03-01",
  "2023-03-12",
  "2023-04-01",
  "2023-05-01",
  "2023-06-01",
  "2023-06-15",
  "2023-07-01",
  "2023-08-01",
  "2023-09-01",
  "2023-10-01",
  "2023-11-05",
  "2023-12-01",
  "2024-01-01",
  "2024-02-29",
  "2024-03-01",
];
const moments = [
  "2022-11-01 00:00:00",
  "2022-12-01 00:00:00",
  "2023-01-01 00:00:00",
  "2023-01-31 23:59:59",
  "2023-02-01 00:00:00",
  "2023-03-01 00:00:00",
  "2023-03-12 02:30:00",
  "2023-03-26 02:30:00",
  "2023-04-01 00:00:00",
  "2023-05-01 00:00:00",
  "2023-05-10 12:30:00",
  "2023-06-01 00:00:00",
  "2023-07-01 00:00:00.5",
  "2023-08-01 00:00:00",
  "2023-09-01 00:00:00",
  "2023-10-01 00:00:00",
  "2023-10-29 02:30:00",
  "2023-11-05 01:30:00",
  "2023-12-01 00:00:00",
  "2024-01-01 00:00:00",
  "2024-02-29 23:59:59.999999",
];
const moods = ["sad", "ok", "good", "great"];
const uuidBytes = ["00", "10", "20", "40", "64", "80", "a0", "c8", "ff"];

const defaults = { aliases: [], setup: [], ordered: true, hashed: true } as const;

function integerType(sql: string, aliases: readonly string[], weight: number, values: readonly number[]): KeyType {
  return {
    ...defaults,
    sql,
    aliases,
    weight,
    count: values.length,
    spell: (index, random) => spellInteger(values[index] ?? 0, sql, random),
    odd: [
      "'x'",
      "''",
      "'1.5'",
      "1.5",
      "2.5",
      "-2.5",
      "date '2023-01-01'",
      "2023-01-01",
      "true",
      "99999999999999999999",
      "'99999999999999999999'",
      "3000000000",
      "40000",
      "'0x1f'",
      "0x1F",
      "1_000",
      "'1_000'",
      "0b101",
      "1e3",
      "1e400",
      "'NaN'::float8",
      "'NaN'",
      "5::text",
      "'5'::text",
      "1/0",
      "5 / 2",
      "-7 % 3",
      "2 ^ 3",
      "abs(-5)",
      "nullif(1, 1)",
      "null::int",
      "coalesce(null, 5)",
      "length('abc')",
      "round(2.5)",
      "(select 1)",
      "max(1)",
      "generate_series(1, 2)",
      "array[1]",
      "row(1)",
      "'5'::oid",
      "5::bool",
      "case when true then 5 else 6 end",
    ],
    others: ["bigint", "smallint", "numeric", "text", "date", "oid", "int[]"].filter((type) => type !== sql),
    plain: "5",
  };
}

function spellInteger(value: number, type: string, random: Random): string {
  return random.weighted<() => string>([
    [60, () => String(value)],
    [10, () => `'${value}'`],
    [4, () => `${value}.0`],
    [3, () => `${value}.4`],
    [3, () => `${value}::${type}`],
    [1, () => `${type} '${value}'`],
    [1, () => `cast(${value} as ${type})`],
    [1, () => `cast('${value}' as ${type})`],
    [5, () => `(${value - 1} + 1)`],
    [1, () => `${value} - 0`],
    [1, () => `+${value < 0 ? `(${value})` : value}`],
    [1, () => `- (${-value})`],
    [1, () => `' ${value} '`],
    [1, () => (value < 0 ? String(value) : `0x${value.toString(16).toUpperCase()}`)],
    [1, () => (value < 1000 ? String(value) : `${Math.floor(value / 1000)}_${String(value % 1000).padStart(3, "0")}`)],
    [1, () => `${value}::bigint`],
    [1, () => `${value}::smallint`],
    [1, () => `${value}::numeric`],
    [1, () => `'${value}'::${type}::${type}`],
    [1, () => `${value} * 1`],
    [1, () => `abs(${value})`],
    [1, () => `greatest(${value}, ${value - 5})`],
  ])();
}

function numericType(sql: string, weight: number): KeyType {
  return {
    ...defaults,
    sql,
    aliases: [sql.replace("numeric", "decimal")],
    weight,
    count: numbers.length,
    spell: (index, random) => {
      const value = numbers[index] ?? "0";
      return random.weighted<() => string>([
        [50, () => value],
        [10, () => `'${value}'`],
        [8, () => `${value}::numeric`],
        [3, () => `${value}0`.replace(/^(-?\d+)0$/, "$1.0")],
        [2, () => `numeric '${value}'`],
        [2, () => `${value} + 0`],
        [1, () => `(${value}::numeric * 1.00)`],
        [1, () => `${value}::float8`],
        [1, () => `round(${value}, 3)`],
        [1, () => `${value}::numeric(8,3)`],
        [1, () => `'${value}e0'`],
        [1, () => `trunc(${value}, 1)`],
      ])();
    },
    odd: [
      "'abc'",
      "99999999",
      "12345.678",
      "1.254",
      "'1.255'",
      "'NaN'",
      "'Infinity'",
      "'-inf'",
      "1e5",
      "'1e-3'",
      ".5",
      "5.",
      "'0x10'",
      "'1_000.5'",
      "true",
      "1::float4",
      "0.1::float4",
      "1::money",
      "1/3",
      "1/3.0",
      "10.0 / 4",
      "5 % 3",
      "'2023-01-01'",
      "sqrt(2)",
      "null",
      "9.9999e2",
    ],
    others: ["numeric(8,2)", "numeric(6,1)", "int", "float8", "text", "numeric"].filter((type) => type !== sql),
    plain: "1.5",
  };
}

function floatType(sql: string, aliases: readonly string[], weight: number): KeyType {
  return {
    ...defaults,
    sql,
    aliases,
    weight,
    count: floats.length,
    spell: (index, random) => {
      const value = floats[index] ?? "0";
      return random.weighted<() => string>([
        [30, () => value],
        [10, () => `'${value}'`],
        [10, () => `${value}::float8`],
        [1, () => `${value}::real`],
        [1, () => `${value}::numeric`],
        [1, () => `${value} * 1.0`],
        [1, () => `float8 '${value}'`],
      ])();
    },
    odd: [
      "'abc'",
      "'NaN'",
      "'infinity'",
      "'-Infinity'",
      "1e400",
      "1e-400",
      "'1e39'",
      "-0.0",
      "'-0'",
      "true",
      "1e15",
      "123456789.123456789",
      "1/3.0",
      "sqrt(2)",
      "pi()",
      "null",
    ],
    others: ["real", "numeric", "int", "double precision"].filter((type) => type !== sql),
    plain: "1.5",
  };
}

function textType(sql: string, aliases: readonly string[], weight: number, values: readonly string[] = words): KeyType {
  return {
    ...defaults,
    sql,
    aliases,
    weight,
    count: values.length,
    spell: (index, random) => {
      const value = values[index] ?? "";
      return random.weighted<() => string>([
        [60, () => `'${value}'`],
        [8, () => `'${value}'::text`],
        [3, () => `'${value} '`],
        [2, () => `E'${value}'`],
        [2, () => `$$${value}$$`],
        [1, () => `$q$${value}$q$`],
        [2, () => `text '${value}'`],
        [1, () => `'${value}'::varchar(3)`],
        [1, () => `'${value}'::char(4)`],
        [1, () => `cast('${value}' as text)`],
        [1, () => `('${value}' || '')`],
        [1, () => `lower('${value}')`],
        [1, () => `upper('${value}')`],
        [1, () => `'${value}' collate "C"`],
        [1, () => `U&'${value}'`],
        [1, () => `substr('x${value}', 2)`],
        [1, () => `concat('${value}')`],
      ])();
    },
    odd: [
      "1",
      "1.50",
      "'toolong'",
      "'  '",
      "true",
      "date '2023-01-01'",
      "E'a\\tb'",
      "E'it\\'s'",
      "'it''s'",
      "'a\nb'",
      "U&'\\0061'",
      "U&'d!0061' uescape '!'",
      "null::text",
      "b'101'",
      "x'1F'",
      "array['a']",
      "'a'::name",
      "'a'::\"char\"",
      "md5('a')",
      "repeat('ab', 2)",
      "'a' 'b'",
      "'\\x61'",
      "'😀'",
      "format('%s', 1)",
      "k",
      "current_user::text",
      "'a' collate \"POSIX\"",
      "'a' collate \"nosuch\"",
    ],
    others: ["varchar(10)", "varchar(3)", "char(4)", "text", "name", "int", "bytea", "varchar"].filter(
      (type) => type !== sql,
    ),
    plain: "'m'",
  };
}

function spellDay(day: string, random: Random): string {
  const [year = "", month = "", date = ""] = day.split("-");
  const name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Number(month) - 1];
  return random.weighted<() => string>([
    [50, () => `'${day}'`],
    [10, () => `date '${day}'`],
    [8, () => `'${day}'::date`],
    [3, () => `'${day.replaceAll("-", "")}'`],
    [2, () => `'${name} ${Number(date)}, ${year}'`],
    [2, () => `'${Number(date)} ${name} ${year}'`],
    [1, () => `'${date}-${name}-${year}'`],
    [1, () => `'${Number(month)}/${Number(date)}/${year}'`],
    [1, () => `'${date}.${month}.${year}'`],
    [1, () => `'${year}/${month}/${date}'`],
    [4, () => `(date '${day}' + 0)`],
    [1, () => `date '${day}' - 0`],
    [1, () => `(date '${day}' + interval '0 days')`],
    [1, () => `date '${day}' + interval '1 month' - interval '1 month'`],
    [2, () => `timestamp '${day} 13:30:00'`],
    [1, () => `'${day} 13:30:00'`],
    [1, () => `'${day}'::timestamp`],
    [1, () => `make_date(${Number(year)}, ${Number(month)}, ${Number(date)})`],
    [1, () => `to_date('${day}', 'YYYY-MM-DD')`],
    [1, () => `cast('${day}' as date)`],
    [1, () => `date_trunc('day', timestamp '${day}')`],
    [1, () => `'${day}'::timestamptz`],
    [1, () => `'${day} AD'`],
    [1, () => `'J${julian(day)}'`],
    [1, () => `'${day}T00:00:00Z'`],
  ])();
}

function julian(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000 + 2_440_588;
}

function dateType(): KeyType {
  return {
    ...defaults,
    sql: "date",
    aliases: ["pg_catalog.date", "DATE"],
    weight: 14,
    count: days.length,
    spell: (index, random) => spellDay(days[index] ?? "", random),
    odd: [
      "2023-01-01",
      "'2023-13-01'",
      "'2023-02-30'",
      "'31/01/2023'",
      "'13/01/2023'",
      "'01/02/03'",
      "'2023-1-1'",
      "'20230229'",
      "'abc'",
      "''",
      "0",
      "20230101",
      "'infinity'",
      "'-infinity'",
      "'epoch'",
      "'5874897-12-31'",
      "'5874898-01-01'",
      "'4714-11-24 BC'",
      "'4714-11-23 BC'",
      "'0044-03-15 BC'",
      "'0000-01-01'",
      "'2023-01'",
      "'2023'",
      "'2023.001'",
      "'2023-01-01 25:00'",
      "interval '1 day'",
      "date '2023-01-01' + 31",
      "date '2023-01-31' + interval '1 month'",
      "date '2023-03-01' - interval '1 day'",
      "date '2023-01-01' - date '2022-01-01'",
      "time '10:00'",
      "true",
      "null::date",
      "to_date('2023-45-99', 'YYYY-MM-DD')",
      "date 'January 8, 1999'",
      "'Jan-08-1999'",
      "'08-Jan-99'",
      "'99-Jan-08'",
      "'19990108'",
      "'990108'",
      "'1999.008'",
      "'allballs'",
      "make_date(2023, 2, 30)",
    ],
    others: ["timestamp", "timestamptz", "text", "int"],
    plain: "date '2023-01-01'",
  };
}

function spellMoment(moment: string, zoned: boolean, random: Random): string {
  const type = zoned ? "timestamptz" : "timestamp";
  const [day = "", time = ""] = moment.split(" ");
  const zone = random.pick([
    "+00",
    "+00",
    "Z",
    "+05:30",
    "+03",
    "-08",
    " UTC",
    " America/New_York",
    " EST",
    "+05:30:15",
  ]);
  const suffix = zoned && random.chance(0.6) ? zone : "";
  return random.weighted<() => string>([
    [45, () => `'${moment}${suffix}'`],
    [6, () => `${type} '${moment}${suffix}'`],
    [6, () => `'${moment}${suffix}'::${type}`],
    [8, () => `'${day}'`],
    [2, () => `'${day}T${time}${suffix.trim().replace(/^[A-Z].{1,}$/, "")}'`],
    [2, () => `date '${day}'`],
    [2, () => `(${type} '${moment}${suffix}' + interval '0 days')`],
    [1, () => `${type} '${moment}' + '1 hour' - interval '1 hour'`],
    [1, () => `${type} '${moment}' + interval '1 month'`],
    [1, () => `timestamp '${moment}'`],
    [1, () => `timestamptz '${moment}+00'`],
    [1, () => `date_trunc('month', ${type} '${moment}')`],
    [1, () => `'${day.replaceAll("-", "")} ${time}'`],
    [1, () => `'${day.replaceAll("-", "")}T${time.replaceAll(":", "").slice(0, 6)}'`],
    [1, () => `timestamp '${moment}' at time zone 'America/New_York'`],
    [1, () => `timestamp '${moment}' at time zone 'UTC'`],
    [1, () => `make_timestamp(2023, ${random.int(1, 12)}, 1, 0, 0, 0)`],
    [1, () => `to_timestamp(1672531200)`],
    [1, () => `'${day} 12:00 PM'`],
    [1, () => `'${day} 24:00:00'`],
    [1, () => `'${day} 23:59:60'`],
  ])();
}

function momentType(sql: string, aliases: readonly string[], zoned: boolean, weight: number): KeyType {
  return {
    ...defaults,
    sql,
    aliases,
    weight,
    count: moments.length,
    spell: (index, random) => spellMoment(moments[index] ?? "", zoned, random),
    odd: [
      "'2023-13-01'",
      "'2023-01-01 25:00'",
      "'2023-01-01 24:00:01'",
      "1672531200",
      "'abc'",
      "''",
      "'infinity'",
      "'-infinity'",
      "'epoch'",
      "'294276-12-31 23:59:59'",
      "'294277-01-01'",
      "'2023-01-01 00:00:00.1234567'",
      "'2023-01-01 10:00 Foo/Bar'",
      "'2023-01-01 10:00:00 PST'",
      "'2023-01-01 00:00:00+15:59'",
      "'2023-01-01 00:00:00+16'",
      "'2023-01-01 23:59:59.9999999'",
      "'Sun Jan 01 10:00:00 2023'",
      "'2023-01-01 10'",
      "'2023-01-01 1:2:3'",
      "'12:00'",
      "time '12:00'",
      "interval '1 day'",
      "true",
      "null",
      "timestamp '2023-01-31' + interval '1 month'",
      "timestamp '2023-01-01' + interval '1.5 months'",
      "timestamp '2023-01-01' - interval '1 year 2 mons 3 days 04:05:06'",
      "timestamp '2023-01-01' + interval 'P1Y2M'",
      "timestamp '2023-01-01' - timestamp '2022-01-01'",
      "'2023-11-05 01:30 America/New_York'",
      "'2023-03-12 02:30 America/New_York'",
      "date '2023-01-01' + time '10:00'",
      "date '2023-01-01' + 1",
    ],
    others: ["date", "timestamp", "timestamptz", "timestamp(3)", "text"].filter((type) => type !== sql),
    plain: `timestamp '2023-01-01'`,
  };
}

const mood = "create type mood as enum ('sad', 'ok', 'good', 'great')";

/** A type whose values are few and spelled in one or two ways. */
function simpleType(
  sql: string,
  weight: number,
  values: readonly string[],
  odd: readonly string[],
  more: Partial<KeyType> = {},
): KeyType {
  return {
    ...defaults,
    sql,
    weight,
    count: values.length,
    spell: (index, random) => {
      const value = values[index] ?? "null";
      return value.startsWith("'") && random.chance(0.15) ? `${value}::${sql}` : value;
    },
    odd,
    others: ["text", "int", "date"].filter((type) => type !== sql),
    plain: values[0] ?? "null",
    ...more,
  };
}

/** All of them; the common ones weigh most. */
export const keyTypes: readonly KeyType[] = [
  integerType("int", ["integer", "int4", "INT", "pg_catalog.int4"], 24, integers),
  integerType("bigint", ["int8", "BIGINT"], 10, bigIntegers),
  integerType("smallint", ["int2"], 6, integers),
  numericType("numeric", 5),
  numericType("numeric(6,2)", 4),
  numericType("numeric(5,0)", 1),
  floatType("double precision", ["float8", "float", "float(53)"], 3),
  floatType("real", ["float4", "float(20)"], 1),
  textType("text", ["TEXT"], 12),
  textType('text collate "C"', [], 6),
  textType('text collate "POSIX"', [], 1),
  textType("varchar(3)", ["character varying(3)"], 5),
  textType("varchar", ["character varying"], 1),
  textType("char(4)", ["character(4)", "bpchar(4)"], 4),
  textType("name", [], 1),
  dateType(),
  momentType("timestamp", ["timestamp without time zone"], false, 10),
  momentType("timestamp(3)", ["timestamp (3) without time zone"], false, 1),
  momentType("timestamp(0)", [], false, 1),
  momentType("timestamptz", ["timestamp with time zone"], true, 7),
  momentType("timestamptz(0)", ["timestamp(0) with time zone"], true, 1),
  simpleType(
    "uuid",
    6,
    uuidBytes.map((byte) => `'${byte}000000-0000-4000-8000-0000000000${byte}'`),
    [
      "5",
      "'x'",
      "'FF000000-0000-4000-8000-0000000000FF'",
      "'{80000000-0000-4000-8000-000000000080}'",
      "'80000000000040008000000000000080'",
      "''",
      "true",
      "'8000-0000-0000-4000-8000-0000-0000-0080'",
    ],
  ),
  simpleType(
    "boolean",
    4,
    ["false", "true"],
    [
      "'t'",
      "'f'",
      "'yes'",
      "'no'",
      "'1'",
      "'0'",
      "1",
      "0",
      "'maybe'",
      "'on'",
      "'of'",
      "' true '",
      "'tru'",
      "1 = 1",
      "not true",
      "null",
      "true and false",
      "'y'::bool",
    ],
    {
      aliases: ["bool"],
      spell: (index, random) =>
        random.pick(
          index === 0
            ? ["false", "false", "'f'", "'no'", "FALSE", "false::bool"]
            : ["true", "true", "'t'", "'yes'", "'1'", "true::boolean"],
        ),
      plain: "true",
    },
  ),
  simpleType(
    "mood",
    7,
    moods.map((label) => `'${label}'`),
    ["'x'", "1", "'SAD'", "'sad '", "'ok'::text", "''", "true", "null::mood"],
    {
      setup: [mood],
      plain: "'ok'",
    },
  ),
  simpleType(
    "bytea",
    1,
    ["'\\x00'", "'\\x01ff'", "'a'", "'b'", "'\\xff'"],
    ["E'\\\\000'", "'\\x0'", "'\\xzz'", "5", "'a\\b'", "'a'::text"],
  ),
  simpleType(
    "time",
    1,
    ["'00:00'", "'06:00'", "'12:30:15'", "'18:00'", "'24:00'"],
    ["'25:00'", "'12:00 PM'", "'12:00+03'", "interval '1 hour'", "5", "'allballs'", "timestamp '2023-01-01 10:00'"],
    {
      aliases: ["time without time zone"],
    },
  ),
  simpleType(
    "interval",
    1,
    ["'1 hour'", "'1 day'", "'1 month'", "'1 year'"],
    ["'x'", "5", "'30 days'", "'24:00:00'", "'P1D'", "'1-2'", "'@ 1 day ago'", "interval '1' year", "'1.5 years'"],
  ),
  simpleType("inet", 1, ["'10.0.0.0'", "'10.0.0.0/8'", "'192.168.0.1'", "'::1'"], ["'x'", "5", "'300.0.0.1'"]),
  simpleType("oid", 1, ["0", "1", "100", "'1000'", "4000000000"], ["-1", "'x'", "5.5", "5000000000"]),
  simpleType("int[]", 1, ["'{}'", "'{1}'", "'{1,2}'", "array[2]", "'{3,NULL}'"], ["'{1'", "5", "'{a}'", "array['a']"]),
  simpleType("int4range", 1, ["'empty'", "'[1,5)'", "'[1,10)'", "int4range(2, 3)"], ["'[5,1)'", "5", "'x'"]),
  simpleType("money", 1, ["'1'", "'$2.00'", "3::money"], ["'x'", "5"]),
  simpleType('"char"', 1, ["'a'", "'b'", "'z'"], ["'abc'", "5", "''"]),
  simpleType("bit(3)", 1, ["b'000'", "b'010'", "'111'"], ["b'1'", "'102'", "5"]),
  simpleType("jsonb", 1, ["'1'", "'{}'", "'{\"a\": 1}'"], ["'x'", "5", "'{'"]),
  simpleType("posint", 2, ["1", "5", "'10'", "20", "100"], ["-5", "0", "'x'", "1.5", "null", "5::posint"], {
    setup: ["create domain posint as int check (value > 0)"],
  }),
  simpleType("code", 1, ["'a'", "'b'", "'m'", "'z'"], ["'toolong'", "5", "''", "'a'::code"], {
    setup: ["create domain code as varchar(3) not null"],
  }),
  simpleType("point", 0.7, ["'(0,0)'", "'(1,1)'"], ["5"], { ordered: false, hashed: false }),
  simpleType("json", 0.5, ["'1'", "'{}'"], ["5"], { ordered: false, hashed: false }),
  simpleType("xid", 0.3, ["'1'", "'5'"], ["5"], { ordered: false }),
];
