/** Makes a date and time of fields, in the order and with the guesses of PostgreSQL's DecodeDateTime. */

import { civilDate, dayNumber, daysInMonth } from "./calendar.ts";
import type { DateField } from "./datetime-fields.ts";
import { decodeDate, decodeNumber, decodeRunTogether } from "./datetime-number.ts";
import { type DateProblem, decodeClock, decodeOffset } from "./datetime-parts.ts";
import {
  type DecodeContext,
  dateBits,
  declined,
  emptyState,
  error,
  type Failure,
  isBeyondMidnight,
  type State,
  seenBits,
  setClock,
  setJulianDay,
} from "./datetime-state.ts";
import { dateWord } from "./datetime-words.ts";
import { isUnknownRegion, namedTimeZone, type TimeZone } from "./time-zone.ts";

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
    state.marker = null;
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
  if (zone === null && isUnknownRegion(text)) return error(`unknown-zone ${text}`);
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
    // From 18 on, the session's zone has this name for the time before zones.
    if (zone === null && text === "lmt" && context.version >= 18) return declined("local mean time");
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
      // A label alone leaves the date out.
      return context.version >= 16 || fields.length === 1 ? error("bad-format") : declined("labelled fields");
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
