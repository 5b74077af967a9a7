/** Makes year, month, day and time of numbers, by their lengths and by what has been seen before. */

import { fractionMicros, integerOf } from "./datetime-parts.ts";
import {
  type DecodeContext,
  dateBits,
  declined,
  error,
  type Failure,
  isBeyondMidnight,
  type State,
  seenBits,
  setClock,
} from "./datetime-state.ts";
import { dateWord } from "./datetime-words.ts";

/** A date with delimiters: a month in letters first, then the numbers from left to right. */
export function decodeDate(state: State, text: string, context: DecodeContext): number | Failure {
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
export function decodeNumber(
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
export function decodeRunTogether(state: State, text: string, seen: number): number | Failure {
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
