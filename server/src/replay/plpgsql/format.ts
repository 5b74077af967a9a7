/** `format()` with all that PostgreSQL's has: `%s`, `%I`, `%L`, `%%`, positions, the flag `-`, and widths. */

import { largestValue } from "../../catalog/values/work.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";

/** An argument as a text, null for NULL; undefined where it is not known. */
export type FormatArgument = string | null | undefined;

/** `widths` gives the number that an argument is where a width stands for it. undefined where PostgreSQL fails, or a part is not known. */
export function formatText(
  template: string,
  given: readonly FormatArgument[],
  widths: (argument: number) => number | undefined,
): string | undefined {
  let next = 0;
  let known = true;
  let length = template.length;
  const take = (position: string | undefined): number => {
    if (position !== undefined) next = Number(position) - 1;
    next += 1;
    return next - 1;
  };
  const pattern = /%(?:%|(?:(\d+)\$)?(-*)(?:(\d+)|(\*)(?:(\d+)\$)?)?([a-zA-Z])|)/g;
  const result = template.replace(
    pattern,
    (
      whole: string,
      position: string | undefined,
      flags: string | undefined,
      digits: string | undefined,
      star: string | undefined,
      widthPosition: string | undefined,
      kind: string | undefined,
    ) => {
      if (whole === "%%") return "%";
      let width = digits === undefined ? 0 : Number(digits);
      if (star !== undefined) {
        const wanted = widths(take(widthPosition));
        if (wanted === undefined) known = false;
        width = wanted ?? 0;
      }
      // What is not known in part is not known.
      const text = kind === undefined || !known ? undefined : converted(kind, given[take(position)]);
      if (text === undefined || Math.abs(width) > mostWidth) {
        known = false;
        return "";
      }
      length += Math.max(text.length, Math.abs(width));
      if (length > largestValue) {
        known = false;
        return "";
      }
      const isLeft = (flags ?? "") !== "" || width < 0;
      return isLeft ? text.padEnd(Math.abs(width)) : text.padStart(width);
    },
  );
  return known ? result : undefined;
}

const mostWidth = 10_000;

function converted(kind: string, argument: FormatArgument): string | undefined {
  if (argument === undefined) return undefined;
  switch (kind) {
    case "s":
      return argument ?? "";
    case "I":
      return argument === null ? undefined : quoteIdentifier(argument);
    case "L":
      return argument === null ? "NULL" : literalOf(argument);
    default:
      return undefined;
  }
}

/** The text in quotes; undefined where that is larger than a value may become, which is not made to find that out. */
export function literalOf(text: string): string | undefined {
  const most = largestValue;
  let length = text.length + 2;
  // No text gets longer than twice as long by quotes.
  if (2 * length > most)
    for (let at = text.indexOf("'"); at >= 0 && length <= most; at = text.indexOf("'", at + 1)) length += 1;
  return length > most ? undefined : quoteLiteral(text);
}
