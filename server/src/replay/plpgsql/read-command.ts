/** Single commands of PL/pgSQL, each in its region of tokens: EXECUTE, RAISE, RETURN, assignments, statements for PostgreSQL. */

import { decodeString } from "../../syntax/literals.ts";
import {
  afterGroup,
  findWord,
  isName,
  isWord,
  type Region,
  rangeOfRegion,
  type Source,
  splitByCommas,
  tokenText,
} from "../../syntax/lower/source.ts";
import { unquoteIdentifier } from "../../syntax/names.ts";
import type { Command, RowSource, Snippet, Targets } from "./program.ts";

export function nameAt(source: Source, index: number): string {
  return unquoteIdentifier(tokenText(source, index));
}

export function snippet(source: Source, region: Region): Snippet {
  const range = rangeOfRegion(source, region);
  return { text: source.text.slice(range.start, range.end), range };
}

/** A query, or `EXECUTE text USING …`. */
export function readRows(source: Source, { first, last }: Region): RowSource {
  if (!isWord(source, first, "execute")) return { kind: "query", query: snippet(source, { first, last }) };
  const isUsing = findWord(source, { first, last }, "using");
  return {
    kind: "execute",
    command: snippet(source, { first: first + 1, last: isUsing < 0 ? last : isUsing - 1 }),
    using: isUsing < 0 ? [] : snippets(source, { first: isUsing + 1, last }),
  };
}

function snippets(source: Source, region: Region): readonly Snippet[] {
  return splitByCommas(source, region).map((each) => snippet(source, each));
}

/** `EXECUTE text INTO targets USING values`; INTO and USING stand in either order. */
export function readExecute(source: Source, { first, last }: Region): Command {
  const isInto = findWord(source, { first, last }, "into");
  const isUsing = findWord(source, { first, last }, "using");
  const { range } = snippet(source, { first, last });
  const end = (own: number, other: number): number => (other > own ? other - 1 : last);
  const firstClause = Math.min(isInto < 0 ? last + 1 : isInto, isUsing < 0 ? last + 1 : isUsing);
  const command = snippet(source, { first: first + 1, last: firstClause - 1 });
  const using = isUsing < 0 ? [] : snippets(source, { first: isUsing + 1, last: end(isUsing, isInto) });
  const strict = isInto >= 0 && isWord(source, isInto + 1, "strict");
  const into = isInto < 0 ? [] : targets(source, { first: isInto + (strict ? 2 : 1), last: end(isInto, isUsing) });
  return { kind: "execute", command, using, into, strict, range };
}

function targets(source: Source, region: Region): Targets {
  return splitByCommas(source, region).map((each) => targetAt(source, each));
}

/** `v`, `r.f`; the name of an array's element is empty, for the array is no longer known then. */
export function targetAt(source: Source, { first, last }: Region): string {
  if (first === last) return nameAt(source, first);
  return last === first + 2 && isWord(source, first + 1, ".")
    ? `${nameAt(source, first)}.${nameAt(source, last)}`
    : nameAt(source, first);
}

export function readRaise(source: Source, { first, last }: Region): Command {
  const levels = ["debug", "log", "info", "notice", "warning"];
  const none = { message: null, parameters: [], condition: null };
  if (isWord(source, first + 1, ...levels)) return { kind: "raise", exception: false, ...none };
  const at = isWord(source, first + 1, "exception") ? first + 2 : first + 1;
  if (source.tokens[at]?.kind !== "string" || at > last) return { kind: "raise", exception: true, ...none };
  const isUsing = findWord(source, { first: at, last }, "using");
  const parameters = snippets(source, { first: at + 2, last: isUsing < 0 ? last : isUsing - 1 });
  const message = decodeString(tokenText(source, at));
  if (isUsing < 0)
    return { kind: "raise", exception: true, message, parameters: at === last ? [] : parameters, condition: null };
  const options = splitByCommas(source, { first: isUsing + 1, last });
  const code = options.find((option) => isWord(source, option.first, "errcode"));
  const value = code === undefined ? undefined : source.tokens[code.first + 2];
  const isPlain = options.every((option) => isWord(source, option.first, "errcode", "hint", "detail"));
  const hasCode = code !== undefined && value?.kind === "string" && code.last === code.first + 2;
  if (!isPlain || (code !== undefined && !hasCode)) return { kind: "raise", exception: true, ...none };
  const condition = code === undefined ? null : decodeString(tokenText(source, code.first + 2)).toLowerCase();
  return { kind: "raise", exception: true, message, parameters: isUsing === at + 1 ? [] : parameters, condition };
}

export function readReturn(source: Source, { first, last }: Region): Command {
  if (isWord(source, first + 1, "next")) {
    const value = last > first + 1 ? snippet(source, { first: first + 2, last }) : null;
    return { kind: "return-next", value };
  }
  if (isWord(source, first + 1, "query"))
    return { kind: "return-query", query: readRows(source, { first: first + 2, last }) };
  return { kind: "return", value: last > first ? snippet(source, { first: first + 1, last }) : null };
}

/** `GET [CURRENT | STACKED] DIAGNOSTICS v = ITEM, …` */
export function readDiagnostics(source: Source, { first, last }: Region): Command {
  const word = findWord(source, { first, last }, "diagnostics");
  return {
    kind: "unknown",
    targets: splitByCommas(source, { first: word + 1, last }).map((region) =>
      targetAt(source, { first: region.first, last: region.first }),
    ),
  };
}

/** An assignment, or a statement for PostgreSQL. */
export function readStatement(source: Source, { first, last }: Region): Command {
  const assignment = isName(source, first) ? assignmentAt(source, { first, last }) : -1;
  if (assignment > 0) {
    const value = snippet(source, { first: assignment + 1, last });
    if (assignment <= first + 3 && !isWord(source, first + 1, "["))
      return { kind: "assign", variable: targetAt(source, { first, last: assignment - 1 }), value };
    return { kind: "unknown", targets: [nameAt(source, first)] };
  }
  const isQuery = isWord(source, first, "select", "with", "insert", "update", "delete", "merge", "perform", "values");
  // In INSERT INTO it is the second word, in MERGE INTO too.
  const from = isWord(source, first, "insert", "merge") ? first + 2 : first + 1;
  const isInto = isQuery ? findInto(source, { first: from, last }) : -1;
  const statement = snippet(source, { first, last });
  if (isInto < 0) return { kind: "sql", statement, into: [], strict: false };
  const strict = isWord(source, isInto + 1, "strict");
  const start = isInto + (strict ? 2 : 1);
  const end = endOfTargets(source, { first: start, last });
  const range = rangeOfRegion(source, { first: isInto, last: end });
  const at = statement.range.start;
  const text =
    statement.text.slice(0, range.start - at) +
    " ".repeat(range.end - range.start) +
    statement.text.slice(range.end - at);
  return { kind: "sql", statement: { ...statement, text }, into: targets(source, { first: start, last: end }), strict };
}

/** INTO where it gives a query's row to variables: `WITH … INSERT INTO t` has another one. */
function findInto(source: Source, { first, last }: Region): number {
  let at = findWord(source, { first, last }, "into");
  while (at >= 0 && isWord(source, at - 1, "insert", "merge")) at = findWord(source, { first: at + 1, last }, "into");
  return at;
}

/** The last token of `a, r.f, b`. */
function endOfTargets(source: Source, { first, last }: Region): number {
  let end = first;
  while (end < last) {
    if (isWord(source, end + 1, ".") || isWord(source, end + 1, ",")) end += 2;
    else break;
  }
  return end;
}

/** The place of `:=` or `=` behind a variable, a field or an element; -1 where the statement is no assignment. */
function assignmentAt(source: Source, { first, last }: Region): number {
  let at = first + 1;
  while (at <= last && isWord(source, at, ".", "[")) at = isWord(source, at, "[") ? afterGroup(source, at) : at + 2;
  return at <= last && isWord(source, at, ":=", "=") ? at : -1;
}
