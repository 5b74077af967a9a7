/**
 * Makes a date and time of fields, in the order and with the guesses of PostgreSQL's DecodeDateTime: what is month and what
 * is day depends on DateStyle, on the digits, and on what has been seen before.
 */

import type { SessionSettings } from "../catalog.ts";
import { civilDate, dayNumber, daysInMonth } from "./calendar.ts";
import type { DateField } from "./datetime-fields.ts";
import { type DateProblem, decodeClock, decodeOffset, fractionMicros, integerOf } from "./datetime-parts.ts";
import { dateWord } from "./datetime-words.ts";
import { namedTimeZone, type TimeZone } from "./time-zone.ts";

export interface DecodeContext {
  readonly order: SessionSettings["dateStyle"]["order"];
  readonly version: number;
  readonly sessionZone: TimeZone | null;
}

/** A date with its time of day. The zone is null where the text names none. */
export interface DecodedDateTime {
  readonly kind: "datetime";
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Seconds since midnight, up to 86400. */
  readonly second: number;
  /** Up to 1000000. */
  readonly micros: number;
  readonly zone: TimeZone | null;
}

export type DecodeResult =
  | DecodedDateTime
  | { readonly kind: "special"; readonly name: "epoch" | "infinity" | "-infinity" }
  | { readonly kind: "error"; readonly problem: DateProblem }
  | { readonly kind: "declined"; readonly reason: string };

/** Reads the fields of a date or timestamp. */
export function decodeDateTime(fields: readonly DateField[], context: DecodeContext): DecodeResult {
  const state = emptyState();
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index];
    if (field === undefined) break;
    const seen = decodeField(state, fields, index, context);
    if (typeof seen !== "number") return seen.kind === "declined" ? seen : { kind: "error", problem: seen.problem };
    if ((seen & state.seen) !== 0) return error("bad-format");
    state.seen |= seen;
  }
  if (state.marker !== null)
    return context.version >= 16 ? error("bad-format") : declined("a date with a dangling label");
  return state.special === null ? finish(state) : finishSpecial(state, state.special);
}

/** What has been seen, as bits; two fields of one kind are one too many. */
const seenBits = {
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
const dateBits = seenBits.year | seenBits.month | seenBits.day;

interface State {
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

type Failure =
  | { readonly kind: "error"; readonly problem: DateProblem }
  | { readonly kind: "declined"; readonly reason: string };

function emptyState(): State {
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

function error(problem: DateProblem): Failure {
  return { kind: "error", problem };
}

function declined(reason: string): Failure {
  return { kind: "declined", reason };
}

/** Takes one field; the bits of what it was. */
function decodeField(
  state: State,
  fields: readonly DateField[],
  index: number,
  context: DecodeContext,
): number | Failure {
  const field = fields[index];
  if (field === undefined) return 0;
  switch (field.kind) {
    case "date":
      return decodeDateField(state, field.text, context);
    case "time": {
      if (state.marker === "julian") return error("bad-format");
      state.marker = null;
      const clock = decodeClock(field.text);
      if (typeof clock === "string") return error(clock);
      setClock(state, clock.hour, clock.minute, clock.second, clock.micros);
      return isBeyondMidnight(state) ? error("field-overflow") : seenBits.time;
    }
    case "zone": {
      const offset = decodeOffset(field.text);
      if (typeof offset === "string") return error(offset);
      state.zone = { kind: "fixed", offset };
      return seenBits.zone;
    }
    case "number":
      return decodeNumberOrLabelled(state, field.text, context);
    case "word":
    case "signed-word":
      return decodeWord(state, fields, index, context);
  }
}

/** A field with `-`, `/` or `.`: a date, the name of a zone after one, or a run-together time with its zone. */
function decodeDateField(state: State, text: string, context: DecodeContext): number | Failure {
  if (state.marker === "julian") {
    const match = /^(\d+)([+-].*)$/.exec(text);
    if (match === null) return declined("a Julian day with more after it");
    const offset = decodeOffset(match[2] ?? "");
    if (typeof offset === "string") return error(offset);
    const failure = setJulianDay(state, match[1] ?? "");
    if (failure !== null) return failure;
    state.zone = { kind: "fixed", offset };
    return dateBits | seenBits.time | seenBits.zone;
  }
  const hasMonthAndDay = (state.seen & (seenBits.month | seenBits.day)) === (seenBits.month | seenBits.day);
  if (state.marker === null && !hasMonthAndDay) return decodeDate(state, text, context);
  if (/^\d/.test(text) || state.marker !== null) {
    state.marker = null;
    if ((state.seen & seenBits.time) !== 0) return error("bad-format");
    const dash = text.indexOf("-");
    if (dash < 0) return error("bad-format");
    const offset = decodeOffset(text.slice(dash));
    if (typeof offset === "string") return error(offset);
    const seen = decodeRunTogether(state, text.slice(0, dash), state.seen);
    if (typeof seen !== "number") return seen;
    state.zone = { kind: "fixed", offset };
    return seen | seenBits.zone;
  }
  const zone = namedTimeZone(text);
  // The server may know names that the platform does not.
  if (zone === null) return declined(`the time zone ${text}`);
  state.zone = zone;
  return seenBits.zone;
}

function decodeNumberOrLabelled(state: State, text: string, context: DecodeContext): number | Failure {
  const { marker } = state;
  state.marker = null;
  if (marker === "julian") {
    const point = text.indexOf(".");
    const failure = setJulianDay(state, point < 0 ? text : text.slice(0, point));
    if (failure !== null || point < 0) return failure ?? dateBits;
    const share = Number(`0${text.slice(point)}`);
    const micros = Math.floor(share * 86_400_000_000);
    setClock(state, 0, 0, Math.floor(micros / 1_000_000), micros % 1_000_000);
    return dateBits | seenBits.time;
  }
  if (marker === "time") {
    const seen = decodeRunTogether(state, text, state.seen | dateBits);
    return seen === seenBits.time || typeof seen !== "number" ? seen : error("bad-format");
  }
  const point = text.indexOf(".");
  if (point >= 0 && (state.seen & dateBits) === 0) return decodeDate(state, text, context);
  if (point > 2) return decodeRunTogether(state, text, state.seen);
  const isRunTogether = text.length >= 6 && ((state.seen & dateBits) === 0 || (state.seen & seenBits.time) === 0);
  if (isRunTogether) return decodeRunTogether(state, text, state.seen);
  return decodeNumber(state, text, state.textMonth, state.seen, context);
}

function decodeWord(
  state: State,
  fields: readonly DateField[],
  index: number,
  context: DecodeContext,
): number | Failure {
  const text = fields[index]?.text ?? "";
  const word = dateWord(text);
  if (word === null) {
    const zone = /^[a-z]+$/.test(text) ? namedTimeZone(text) : null;
    if (zone === null) return serverZones.has(text) ? declined(`the time zone ${text}`) : error("bad-format");
    state.zone = zone;
    return seenBits.zone;
  }
  switch (word.kind) {
    case "ignored":
      return 0;
    case "month": {
      const wasDay =
        (state.seen & seenBits.month) !== 0 &&
        !state.textMonth &&
        (state.seen & seenBits.day) === 0 &&
        state.month >= 1 &&
        state.month <= 31;
      if (wasDay) state.day = state.month;
      state.textMonth = true;
      state.month = word.month;
      return wasDay ? seenBits.day : seenBits.month;
    }
    case "weekday":
      return seenBits.weekday;
    case "era":
      state.beforeChrist = word.beforeChrist;
      return seenBits.era;
    case "half-day":
      state.halfDay = word.afternoon ? "pm" : "am";
      return seenBits.halfDay;
    case "zero-time":
      setClock(state, 0, 0, 0, 0);
      state.zone = { kind: "fixed", offset: 0 };
      return seenBits.time | seenBits.zone;
    case "special":
      if (text.startsWith("+") && context.version < 16) return declined("+infinity");
      state.special = word.name;
      return fields.length === 1 ? seenBits.special : declined(`${word.name} among other words`);
    case "clock":
      return declined(`\`${word.name}\`, which depends on the time`);
    case "zone":
      if (!isSureOfAbbreviation(text, context)) return declined(`the abbreviation ${text} in this time zone`);
      state.zone = { kind: "fixed", offset: word.offset };
      return seenBits.zone;
    case "unsure-zone":
      return declined(`the abbreviation ${text}`);
    case "daylight-modifier":
      return declined("the word DST");
    case "label":
      return context.version >= 16 ? error("bad-format") : declined("labelled fields");
    case "julian":
      if (state.marker !== null) return context.version >= 16 ? error("bad-format") : declined("two labels");
      state.marker = "julian";
      return 0;
    case "time-marker": {
      if ((state.seen & dateBits) !== dateBits) return error("bad-format");
      const next = fields[index + 1]?.kind;
      if (next !== "number" && next !== "time" && next !== "date") return error("bad-format");
      if (state.marker !== null) return context.version >= 16 ? error("bad-format") : declined("two labels");
      state.marker = "time";
      return 0;
    }
  }
}

/** Names of zones that a server may have and the platform has not. */
const serverZones: ReadonlySet<string> = new Set(["factory", "localtime", "posixrules", "right", "posix"]);

/** From 18 on, an abbreviation that the session's zone itself uses comes first. */
function isSureOfAbbreviation(word: string, context: DecodeContext): boolean {
  if (context.version < 18 || /^(?:gmt|ut|utc|uct|z|zulu)$/.test(word)) return true;
  const zone = context.sessionZone;
  if (zone === null) return false;
  if (zone.kind === "fixed") return true;
  return (
    /^america\/(?:new_york|chicago|denver|los_angeles)$/.test(zone.name) && /^(?:[ecmp][sd]t|ce[s]?t|jst)$/.test(word)
  );
}

/** A date with delimiters: a month in letters first, then the numbers from left to right. */
function decodeDate(state: State, text: string, context: DecodeContext): number | Failure {
  const parts = text.match(/\d+|[a-z]+/g) ?? [];
  // Characters besides the delimiter cannot be in the field, and one that ends it has nothing after it.
  if (!/[0-9a-z]$/.test(text)) return error("bad-format");
  let seen = state.seen;
  let taken = 0;
  let textMonth = false;
  const numbers: string[] = [];
  for (const part of parts) {
    if (/^\d/.test(part)) {
      numbers.push(part);
      continue;
    }
    const word = dateWord(part);
    if (word?.kind === "ignored") continue;
    if (word?.kind !== "month") return error("bad-format");
    state.month = word.month;
    textMonth = true;
    if ((seen & seenBits.month) !== 0) return error("bad-format");
    seen |= seenBits.month;
    taken |= seenBits.month;
  }
  for (const number of numbers) {
    const bits = decodeNumber(state, number, textMonth, seen, context);
    if (typeof bits !== "number") return bits;
    if ((seen & bits) !== 0) return error("bad-format");
    seen |= bits;
    taken |= bits;
  }
  return (seen & ~(seenBits.dayOfYear | seenBits.zone)) === dateBits ? taken : error("bad-format");
}

/** A number by itself: year, month or day, by its length and by what has been seen. */
function decodeNumber(
  state: State,
  text: string,
  textMonth: boolean,
  seen: number,
  context: DecodeContext,
): number | Failure {
  const point = text.indexOf(".");
  const value = integerOf(point < 0 ? text : text.slice(0, point));
  if (value === null) return error("field-overflow");
  if (point > 2) {
    const bits = decodeRunTogether(state, text, seen | dateBits);
    return bits;
  }
  if (point === 0) return error("bad-format");
  if (point > 0) state.micros = fractionMicros(text.slice(point));
  if (text.length === 3 && (seen & dateBits) === seenBits.year && value >= 1 && value <= 366) {
    state.dayOfYear = value;
    return seenBits.dayOfYear | seenBits.month | seenBits.day;
  }
  const isLong = text.length >= 3 || context.order === "YMD";
  let bits: number;
  switch (seen & dateBits) {
    case 0:
      bits = isLong ? seenBits.year : context.order === "DMY" ? seenBits.day : seenBits.month;
      break;
    case seenBits.year:
    case seenBits.day:
      bits = seenBits.month;
      break;
    case seenBits.month:
      bits = textMonth && isLong ? seenBits.year : seenBits.day;
      break;
    case seenBits.year | seenBits.month:
      if (textMonth && text.length >= 3 && state.twoDigitYear) {
        // The first number was the day after all.
        state.day = state.year;
        state.year = value;
        state.twoDigitYear = false;
        return seenBits.day;
      }
      bits = seenBits.day;
      break;
    case seenBits.month | seenBits.day:
      bits = seenBits.year;
      break;
    case dateBits:
      return decodeRunTogether(state, text, seen);
    default:
      return error("bad-format");
  }
  if (bits === seenBits.year) {
    state.year = value;
    state.twoDigitYear = text.length <= 2;
  } else if (bits === seenBits.month) state.month = value;
  else state.day = value;
  return bits;
}

/** `20240131`, `240131`, `101530.5`, `1015`: a date while there is none, else a time. */
function decodeRunTogether(state: State, text: string, seen: number): number | Failure {
  const point = text.indexOf(".");
  const digits = point < 0 ? text : text.slice(0, point);
  if (!/^\d*$/.test(digits) || (point >= 0 && !/^\.\d*$/.test(text.slice(point))))
    return declined("digits with more in them");
  if (point >= 0) state.micros = fractionMicros(text.slice(point));
  else if ((seen & dateBits) !== dateBits && digits.length >= 6) {
    const year = integerOf(digits.slice(0, -4));
    if (year === null) return declined("a year beyond all years");
    state.year = year;
    state.month = Number(digits.slice(-4, -2));
    state.day = Number(digits.slice(-2));
    if (digits.length === 6) state.twoDigitYear = true;
    return dateBits;
  }
  if ((seen & seenBits.time) === 0 && (digits.length === 6 || digits.length === 4)) {
    const hour = Number(digits.slice(0, 2));
    const minute = Number(digits.slice(2, 4));
    const second = Number(digits.slice(4));
    setClock(state, hour, minute, second, state.micros);
    // PostgreSQL does not look at these numbers again.
    if (minute > 59 || second > 60 || isBeyondMidnight(state)) return declined("a run-together time out of range");
    return seenBits.time;
  }
  return error("bad-format");
}

function setJulianDay(state: State, digits: string): Failure | null {
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

function setClock(state: State, hour: number, minute: number, second: number, micros: number): void {
  state.hour = hour;
  state.second = minute * 60 + second;
  state.micros = micros;
}

function isBeyondMidnight(state: State): boolean {
  return state.hour > 24 || (state.hour * 3600 + state.second) * 1_000_000 + state.micros > 86_400_000_000;
}

function finishSpecial(state: State, name: "epoch" | "infinity" | "-infinity"): DecodeResult {
  return state.seen === seenBits.special ? { kind: "special", name } : declined(`${name} among other words`);
}

/** Years before Christ and of two digits, day of the year, ranges, am and pm, and whether all of a date is there. */
function finish(state: State): DecodeResult {
  const { seen } = state;
  if ((seen & seenBits.year) !== 0 && !state.julian) {
    if (state.beforeChrist) {
      if (state.year <= 0) return error("field-overflow");
      state.year = 1 - state.year;
    } else if (state.twoDigitYear) state.year += state.year < 70 ? 2000 : 1900;
    else if (state.year <= 0) return error("field-overflow");
  }
  if ((seen & seenBits.dayOfYear) !== 0) {
    const date = civilDate(dayNumber(state.year, 1, 1) + state.dayOfYear - 1);
    state.year = date.year;
    state.month = date.month;
    state.day = date.day;
  }
  if ((seen & seenBits.month) !== 0 && (state.month < 1 || state.month > 12)) return error("month-day-overflow");
  if ((seen & seenBits.day) !== 0 && (state.day < 1 || state.day > 31)) return error("month-day-overflow");
  const isComplete = (seen & dateBits) === dateBits;
  if (isComplete && state.day > daysInMonth(state.year, state.month)) return error("field-overflow");
  if (state.halfDay !== null && state.hour > 12) return error("field-overflow");
  if (state.halfDay === "am" && state.hour === 12) state.hour = 0;
  else if (state.halfDay === "pm" && state.hour !== 12) state.hour += 12;
  if (!isComplete) return error("bad-format");
  const { year, month, day, micros, zone } = state;
  return { kind: "datetime", year, month, day, second: state.hour * 3600 + state.second, micros, zone };
}
