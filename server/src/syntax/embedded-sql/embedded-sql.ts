/** The SQL in the strings of a program, as a script in which everything else is space: each statement stands where it stood. */

import type { HostLanguage } from "./host-languages.ts";
import { hostStrings } from "./host-strings.ts";
import { sqlOfString } from "./sql-of-string.ts";

/** A larger program is not looked at; in UTF-16 code units. */
export const largestProgram = 1_048_576;

/** More queries in one program are not looked at. */
const mostQueries = 2_000;

/**
 * The script of a program: as long as the program, with the same line breaks. Each string that begins with a statement ends
 * with a semicolon. Empty of SQL where the program is too large.
 */
export function embeddedSql(program: string, language: HostLanguage): string {
  if (program.length > largestProgram) return spaces(program);
  const pieces: string[] = [];
  let written = 0;
  let count = 0;
  for (const string of hostStrings(program, language)) {
    const sql = sqlOfString(program, string);
    if (sql === null || string.start < written) continue;
    pieces.push(spaces(program.slice(written, string.start)));
    // What closes a string is at least one character long; behind a value that ends the line there is room inside.
    const closing = program[string.end] ?? "\n";
    const hasRoom = closing !== "\n" && closing !== "\r";
    pieces.push(hasRoom ? `${sql};` : sql.endsWith(" ") ? `${sql.slice(0, -1)};` : spaces(sql));
    written = hasRoom ? string.end + 1 : string.end;
    if (++count >= mostQueries) break;
  }
  return pieces.join("") + spaces(program.slice(written));
}

function spaces(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}
