/** `time` and `timetz` as PostgreSQL reads and prints them. */

import type { TypeModifier } from "../data-type.ts";
import type { Value } from "../value.ts";
import { microsPerSecond } from "./calendar.ts";
import { dateProblem, printClock, printOffset, roundMicros } from "./datetime.ts";
import { cutDateFields, type DateField } from "./datetime-fields.ts";
import { type Clock, type DateProblem, decodeClock, decodeOffset, hasEmptyFraction } from "./datetime-parts.ts";
import { dateWord } from "./datetime-words.ts";
import { declined, type ValueContext, type ValueResult, valueResult } from "./result.ts";
import { timeZoneOfSetting } from "./time-zone.ts";

export type TimeTypeName = "time" | "timetz";
type TimeValue = Extract<Value, { readonly family: "time" }>;

export function readTime(
  text: string,
  type: TimeTypeName,
  modifier: TypeModifier | null,
  context: ValueContext,
): ValueResult {
  if (context.version < 15 && hasEmptyFraction(text)) return declined("seconds that end with a point");
  const decoded = decodeTime(text);
  if (decoded === null) return declined("a time of day with a date, or in an unusual form");
  if (typeof decoded === "string")
    return dateProblem(decoded, text, type === "time" ? "time" : "time with time zone", context.version);
  const micros = roundMicros(decoded.micros, modifier);
  if (type === "time") return valueResult({ family: "time", micros, zone: null });
  const session = timeZoneOfSetting(context.settings.timeZone);
  const offset = decoded.offset ?? (session?.kind === "fixed" ? session.offset : null);
  return offset === null
    ? declined("a time whose zone depends on the date")
    : valueResult({ family: "time", micros, zone: offset === 0 ? 0 : -offset });
}

export function printTime(value: TimeValue): string {
  const seconds = Number(value.micros / microsPerSecond);
  const clock = printClock(seconds, Number(value.micros % microsPerSecond));
  return value.zone === null ? clock : `${clock}${printOffset(value.zone === 0 ? 0 : -value.zone)}`;
}

interface DecodedTime {
  readonly micros: bigint;
  /** Seconds east; null where none is written. */
  readonly offset: number | null;
}

/** A clock time with am or pm and an offset at most; null where the text is of another form. */
function decodeTime(text: string): DecodedTime | DateProblem | null {
  const fields = cutDateFields(text);
  if (fields === null || fields.length === 0) return "bad-format";
  const [first, ...rest] = fields;
  const clock = first === undefined ? null : clockOf(first);
  if (clock === null)
    return fields.some((field) => /\d/.test(field.text) || dateWord(field.text) !== null) ? null : unknownWords(fields);
  if (typeof clock === "string") return clock;
  let hour = clock.hour;
  let offset: number | null = null;
  let half: boolean | null = null;
  for (const field of rest) {
    const word = dateWord(field.text);
    if (field.kind === "zone" && offset === null) {
      const decoded = decodeOffset(field.text);
      if (typeof decoded === "string") return decoded;
      offset = decoded;
    } else if (word?.kind === "half-day" && half === null) half = word.afternoon;
    else if (word?.kind === "zone" && /^(?:z|utc|gmt)$/.test(field.text) && offset === null) offset = word.offset;
    else return null;
  }
  if (half !== null && hour > 12) return "field-overflow";
  if (half === false && hour === 12) hour = 0;
  if (half === true && hour !== 12) hour += 12;
  const micros = BigInt(hour * 3600 + clock.minute * 60 + clock.second) * microsPerSecond + BigInt(clock.micros);
  return hour > 24 || micros > 86_400_000_000n ? "field-overflow" : { micros, offset };
}

function clockOf(field: DateField): Clock | DateProblem | null {
  if (field.kind === "time") return decodeClock(field.text);
  const together = field.kind === "number" ? /^(\d\d)(\d\d)(\d\d)?$/.exec(field.text) : null;
  if (together === null) return null;
  const clock = { hour: Number(together[1]), minute: Number(together[2]), second: Number(together[3] ?? 0), micros: 0 };
  return clock.minute > 59 || clock.second > 59 ? null : clock;
}

/** Words that are neither of dates nor, possibly, a zone's name. */
function unknownWords(fields: readonly DateField[]): DateProblem | null {
  return fields.every((field) => field.kind === "word") && fields.length === 1 ? "bad-format" : null;
}
