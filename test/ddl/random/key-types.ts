/** The types of random partition keys: each spells whole numbers as values of its own, in the same order. */

/** How many numbers make one unit, which is the usual width of a range: ten int, one month, one letter. */
export const unit = 10;

/** One more than the largest number that every type can spell. */
export const numberEnd = 250;

export interface KeyType {
  readonly sql: string;
  /** The value as its input function reads it, without quotes; ascending with the number, 0 … `numberEnd` - 1. */
  spell(number: number): string;
  /** How many units wide a range is, as an interval or a number; null where ranges of this type have no width. */
  width(units: number): string | null;
  /** Whether `key % n` is `number % n`. */
  readonly divides?: true;
}

const day = 86_400_000;

/** Months from January 2024 on, each with ten days that any month has. */
function dateOf(number: number): string {
  const month = Math.floor(number / unit);
  const first = Date.UTC(2024, month - 6, 1);
  return new Date(first + (number % unit) * 2 * day).toISOString().slice(0, 10);
}

const months = (units: number): string => `${units} month${units === 1 ? "" : "s"}`;

export const keyTypes: readonly KeyType[] = [
  { sql: "int", spell: String, width: (units) => String(units * unit), divides: true },
  {
    sql: "bigint",
    spell: (number) => `${number}000000000`,
    width: (units) => `${units * unit}000000000`,
  },
  { sql: "numeric(12,2)", spell: (number) => (number / 10).toFixed(2), width: (units) => String(units) },
  { sql: "date", spell: dateOf, width: months },
  {
    sql: "timestamp",
    spell: (number) => `${dateOf(number)} ${number % unit === 0 ? "00:00" : "13:30"}:00`,
    width: months,
  },
  {
    sql: "timestamptz",
    spell: (number) => `${dateOf(number)} ${number % unit === 0 ? "00:00:00" : "23:59:59.5"}+00`,
    width: months,
  },
  {
    sql: "text",
    spell: (number) =>
      `${String.fromCharCode(97 + Math.floor(number / unit))}${number % unit === 0 ? "" : number % unit}`,
    width: () => null,
  },
  {
    sql: "uuid",
    spell: (number) => `${number.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`,
    width: () => null,
  },
];

/** The value as a constant of SQL. */
export function literal(type: KeyType, number: number | null): string {
  return number === null ? "NULL" : `'${type.spell(number)}'`;
}
