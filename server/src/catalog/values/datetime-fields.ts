/** Cuts the text of a date, time or interval into fields, as the first step of PostgreSQL's date reader. */

import { isPlainDateWord } from "./datetime-words.ts";

/**
 * One field in lower case. `date` is anything with `-`, `/` or `.` in it (also a zone's name), `zone` a signed number, `time`
 * digits with colons, `word` letters; `signed-word` is `+infinity` and the like.
 */
export interface DateField {
  readonly kind: "number" | "date" | "time" | "zone" | "word" | "signed-word";
  readonly text: string;
}

/** The fields of a text; null where PostgreSQL finds something that belongs to no field, or too much. */
export function cutDateFields(text: string): readonly DateField[] | null {
  const fields: DateField[] = [];
  let used = 0;
  for (let at = 0; at < text.length; ) {
    const first = text.charAt(at);
    if (space.test(first)) {
      at++;
      continue;
    }
    const end = fieldEnd(text, at, first);
    if (end < 0) {
      if (!punctuation.test(first)) return null;
      at++;
      continue;
    }
    const field = { kind: fieldKind(text, at, end, first), text: compact(text.slice(at, end)) };
    used += field.text.length + 1;
    if (field.text.length < 2 && /[+-]/.test(field.text)) return null;
    if (fields.length >= fieldLimit || used >= bufferLimit) return null;
    fields.push(field);
    at = end;
  }
  return fields;
}

/** PostgreSQL takes no more fields. */
const fieldLimit = 25;
/** The size of PostgreSQL's buffer for the fields, each with one character more. */
const bufferLimit = 128 + 25;

const space = /[ \t\n\v\f\r]/;
const digit = /[0-9]/;
const letter = /[A-Za-z]/;
const punctuation = /[!-/:-@[-`{-~]/;

/** The end of the field that begins here; -1 where none begins. */
function fieldEnd(text: string, at: number, first: string): number {
  if (digit.test(first)) return numberEnd(text, at);
  if (first === ".") return skip(text, at + 1, /[0-9]/);
  if (letter.test(first)) return wordEnd(text, at);
  if (first !== "+" && first !== "-") return -1;
  const value = skip(text, at + 1, space);
  const next = text.charAt(value);
  if (digit.test(next)) return skip(text, value, /[0-9:.-]/);
  return letter.test(next) ? skip(text, value, letter) : value;
}

function numberEnd(text: string, at: number): number {
  const end = skip(text, at, digit);
  const delimiter = text.charAt(end);
  if (delimiter === ":") return skip(text, end, /[0-9:.]/);
  if (delimiter !== "-" && delimiter !== "/" && delimiter !== ".") return end;
  const withDelimiter = delimiter === "-" ? /[0-9-]/ : delimiter === "/" ? /[0-9/]/ : /[0-9.]/;
  if (digit.test(text.charAt(end + 1))) {
    const second = skip(text, end + 1, digit);
    return text.charAt(second) === delimiter ? skip(text, second, withDelimiter) : second;
  }
  const withLetters = delimiter === "-" ? /[0-9A-Za-z-]/ : delimiter === "/" ? /[0-9A-Za-z/]/ : /[0-9A-Za-z.]/;
  return skip(text, end + 1, withLetters);
}

function wordEnd(text: string, at: number): number {
  const end = skip(text, at, letter);
  const next = text.charAt(end);
  const startsName =
    next === "-" ||
    next === "/" ||
    next === "." ||
    (/[+0-9]/.test(next) && !isPlainDateWord(text.slice(at, end).toLowerCase()));
  return startsName ? skip(text, end, /[-+/_.:A-Za-z0-9]/) : end;
}

function fieldKind(text: string, at: number, end: number, first: string): DateField["kind"] {
  if (first === "+" || first === "-") return letter.test(text.charAt(end - 1)) ? "signed-word" : "zone";
  if (first === ".") return "number";
  const field = text.slice(at, end);
  if (letter.test(first)) return /^[A-Za-z]+$/.test(field) ? "word" : "date";
  if (/^\d+$/.test(field)) return "number";
  if (/^\d+:/.test(field)) return "time";
  // A point between digits may be a fraction; a second one, or nothing after it, makes a date of it.
  return /^\d+\.\d+$/.test(field) ? "number" : "date";
}

/** In lower case, and without the blanks after a sign. */
function compact(field: string): string {
  return field.replace(/[ \t\n\v\f\r]+/g, "").toLowerCase();
}

function skip(text: string, from: number, pattern: RegExp): number {
  let at = from;
  while (at < text.length && pattern.test(text.charAt(at))) at++;
  return at;
}
