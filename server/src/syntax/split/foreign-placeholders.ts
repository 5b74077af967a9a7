/** Finds what programs put where values go, and PostgreSQL's grammar refuses: `?`, `%s`, `%(x)s`, `#{x}`, `@x`. */

import { tokenize } from "../lexer.ts";
import type { Placeholder } from "./piece.ts";
import { longestPlaceholder } from "./placeholders.ts";

/** More in one statement are not looked for: then it is no statement of a program. */
const mostPlaceholders = 5_000;

/** Operators that may stand before one without a space; what else such characters make is an operator of its own. */
const before = /^(?:[=<>!+*/-]|<=|>=|<>|!=|\|\|)?$/;

/**
 * The placeholders of a statement that does not parse as it stands, in order. One that parses is never read so: `?`, `@` and
 * `#` are operators.
 */
export function readForeignPlaceholders(text: string): readonly Placeholder[] {
  const found: Placeholder[] = [];
  let passed = 0;
  for (const { kind, start, end } of tokenize(text)) {
    if (found.length >= mostPlaceholders) return [];
    if (kind !== "operator" || start < passed) continue;
    const placeholder = placeholderIn(text, start, end);
    if (placeholder === null) continue;
    found.push(placeholder);
    passed = placeholder.end;
  }
  return found;
}

/** At the end of a run of operator characters. */
function placeholderIn(text: string, start: number, end: number): Placeholder | null {
  const last = end - 1;
  if (!before.test(text.slice(start, last))) return null;
  const pattern = patterns[text[last] ?? ""];
  if (pattern === undefined) return null;
  pattern.lastIndex = last;
  const length = pattern.exec(text)?.[0].length ?? 0;
  return length === 0 || length > longestPlaceholder
    ? null
    : { start: last, end: last + length, standsFor: "name-or-value" };
}

const patterns: Readonly<Record<string, RegExp>> = {
  "?": /\?/y,
  "%": /%(?:s\b|\([^()\r\n]*\)s\b)/y,
  "#": /#\{[^{}\r\n]*\}/y,
  "@": /@[A-Za-z_]\w*/y,
};
