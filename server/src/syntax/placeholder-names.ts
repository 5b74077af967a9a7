/** Gives names that hold placeholders back the spelling of the file, where the parser saw a stand-in. */

import { tokenize } from "./lexer.ts";
import { foldIdentifier } from "./names.ts";
import type { Placeholder } from "./split/piece.ts";
import type { Statement } from "./statement.ts";

/** The statement with its names as they are written; `masked` is the text that the parser saw, of the same length. */
export function withWrittenNames(
  statement: Statement,
  written: string,
  masked: string,
  placeholders: readonly Placeholder[],
): Statement {
  const names = new Map<string, string>();
  for (const { kind, start, end } of tokenize(masked)) {
    if (kind !== "word" && kind !== "quoted-identifier") continue;
    const holds = placeholders.some((placeholder) => start <= placeholder.start && placeholder.end <= end);
    if (!holds) continue;
    const seen = masked.slice(start, end);
    names.set(kind === "word" ? foldIdentifier(seen) : seen.slice(1, -1), written.slice(start, end));
  }
  return names.size === 0 ? statement : (renamed(statement, names) as Statement);
}

/** The same plain data with other names. */
function renamed(data: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof data === "string") return names.get(data) ?? data;
  if (Array.isArray(data)) return data.map((each) => renamed(each, names));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, renamed(value, names)]));
}
