/** `to_char` of dates, times and whole numbers, with the templates that names of partitions are made of. */

/** A moment as the clocks of the session's zone show it, as if they were those of UTC, and the microseconds within its second. */
export interface Moment {
  readonly date: Date;
  readonly micros: number;
}

/** undefined where the template holds something that is not known here. */
export function momentByTemplate({ date, micros }: Moment, template: string): string | undefined {
  const year = date.getUTCFullYear();
  if (year < 1 || year > 9999) return undefined;
  let known = true;
  const result = template.replace(
    fieldPattern,
    (
      whole: string,
      quoted: string | undefined,
      prefix: string | undefined,
      field: string | undefined,
      suffix: string | undefined,
    ) => {
      if (quoted !== undefined) return quoted.replace(/\\(.)/g, "$1");
      const text = field === undefined ? undefined : fieldText(field, prefix !== undefined, date, micros);
      if (text === undefined) {
        known = false;
        return whole;
      }
      return suffix === undefined ? text : text + ordinal(text, suffix);
    },
  );
  return known ? result : undefined;
}

/** Longer fields stand before those that they begin with; any other letter is not known. */
const fields =
  "Y,YYY|HH24|HH12|HH|MI|SSSSS|SSSS|SS|MS|US|IYYY|IYY|IY|IDDD|IW|ID|YYYY|YYY|YY|Y|MONTH|MON|MM|DAY|DDD|DD|DY|D|WW|W|CC|J|Q|A\\.M\\.|P\\.M\\.|AM|PM|I";
const mixed = "Month|Mon|Day|Dy";
const fieldPattern = new RegExp(
  `"((?:\\\\.|[^"\\\\])*)"|(FM|fm)?(${mixed}|${fields}|${fields.toLowerCase()})(TH|th)?|(?:FM|fm)?[A-Za-z]+|\\\\`,
  "g",
);

const months = "January February March April May June July August September October November December".split(" ");
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

function fieldText(written: string, fill: boolean, date: Date, micros: number): string | undefined {
  const field = written.toUpperCase();
  const name = nameText(written, field, fill, date);
  if (name !== undefined) return name;
  const hour = date.getUTCHours();
  if (/^[AP]\.?M\.?$/.test(field)) {
    const text = `${hour < 12 ? "A" : "P"}${field.includes(".") ? ".M." : "M"}`;
    return written === field ? text : text.toLowerCase();
  }
  const number = numberOf(field, date, micros);
  if (number === undefined) return undefined;
  const [value, width] = number;
  return fill ? String(value) : String(value).padStart(width, "0");
}

/** Names are filled up with blanks to the longest of them, but for their short forms. */
function nameText(written: string, field: string, fill: boolean, date: Date): string | undefined {
  const isMonth = field === "MONTH" || field === "MON";
  if (!isMonth && field !== "DAY" && field !== "DY") return undefined;
  const whole = (isMonth ? months[date.getUTCMonth()] : days[date.getUTCDay()]) ?? "";
  const isShort = field === "MON" || field === "DY";
  const name = isShort ? whole.slice(0, 3) : whole.padEnd(fill ? 0 : 9);
  if (written === field) return name.toUpperCase();
  return written === field.toLowerCase() ? name.toLowerCase() : name;
}

/** A number and how many digits it has at least. */
function numberOf(
  field: string,
  date: Date,
  micros: number,
): readonly [value: number | string, width: number] | undefined {
  const year = date.getUTCFullYear();
  const hour = date.getUTCHours();
  const dayOfYear =
    Math.floor((Date.UTC(year, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(year, 0, 1)) / dayMilliseconds) + 1;
  const iso = isoWeek(date);
  switch (field) {
    case "Y,YYY":
      return year < 1000 ? undefined : [`${Math.floor(year / 1000)},${String(year % 1000).padStart(3, "0")}`, 5];
    case "YYYY":
      return [year, 4];
    case "YYY":
      return [year % 1000, 3];
    case "YY":
      return [year % 100, 2];
    case "Y":
      return [year % 10, 1];
    case "IYYY":
      return [iso.year, 4];
    case "IYY":
      return [iso.year % 1000, 3];
    case "IY":
      return [iso.year % 100, 2];
    case "I":
      return [iso.year % 10, 1];
    case "MM":
      return [date.getUTCMonth() + 1, 2];
    case "DD":
      return [date.getUTCDate(), 2];
    case "DDD":
      return [dayOfYear, 3];
    case "IDDD":
      return [(iso.week - 1) * 7 + isoDay(date), 3];
    case "D":
      return [date.getUTCDay() + 1, 1];
    case "ID":
      return [isoDay(date), 1];
    case "WW":
      return [Math.floor((dayOfYear - 1) / 7) + 1, 2];
    case "W":
      return [Math.floor((date.getUTCDate() - 1) / 7) + 1, 1];
    case "IW":
      return [iso.week, 2];
    case "CC":
      return [Math.floor((year - 1) / 100) + 1, 2];
    case "J":
      return [Math.floor(Date.UTC(year, date.getUTCMonth(), date.getUTCDate()) / dayMilliseconds) + 2_440_588, 1];
    case "Q":
      return [Math.floor(date.getUTCMonth() / 3) + 1, 1];
    case "HH24":
      return [hour, 2];
    case "HH12":
    case "HH":
      return [hour % 12 === 0 ? 12 : hour % 12, 2];
    case "MI":
      return [date.getUTCMinutes(), 2];
    case "SS":
      return [date.getUTCSeconds(), 2];
    case "SSSS":
    case "SSSSS":
      return [hour * 3600 + date.getUTCMinutes() * 60 + date.getUTCSeconds(), 1];
    case "MS":
      return [String(Math.floor(micros / 1000)).padStart(3, "0"), 3];
    case "US":
      return [String(micros).padStart(6, "0"), 6];
    default:
      return undefined;
  }
}

const dayMilliseconds = 86_400_000;

function isoDay(date: Date): number {
  return date.getUTCDay() || 7;
}

/** ISO 8601: a week belongs to the year of its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime());
  thursday.setUTCDate(date.getUTCDate() + 4 - isoDay(date));
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMilliseconds)) + 1;
  return { year, week };
}

/** `1st`, `12TH` */
function ordinal(digits: string, suffix: string): string {
  const last = /1\d$/.test(digits) ? "0" : digits.at(-1);
  const ending = last === "1" ? "st" : last === "2" ? "nd" : last === "3" ? "rd" : "th";
  return suffix === "TH" ? ending.toUpperCase() : ending;
}

/** A whole number by a template of `0`, `9` and `,` with or without `FM`; undefined for any other, and where it does not fit. */
export function integerByTemplate(value: bigint, template: string): string | undefined {
  const [, prefix, pattern = ""] = /^(FM|fm)?([09,]*[09])$/.exec(template) ?? [];
  const places = pattern.replaceAll(",", "").length;
  const digits = String(value < 0n ? -value : value).padStart(places, "0");
  if (places === 0 || digits.length > places) return undefined;
  let text = "";
  let at = 0;
  let shown = false;
  for (const character of pattern) {
    if (character === ",") text += shown ? "," : " ";
    else {
      const digit = digits[at] ?? "";
      at += 1;
      shown ||= character === "0" || digit !== "0" || at === places;
      text += shown ? digit : " ";
    }
  }
  const sign = value < 0n ? "-" : prefix === undefined ? " " : "";
  const number = sign + text.trimStart();
  return prefix === undefined ? number.padStart(pattern.length + 1) : number;
}
