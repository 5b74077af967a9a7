/** Values for the columns of made rows: by type, those at its edges and plain ones, each as SQL writes the constant. */

/** What is known of a column's type; of a domain that of the type below it. */
export interface ValueType {
  /** As `format_type` spells the column's own type, with its modifier. */
  readonly spelled: string;
  /** The name in `pg_type`: `int4`, `timestamptz`, `_text`. */
  readonly name: string;
  /** `typcategory`: `A` array, `E` enum, `R` range, `C` composite, … */
  readonly category: string;
  /** Of `character varying(5)` 5; of `numeric(10,2)` 10 and 2. */
  readonly limits: readonly number[];
  readonly labels: readonly string[];
  /** How many columns a composite type has. */
  readonly columns: number;
}

/** Values that no other number shares, as far as the type has so many. Without quotes. */
export function plainValue(type: ValueType, number: number): string | null {
  const make = Object.hasOwn(plain, type.name) ? plain[type.name] : undefined;
  if (make !== undefined) return make(number, type);
  switch (type.category) {
    case "A":
      return number % 3 === 0 ? "{}" : arrayOf(type, number);
    case "E":
      return type.labels[number % Math.max(1, type.labels.length)] ?? null;
    case "R":
      return rangeValue(type, number);
    case "S":
      return word(type, number);
    case "C":
      return `(${",".repeat(Math.max(0, type.columns - 1))})`;
    default:
      return null;
  }
}

/** Values at the edges of the type, the dearest first. Not all are valid for a domain or a modifier. */
export function edgeValues(type: ValueType): readonly string[] {
  const known = Object.hasOwn(edges, type.name) ? edges[type.name] : undefined;
  if (known !== undefined) return known(type);
  switch (type.category) {
    case "A":
      return ["{}"];
    case "E":
      return type.labels;
    case "R":
      return type.name.endsWith("multirange") ? ["{}"] : ["empty", "(,)"];
    case "S":
      return ["", "a", "Zé", "'"];
    default:
      // What an unknown type may take.
      return ["", "0", "1", "a", "{}", "()", "(0,0)", "2000-01-01"];
  }
}

/** The values next to one, in SQL: the last before it and the first behind it, as far as the type has such. */
export function neighbours({ name, limits }: ValueType, value: string): readonly Candidate[] {
  const moved = (step: string): readonly Candidate[] =>
    /^[\w+:. -]+$/.test(value)
      ? [
          { value: null, sql: `(${literal(value)}::${name} - ${step})` },
          { value: null, sql: `(${literal(value)}::${name} + ${step})` },
        ]
      : [];
  switch (name) {
    case "int2":
    case "int4":
    case "int8":
    case "oid":
      return /^-?\d+$/.test(value) ? steps.map((step) => constant(String(BigInt(value) + step))) : [];
    case "numeric": {
      const digits = limits[1] ?? 2;
      const unit = digits <= 0 ? "1" : `0.${"0".repeat(digits - 1)}1`;
      return /^-?\d+(?:\.\d+)?$/.test(value) ? moved(unit) : [];
    }
    case "float4":
    case "float8":
      return /^-?\d+(?:\.\d+)?$/.test(value) ? moved("0.5") : [];
    case "date":
      return /^\d{4}$/.test(value)
        ? [`${value}-01-01`, `${value}-12-31`].map(constant)
        : /^\d{4}-\d\d-\d\d$/.test(value)
          ? moved("1")
          : [];
    case "timestamp":
    case "timestamptz":
      return /^\d{4}$/.test(value)
        ? [`${value}-01-01`, `${value}-12-31 23:59:59.999999`].map(constant)
        : /^\d{4}-\d\d-\d\d/.test(value)
          ? moved("'1 microsecond'::interval")
          : [];
    case "text":
    case "varchar":
      return [constant(`${value}a`), ...beforeText(value)];
    case "uuid":
      return uuidNeighbours(value);
    default:
      return [];
  }
}

/** Not only the next ones: a condition may want every second number. */
const steps = [-1n, 1n, -2n, 2n] as const;

/** A value for a column: `value` is the constant where it is one, `sql` how it is written. */
export interface Candidate {
  readonly value: string | null;
  readonly sql: string;
}

export function constant(value: string): Candidate {
  return { value, sql: literal(value) };
}

export const nothing: Candidate = { value: null, sql: "NULL" };

export function literal(value: string): string {
  return value.includes("\\") ? `E'${value.replace(/['\\]/g, "$&$&")}'` : `'${value.replaceAll("'", "''")}'`;
}

type Make = (number: number, type: ValueType) => string;

const integer: Make = (number) => String(number);

const plain: Readonly<Record<string, Make>> = {
  int2: (number) => String(number % 32_768),
  int4: integer,
  int8: integer,
  oid: integer,
  money: integer,
  xid: integer,
  numeric: (number, { limits: [precision = 9, scale = 0] }) => {
    const digits = Math.min(9, precision - scale);
    // Of numeric(2,2) all is behind the point.
    return digits <= 0 ? `0.${String(number % 10)}` : String(number % 10 ** digits);
  },
  float4: integer,
  float8: integer,
  bool: (number) => (number % 2 === 0 ? "true" : "false"),
  date: (number) => day(number),
  timestamp: (number) => `${day(number)} 12:00:00`,
  timestamptz: (number) => `${day(number)} 12:00:00+00`,
  time: (number) => clockTime(number),
  timetz: (number) => `${clockTime(number)}+00`,
  interval: (number) => `${number} hours`,
  uuid: (number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`,
  json: (number) => `{"n": ${number}}`,
  jsonb: (number) => `{"n": ${number}}`,
  jsonpath: () => "$",
  bytea: (number) => `\\x${number.toString(16).padStart(8, "0")}`,
  inet: (number) => `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
  cidr: (number) => `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}/32`,
  macaddr: (number) => `08:00:2b:${hexPair(number >> 16)}:${hexPair(number >> 8)}:${hexPair(number)}`,
  macaddr8: (number) => `08:00:2b:01:02:${hexPair(number >> 16)}:${hexPair(number >> 8)}:${hexPair(number)}`,
  bit: (number, { limits: [length = 1] }) => number.toString(2).padStart(length, "0").slice(-length),
  varbit: (number, { limits: [length = 16] }) => number.toString(2).slice(-length),
  point: (number) => `(${number},0)`,
  box: (number) => `(${number},0),(${number + 1},1)`,
  circle: (number) => `<(${number},0),1>`,
  line: (number) => `{1,1,${number}}`,
  lseg: (number) => `(${number},0),(0,1)`,
  path: (number) => `((${number},0),(0,1))`,
  polygon: (number) => `((${number},0),(0,1),(1,1))`,
  tsvector: (number) => `word${number}`,
  tsquery: (number) => `word${number}`,
  pg_lsn: (number) => `0/${number.toString(16)}`,
  xml: (number) => `<n>${number}</n>`,
  regclass: () => "pg_class",
  char: (number) => String.fromCharCode(97 + (number % 26)),
  hstore: () => "",
};

const whole =
  (...values: readonly string[]): ((type: ValueType) => readonly string[]) =>
  () =>
    values;

const edges: Readonly<Record<string, (type: ValueType) => readonly string[]>> = {
  int2: whole("0", "-1", "-32768", "32767"),
  int4: whole("0", "-1", "-2147483648", "2147483647"),
  int8: whole("0", "-1", "-9223372036854775808", "9223372036854775807"),
  numeric: ({ limits: [precision, scale = 0] }) =>
    precision === undefined
      ? ["0", "-1", "0.000001", "NaN", "123456789012345678901234567890.5"]
      : ["0", "-1", nines(precision, scale), `-${nines(precision, scale)}`],
  float4: whole("0", "-1.5", "NaN", "Infinity", "1e37"),
  float8: whole("0", "-1.5", "NaN", "Infinity", "1e300"),
  bool: whole("true", "false"),
  date: whole("1970-01-01", "2000-02-29", "infinity", "0001-01-01", "-infinity"),
  timestamp: whole("1970-01-01 00:00:00", "2000-02-29 23:59:59.999999", "infinity", "-infinity"),
  timestamptz: whole("1970-01-01 00:00:00+00", "2000-02-29 23:59:59.999999+00", "infinity", "-infinity"),
  time: whole("00:00:00", "23:59:59.999999"),
  interval: whole("0", "-1 month", "1 year 2 mons 3 days 04:05:06.7"),
  uuid: whole("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
  json: whole("null", "[]", '{"a": [1, null]}'),
  jsonb: whole("null", "[]", '{"a": [1, null]}'),
  bytea: whole("", "\\x00ff"),
  bpchar: whole("", "a", "Z"),
};

function nines(precision: number, scale: number): string {
  const left = "9".repeat(Math.max(0, precision - scale)) || "0";
  return scale > 0 ? `${left}.${"9".repeat(scale)}` : left;
}

/** Text that fits, and that no other number has where there is room for that. */
function word({ limits: [length = 40] }: ValueType, number: number): string {
  const long = `row ${number}`;
  return long.length <= length ? long : number.toString(36).slice(-length);
}

function arrayOf(type: ValueType, number: number): string {
  const element = plainValue({ ...type, name: type.name.replace(/^_/, ""), category: "S" }, number);
  return element === null ? "{}" : `{${JSON.stringify(element)}}`;
}

const rangeElements: Readonly<Record<string, string>> = {
  int4range: "int4",
  int8range: "int8",
  numrange: "numeric",
  daterange: "date",
  tsrange: "timestamp",
  tstzrange: "timestamptz",
};

/** Ranges that do not meet each other. */
function rangeValue(type: ValueType, number: number): string {
  const name = type.name.replace("multirange", "range");
  const element = Object.hasOwn(rangeElements, name) ? rangeElements[name] : undefined;
  if (element === undefined) return type.name.endsWith("multirange") ? "{}" : "empty";
  const at = (value: number): string => plainValue({ ...type, name: element, category: "N", limits: [] }, value) ?? "";
  const range = `["${at(2 * number)}","${at(2 * number + 1)}")`;
  return type.name.endsWith("multirange") ? `{${range}}` : range;
}

/** Days from 2001 on. */
function day(number: number): string {
  const date = new Date(Date.UTC(2001, 0, 1 + (number % 100_000)));
  return date.toISOString().slice(0, 10);
}

function clockTime(number: number): string {
  const pair = (value: number): string => String(value).padStart(2, "0");
  return `${pair(Math.floor(number / 3600) % 24)}:${pair(Math.floor(number / 60) % 60)}:${pair(number % 60)}`;
}

function hexPair(number: number): string {
  return (number & 255).toString(16).padStart(2, "0");
}

/** Some text that sorts before: not the last one, which has no end. */
function beforeText(value: string): readonly Candidate[] {
  const last = value.codePointAt(value.length - 1);
  if (last === undefined || last <= 0x21 || last > 0x7e) return [];
  return [constant(`${value.slice(0, -1)}${String.fromCharCode(last - 1)}z`)];
}

function uuidNeighbours(value: string): readonly Candidate[] {
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)) return [];
  const number = BigInt(`0x${value.replaceAll("-", "")}`);
  return [number - 1n, number + 1n]
    .filter((near) => near >= 0n && near < 1n << 128n)
    .map((near) => {
      const digits = near.toString(16).padStart(32, "0");
      return constant(digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
    });
}
