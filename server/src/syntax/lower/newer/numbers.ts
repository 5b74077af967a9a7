/** Numbers that older majors read otherwise: `0x1F`, `0o17`, `0b1`, `1_000`. */

import { isWord, tokenText } from "../source.ts";
import type { Stops } from "./stops.ts";

/** Up to 14 the letters behind a number begin the next token; 15 refuses them. */
export function newerNumbers(stops: Stops): void {
  const { source } = stops;
  let firstList: number | null = null;
  for (let index = 0; index < source.tokens.length; index++) {
    const token = source.tokens[index];
    if (token?.kind !== "number") continue;
    const [, digits = "", rest = ""] = /^(0(?=[xob])|[\d.]+(?=_))(.*)$/i.exec(tokenText(source, index)) ?? [];
    if (rest === "") continue;
    // What begins with a letter or underscore ends before a further point.
    const [name = ""] = /^\w+/.exec(rest) ?? [];
    const message = `trailing junk after numeric literal at or near "${digits}${name}"`;
    stops.problem(16, index, { from: 15, sqlstate: "42601", message });
    // In the list of a SELECT they are taken for the alias of a column; in front of all lists there is none.
    firstList ??= source.tokens.findIndex((_, at) => isWord(source, at, "select", "returning"));
    if (firstList < 0 || index < firstList) stops.text(15, token.start + digits.length, name);
  }
}
