/** Clock times, zone offsets and fractions of seconds: the parts that dates, times and intervals share. */

/** Why PostgreSQL refuses a date or time. */
export type DateProblem =
  | "bad-format"
  | "field-overflow"
  | "month-day-overflow"
  | "interval-overflow"
  | "zone-overflow"
  /** With the zone, in lower case. */
  | `unknown-zone ${string}`;

export interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

/** `hh:mm`, `hh:mm:ss`, `hh:mm:ss.ffffff`; `mm:ss.fff` without an hour. Hours are not limited here. */
export function decodeClock(text: string): Clock | DateProblem {
  const match = /^(\d+):(\d*)(?::(\d*))?(\.\d*)?(.*)$/.exec(text);
  if (match === null || match[5] !== "") return "bad-format";
  const [, hourText = "", minuteText = "", secondText, fraction] = match;
  // Without digits, a number is 0.
  let hour = integerOf(hourText);
  let minute = integerOf(minuteText === "" ? "0" : minuteText);
  let second = integerOf(secondText === undefined || secondText === "" ? "0" : secondText);
  if (hour === null || minute === null || second === null) return "field-overflow";
  const micros = fraction === undefined ? 0 : fractionMicros(fraction);
  if (fraction !== undefined && secondText === undefined) [hour, minute, second] = [0, hour, minute];
  if (minute > 59 || second > 60) return "field-overflow";
  return { hour, minute, second, micros };
}

/** `+5`, `-0530`, `+05:30`, `+05:30:15` as seconds east. */
export function decodeOffset(text: string): number | DateProblem {
  const match = /^([+-])(\d*)(?::(\d*)(?::(\d*))?)?(.*)$/.exec(text);
  if (match === null) return "bad-format";
  const [, sign, hourText = "", minuteText, secondText, rest] = match;
  let hour = integerOf(hourText === "" ? "0" : hourText);
  let minute = integerOf(minuteText === undefined || minuteText === "" ? "0" : minuteText);
  const second = integerOf(secondText === undefined || secondText === "" ? "0" : secondText);
  if (hour === null || minute === null || second === null) return "zone-overflow";
  if (minuteText === undefined && rest === "" && text.length > 3) {
    minute = hour % 100;
    hour = Math.floor(hour / 100);
  }
  if (hour > 15 || minute > 59 || second > 59) return "zone-overflow";
  if (rest !== "") return "bad-format";
  const offset = (hour * 60 + minute) * 60 + second;
  return sign === "-" ? -offset : offset;
}

/** The microseconds of `.5`, rounded to the nearest (half to even); up to 1000000. */
export function fractionMicros(fraction: string): number {
  if (fraction.length <= 7) return Number(fraction.slice(1).padEnd(6, "0"));
  const scaled = Number(`0${fraction}`) * 1_000_000;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Whether a point ends the seconds: versions before 15 differ in what they make of it. */
export function hasEmptyFraction(text: string): boolean {
  return /:\d+\.(?!\d)/.test(text);
}

/** A number of 32 bits; null where it is larger. */
export function integerOf(digits: string): number | null {
  const value = Number(digits);
  return value <= 2147483647 ? value : null;
}
