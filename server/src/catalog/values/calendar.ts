/** The proleptic Gregorian calendar, counted in days since 2000-01-01 as PostgreSQL does; year 0 is 1 BC. */

export interface CivilDate {
  /** Astronomical: 0 is 1 BC, -1 is 2 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Julian day 0, 4714-11-24 BC: the first date there is. */
export const firstDay = -2451545;
/** The first day that is no date any more, after 5874897-12-31. */
export const endOfDays = 2145031949;
export const microsPerDay = 86_400_000_000n;
export const microsPerSecond = 1_000_000n;
/** The first timestamp there is, and the first that is none any more. */
export const firstMicros = -211_813_488_000_000_000n;
export const endOfMicros = 9_223_371_331_200_000_000n;
/** Days and seconds from 1970-01-01 to 2000-01-01. */
export const unixEpochDays = 10957;
export const unixEpochSeconds = unixEpochDays * 86400;

/** The day number of a date; months and days outside their ranges carry over. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 730425;
}

export function civilDate(days: number): CivilDate {
  const shifted = days + 730425;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const monthLengths: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (monthLengths[month - 1] ?? 0);
}

export function isDate(days: number): boolean {
  return days >= firstDay && days < endOfDays;
}

export function isTimestamp(micros: bigint): boolean {
  return micros >= firstMicros && micros < endOfMicros;
}

/** Division that rounds down, for a positive divisor. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
