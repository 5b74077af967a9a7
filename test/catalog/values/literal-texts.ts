/** Texts that people write for constants of each type: mostly right, in every notation, and often enough wrong. */

import fc, { type Arbitrary } from "fast-check";

const integer = (min: number, max: number): Arbitrary<string> => fc.integer({ min, max }).map(String);
const padded = (min: number, max: number): Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min, max }), fc.constantFrom(2, 2, 2, 1))
    .map(([value, width]) => String(value).padStart(width, "0"));
const join = (...parts: readonly (Arbitrary<string> | string)[]): Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((texts) => texts.join(""));

/** A word list with spaces between the words; `␠` stands for a space within one, `∅` for the empty text. */
const words = (list: string): Arbitrary<string> =>
  fc.constantFrom(...list.split(" ").map((word) => word.replaceAll("␠", " ").replace("∅", "")));

const year = fc.oneof(
  { weight: 6, arbitrary: integer(1971, 2060) },
  { weight: 1, arbitrary: integer(0, 99).map((text) => text.padStart(2, "0")) },
  { weight: 1, arbitrary: integer(1, 9999).map((text) => text.padStart(4, "0")) },
  { weight: 1, arbitrary: integer(10000, 99999) },
  { weight: 1, arbitrary: words("0000 1 5 294276 5874897") },
);
const month = padded(1, 13);
const day = padded(1, 32);
const monthName = words("Jan Feb March apr MAY June jul Aug Sept October nov december foo");

const dates = fc.oneof(
  join(year, "-", month, "-", day),
  join(year, "-", month, "-", day),
  join(month, "/", day, "/", year),
  join(day, ".", month, ".", year),
  join(monthName, " ", day, ", ", year),
  join(day, " ", monthName, " ", year),
  join(year, "-", monthName, "-", day),
  join(day, "-", monthName, "-", year),
  join(
    year,
    integer(1, 13).map((text) => text.padStart(2, "0")),
    integer(1, 32).map((text) => text.padStart(2, "0")),
  ),
  join("J", integer(2400000, 2500000)),
  join(
    year,
    ".",
    integer(1, 370).map((text) => text.padStart(3, "0")),
  ),
  join(
    year,
    "-",
    integer(1, 370).map((text) => text.padStart(3, "0")),
  ),
  join(year, " ", month, " ", day),
  join(words("Mon tue Wednesday xyz"), " ", monthName, " ", day, " ", year),
  join(year, "-", month, "-", day, words("␠BC ␠AD ␠bc")),
  words(
    "infinity -infinity +infinity epoch nope d mm y ∅ 2024-01 2024 2024- 4714-11-24␠BC 4714-11-23␠BC 5874898-01-01",
  ),
);

const hour = padded(0, 25);
const sixty = integer(0, 61).map((text) => text.padStart(2, "0"));
const times = fc.oneof(
  join(hour, ":", sixty),
  join(hour, ":", sixty, ":", sixty),
  join(hour, ":", sixty, ":", sixty, ".", integer(0, 99999999)),
  join(hour, ":", sixty, words("␠am ␠PM pm")),
  join(integer(10, 25), sixty, sixty),
  join(integer(10, 25), sixty),
  words("24:00:00 24:00:01 23:59:60 12:34.5 10: 1:2:3:4 allballs"),
);
const zones = words(
  "∅ ∅ ∅ Z z +03 -05:30 +0545 -5 +16 -1530 +05:30:10 ␠UTC ␠EST ␠PDT ␠CET ␠BST ␠America/New_York ␠europe/paris ␠EST5EDT ␠foo +",
);
const timestamps = join(dates, words("␠ ␠ T t ␠␠ ␠at␠"), times, zones);

const numbers = fc.oneof(
  integer(-100000, 100000),
  join(integer(-999, 999), ".", integer(0, 99999)),
  join(integer(-9, 9), "e", integer(-20, 20)),
  fc.double().map(String),
  words(
    "NaN nan Infinity -inf +nan ∅ abc 1,5 .5 5. 0x1F 0b101 0o17 1_000 _1 1__0 1e --1 +5 ␠7␠ -0 0.00 1.5.2 1e400 1e-400 1e38 4e38 1e-46 " +
      "32767 32768 2147483647 2147483648 -2147483648 -2147483649 4294967296 9223372036854775807 9223372036854775808 " +
      "99999999999999999999999 123456789012345678901234567890.123456789",
  ),
);

const unit = words("day days mon months year yrs hour h min minutes sec s week weeks decade century ms foo m d y");
const amount = fc.oneof(
  integer(-20, 40),
  join(integer(0, 9), ".5"),
  join(integer(0, 9), ".25"),
  join("+", integer(0, 9)),
);
const intervals = fc.oneof(
  join(amount, " ", unit),
  join(amount, " ", unit, " ", amount, " ", unit),
  join(amount, " ", unit, " ", times),
  join(amount, unit),
  join(amount, " ", unit, " ago"),
  times,
  join(integer(0, 9), "-", integer(0, 13)),
  join("P", integer(0, 9), "Y", integer(0, 9), "M", integer(0, 9), "DT", integer(0, 9), "H", integer(0, 9), ".5S"),
  amount,
  words("∅ day P1W PT5M 1␠day␠day @␠1␠day 1␠year␠1␠year 1␠day␠2␠hours␠3␠hours abc"),
);

const hexadecimal = (length: number): Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: length, maxLength: length });
const bits = words("101 b101 B01 x5 XA 1 ∅ b 1012 xG 102 ␠101 1010101 x1f 000 0 10");
const uuids = fc.oneof(
  join(hexadecimal(8), "-", hexadecimal(4), "-", hexadecimal(4), "-", hexadecimal(4), "-", hexadecimal(12)),
  hexadecimal(32),
  join("{", hexadecimal(32), "}"),
  join("{", hexadecimal(32)),
  join(hexadecimal(4), "-", hexadecimal(28)),
  join(hexadecimal(2), "-", hexadecimal(30)),
  hexadecimal(31),
);
const texts = fc.oneof(
  words("∅ a abc abc␠␠ abcd é 😀x ab😀d a␠b it's a\\b ab␠␠␠c ␠␠␠ ab␠␠"),
  fc.string({ unit: fc.constantFrom(..."abAB01 .é😀"), maxLength: 6 }),
);
const bytes = fc.oneof(
  join("\\x", hexadecimal(4)),
  join("\\x", hexadecimal(2), " ", hexadecimal(2)),
  words("abc a\\\\b a\\001b a\\1 \\xzz a\\ \\400 \\x1 \\x ∅"),
);

/** The texts to try for each type, by its SQL name. */
export const textsOfTypes: Readonly<Record<string, Arbitrary<string>>> = {
  smallint: numbers,
  integer: numbers,
  bigint: numbers,
  oid: numbers,
  numeric: numbers,
  "numeric(6,2)": numbers,
  real: numbers,
  "double precision": numbers,
  boolean: words("t true TRUE␠ f fa off of o on yes ye n no 1 0 2 ∅ maybe"),
  uuid: uuids,
  text: texts,
  "varchar(3)": texts,
  "char(4)": texts,
  bytea: bytes,
  "bit(3)": bits,
  "bit varying(4)": bits,
  date: dates,
  timestamp: timestamps,
  timestamptz: timestamps,
  "timestamp(0)": timestamps,
  "timestamptz(3)": timestamps,
  time: join(times, zones),
  timetz: join(times, zones),
  "time(2)": times,
  interval: intervals,
  "interval day to minute": intervals,
  "interval year": intervals,
  mood: words("sad ok happy Ok ∅"),
};
