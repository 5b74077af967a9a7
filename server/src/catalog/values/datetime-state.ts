/** What has been read of a date and time so far. */

import type { SessionSettings } from "../catalog.ts";
import { civilDate } from "./calendar.ts";
import { type DateProblem, integerOf } from "./datetime-parts.ts";
import type { TimeZone } from "./time-zone.ts";

export interface DecodeContext {
  readonly order: SessionSettings["dateStyle"]["order"];
  readonly version: number;
  readonly sessionZone: TimeZone | null;
}

/** What has been seen, as bits; two fields of one kind are one too many. */
export const seenBits = {
  year: 1,
  month: 2,
  day: 4,
  dayOfYear: 8,
  time: 16,
  zone: 32,
  special: 64,
  halfDay: 128,
  era: 256,
  weekday: 512,
  daylight: 1024,
} as const;

export const dateBits = seenBits.year | seenBits.month | seenBits.day;

export interface State {
  seen: number;
  year: number;
  month: number;
  day: number;
  dayOfYear: number;
  second: number;
  hour: number;
  micros: number;
  zone: TimeZone | null;
  special: "epoch" | "infinity" | "-infinity" | null;
  halfDay: "am" | "pm" | null;
  beforeChrist: boolean;
  twoDigitYear: boolean;
  textMonth: boolean;
  julian: boolean;
  /** A `t` or `j` that says what the next field is. */
  marker: "time" | "julian" | null;
}

export type Failure =
  | { readonly kind: "error"; readonly problem: DateProblem }
  | { readonly kind: "declined"; readonly reason: string };

export function emptyState(): State {
  return {
    seen: 0,
    year: 0,
    month: 0,
    day: 0,
    dayOfYear: 0,
    second: 0,
    hour: 0,
    micros: 0,
    zone: null,
    special: null,
    halfDay: null,
    beforeChrist: false,
    twoDigitYear: false,
    textMonth: false,
    julian: false,
    marker: null,
  };
}

export function error(problem: DateProblem): Failure {
  return { kind: "error", problem };
}

export function declined(reason: string): Failure {
  return { kind: "declined", reason };
}

export function setClock(state: State, hour: number, minute: number, second: number, micros: number): void {
  state.hour = hour;
  state.second = minute * 60 + second;
  state.micros = micros;
}

export function isBeyondMidnight(state: State): boolean {
  return state.hour > 24 || (state.hour * 3600 + state.second) * 1_000_000 + state.micros > 86_400_000_000;
}

export function setJulianDay(state: State, digits: string): Failure | null {
  const value = /^\d+$/.test(digits) ? integerOf(digits) : null;
  if (value === null) return error("field-overflow");
  if (value > 2147483493) return declined("a Julian day beyond all dates");
  const date = civilDate(value - 2451545);
  state.year = date.year;
  state.month = date.month;
  state.day = date.day;
  state.julian = true;
  return null;
}
