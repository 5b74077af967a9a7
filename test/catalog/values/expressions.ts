/** Random constant expressions: numbers, dates, intervals and texts in operators, casts and calls, right and wrong. */

import fc, { type Arbitrary } from "fast-check";

const integer = (min: number, max: number): Arbitrary<string> => fc.integer({ min, max }).map(String);
const one = (...texts: readonly string[]): Arbitrary<string> => fc.constantFrom(...texts);
const join = (...parts: readonly (Arbitrary<string> | string)[]): Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((texts) => texts.join(""));

const numbers = fc.oneof(
  integer(-50, 50),
  join(integer(0, 99), ".", integer(0, 999)),
  join(integer(1, 9), one("::numeric", ".5::float8", "::int2", "::bigint")),
  one("3000000000", "2147483647", "9223372036854775807", "99999999999999999999", "1e3", "32767::int2", "1.5::real"),
);
const dayOfYear = join("20", integer(10, 40), "-0", integer(1, 9), "-", integer(10, 31));
const plainDates = fc.oneof(
  join("date '", dayOfYear, "'"),
  join("timestamp '", dayOfYear, " ", integer(10, 23), ":15:10.5'"),
  join("timestamptz '", dayOfYear, " ", integer(10, 23), ":15:10+02'"),
  join("'", dayOfYear, "'::date"),
  join("make_date(", integer(2020, 2024), ", ", integer(1, 13), ", ", integer(1, 31), ")"),
  join("make_timestamp(2024, 1, ", integer(1, 31), ", 10, 11, 12.5)"),
  join("to_date('2024-0", integer(1, 9), "-01', 'YYYY-MM-DD')"),
  join("to_timestamp(", integer(1, 2_000_000_000), ")"),
  one("current_date", "'2024-01-31'", "timestamp 'infinity'", "date '-infinity'"),
);
const dates = fc.oneof(
  plainDates,
  join("date_trunc('", one("month", "day", "year", "week", "hour", "quarter", "decade"), "', ", plainDates, ")"),
  join("(", plainDates, " AT TIME ZONE 'Europe/Paris')"),
  join("(", plainDates, ")::", one("date", "timestamp", "timestamptz", "timestamp(0)")),
);
const intervals = fc.oneof(
  join("interval '", integer(-20, 20), " ", one("day", "month", "year", "hour", "week", "minute"), "'"),
  join("make_interval(days => ", integer(1, 30), ")"),
  join(integer(1, 3), " * interval '1 month'"),
  one("interval '1 month 2 days 03:04:05'", "'1 day'::interval", "interval '1' day", "make_interval(0, 1)"),
);
const texts = one(
  "'a'",
  "'abc'::text",
  "'ABC'::varchar(2)",
  "lower('ABC')",
  "'x'::char(3)",
  "upper('é')",
  "left('abcdef', 2)",
  "'1'",
  "'2024-01-01'",
  "replace('abc', 'b', 'X')",
  "lpad('5', 3, '0')",
  "to_hex(255)",
  "to_hex(-1)",
  "to_hex(-1::bigint)",
  "to_hex(1577836800000)",
  "''",
  "NULL",
  "NULL::int",
  "'sad'::mood",
  "('n' || 5)",
  "length('abc')",
);
const conditions = one(
  "true",
  "'t'::bool",
  "(1 = 1)",
  "(NOT true)",
  "(1 > 2 AND true)",
  "(NULL::bool OR true)",
  "('a' = 'b')",
  "(date '2024-01-01' < timestamp '2024-01-01 00:00:01')",
);
const atoms = fc.oneof(numbers, dates, intervals, texts, conditions);
const operators = one("+", "-", "*", "/", "%", "||", "=", "<", ">=", "<>");
const types = one(
  ..."int bigint smallint numeric numeric(5,2) text varchar(3) char(2) date timestamp timestamptz float8 real bool interval mood uuid".split(
    " ",
  ),
);

/** One expression of up to three levels. */
export const expressions: Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", maxDepth: 2, withCrossShrink: true },
    atoms,
    join(numbers, " ", operators, " ", numbers),
    join(dates, one(" + ", " - "), intervals),
    join(dates, one(" + ", " - ", " < ", " = "), dates),
    join(dates, one(" + ", " - "), integer(1, 50)),
    join(intervals, one(" + ", " - ", " * ", " / ", " < "), fc.oneof(intervals, numbers)),
    join(atoms, " ", operators, " ", atoms),
    join("(", atoms, ")::", types),
    join("-(", atoms, ")"),
    join(
      one("abs", "round", "floor", "ceil", "trunc", "lower", "length", "date", "int4", "make_date", "mod"),
      "(",
      atoms,
      ")",
    ),
    join(one("round", "mod", "extract_nothing", "date_part"), "(", atoms, ", ", atoms, ")"),
    join(
      "extract(",
      one("year", "month", "day", "dow", "doy", "week", "isoyear", "quarter", "century"),
      " FROM ",
      dates,
      ")",
    ),
    join("coalesce(", atoms, ", ", atoms, ")"),
    join("CASE WHEN ", conditions, " THEN ", atoms, " ELSE ", atoms, " END"),
    join("ARRAY[", atoms, ", ", atoms, "]"),
    join(atoms, " IN (", atoms, ", ", atoms, ")"),
    join(atoms, " BETWEEN ", atoms, " AND ", atoms),
    join(atoms, " IS DISTINCT FROM ", atoms),
    join("CASE ", atoms, " WHEN ", atoms, " THEN ", atoms, " END"),
    join("(", atoms, one(" AND ", " OR "), conditions, ")"),
    join("(", tie("any"), ") ", operators, " (", tie("any"), ")"),
    join("(", tie("any"), ")::", types),
  ),
})).any;
