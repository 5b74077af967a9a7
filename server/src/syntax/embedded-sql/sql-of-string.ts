/** The SQL that a program's string holds, written over the place of the string so that every offset stays. */

import { greatest } from "../../text/long-lists.ts";
import { type Token, tokenize } from "../lexer.ts";
import type { HostString, StringPart } from "./host-strings.ts";

/** Longer ones are nobody's query. */
const longestQuery = 100_000;

/** What a string begins with that is looked at, and every statement in it. */
const statementStart = /^(?:select|insert|update|delete|merge|with|values)$/i;

/**
 * The text of the string from `start` to `end`, as long as it stands in the program: spaces for what is no SQL, `$n` for values;
 * null where it is no query, or where nobody knows what the program makes of it.
 */
export function sqlOfString(program: string, string: HostString): string | null {
  const { start, end, parts, goesOn } = string;
  if (goesOn || end - start > longestQuery || !mayBegin(program, string)) return null;
  const writer = createWriter(program, start, end);
  for (const part of parts) if (!writer.take(part)) return null;
  const sql = writer.finish();
  return sql !== null && isQuery(sql) ? sql : null;
}

/** Most strings are no SQL, and need not be looked at further. */
function mayBegin(program: string, { start, parts }: HostString): boolean {
  const [first] = parts;
  if (first === undefined || first.kind === "hole") return false;
  const beginning = program.slice(start, start + 2_000).replace(/^(?:\s|\\n|\\\n|--[^\n]*\n)+/, "");
  return (
    /^\(?\s*(?:\/\*|select|insert|update|delete|merge|with|values)\b/i.test(beginning) || beginning.startsWith("/*")
  );
}

/** What may stand in a name or parameter, or beside one without a space. */
const nameSign = /[\w.$"]/;

type Inside = "sql" | "constant" | "identifier" | "line-comment" | "block-comment";

function createWriter(program: string, start: number, end: number) {
  const blank = (from: number, to: number): string[] =>
    [...program.slice(from, to).split("")].map((sign) => (sign === "\n" || sign === "\r" ? sign : " "));
  const out = blank(start, end);
  const put = (at: number, text: string): void => {
    for (let index = 0; index < text.length; index++) out[at - start + index] = text[index] ?? " ";
  };
  const holes: { readonly start: number; readonly end: number }[] = [];
  let inside: Inside = "sql";
  /** Where the constant begins in which we are, and whether a value is put into it. */
  let constant = { start: 0, hasHole: false };
  let previous = "";
  /** What came after the previous character, where what comes next may not be a letter too. */
  let gap = false;
  let isBroken = false;

  /** A character of the SQL that is written at `from` and takes the place up to `to`. */
  const character = (sign: string, from: number, to: number): void => {
    const was = inside;
    if (gap && was === "sql" && nameSign.test(sign)) isBroken = true;
    gap = false;
    inside = next(inside, previous, sign);
    if (was === "sql" && inside === "constant") constant = { start: from, hasHole: false };
    const isComment = was.endsWith("comment") || inside.endsWith("comment");
    if (!isComment) {
      // A quote that opens stands directly before what it quotes, and one that closes directly behind it.
      const opens = was === "sql" && inside !== "sql";
      put(opens ? to - 1 : from, sign);
    } else if (inside === "block-comment" && was === "sql") put(from - 1, " ");
    else if (inside === "line-comment" && was === "sql") put(from - 1, " ");
    if (was === "constant" && inside === "sql" && constant.hasHole) {
      for (let at = constant.start; at < to; at++) if (!/[\r\n]/.test(program[at] ?? "")) put(at, " ");
      holes.push({ start: constant.start, end: to });
    }
    previous = sign;
  };

  const take = (part: StringPart): boolean => {
    switch (part.kind) {
      case "text":
        for (let at = part.start; at < part.end; at++) character(program[at] ?? "", at, at + 1);
        return true;
      case "escape":
        if (part.character === null) return inside.endsWith("comment");
        // White space in a constant is not what is written there.
        if (part.character === " " && (inside === "constant" || inside === "identifier")) return false;
        character(part.character, part.start, part.end);
        return true;
      case "hole":
        if (inside === "identifier") return false;
        if (inside === "constant") constant = { ...constant, hasHole: true };
        if (inside === "sql") {
          // A value beside a letter is part of a name that nobody knows.
          if (nameSign.test(previous)) return false;
          holes.push(part);
          gap = true;
        }
        previous = "";
        return true;
      case "seam":
        // Two strings that are joined letter to letter make one word, which does not stand anywhere.
        gap ||= nameSign.test(previous);
        return true;
    }
  };

  const finish = (): string | null => {
    if (isBroken || inside === "constant" || inside === "identifier" || inside === "block-comment") return null;
    const numbered = out.join("").match(/\$\d+/g) ?? [];
    let number = greatest(
      numbered.map((parameter) => Number(parameter.slice(1))),
      0,
    );
    for (const hole of holes.sort((a, b) => a.start - b.start)) {
      const parameter = `$${++number}`;
      if (parameter.length > hole.end - hole.start) return null;
      put(hole.start, parameter);
    }
    return holdsConditions(out.join(""), new Set(holes.map(({ start: at }) => at - start))) ? null : out.join("");
  };

  return { take, finish };
}

function next(inside: Inside, previous: string, sign: string): Inside {
  switch (inside) {
    case "sql":
      if (sign === "'") return "constant";
      if (sign === '"') return "identifier";
      if (sign === "-" && previous === "-") return "line-comment";
      return sign === "*" && previous === "/" ? "block-comment" : "sql";
    case "constant":
      return sign === "'" ? "sql" : inside;
    case "identifier":
      return sign === '"' ? "sql" : inside;
    case "line-comment":
      return sign === "\n" ? "sql" : inside;
    case "block-comment":
      return sign === "/" && previous === "*" ? "sql" : inside;
  }
}

const conditionBefore = /^(?:where|and|or|on|having|not|when|filter)$/i;

/**
 * Whether a value stands where a whole condition does, or is compared with a constant: then it is a piece of SQL or the name of
 * a column, and no value at all.
 *
 * @param holes offsets at which the parameters stand that were values of the program
 */
function holdsConditions(sql: string, holes: ReadonlySet<number>): boolean {
  const tokens = tokenize(sql);
  let betweens = 0;
  let condition = false;
  for (const [index, { kind, start, end }] of tokens.entries()) {
    const text = sql.slice(start, end).toLowerCase();
    if (
      kind === "parameter" &&
      holes.has(start) &&
      condition &&
      !isComparedValue(sql, tokens.slice(index + 1, index + 3))
    )
      return true;
    condition = conditionBefore.test(text) || (condition && text === "(");
    if (text === "between") betweens++;
    if (text === "and" && betweens > 0) {
      betweens--;
      condition = false;
    }
  }
  return false;
}

/** Whether what follows a value at the beginning of a condition compares it with a column, or casts it. */
function isComparedValue(sql: string, [sign, operand]: readonly Token[]): boolean {
  if (sign === undefined) return false;
  const text = sql.slice(sign.start, sign.end);
  if (text === "::") return true;
  if (sign.kind !== "operator" && !/^between$/i.test(text)) return false;
  return operand?.kind === "word" || operand?.kind === "quoted-identifier";
}

/** Whether every statement is a query, ends where it seems to, and has nothing in it that would reach over its end. */
function isQuery(sql: string): boolean {
  let depth = 0;
  let begins = true;
  let count = 0;
  for (const { kind, start, end, terminated } of tokenize(sql)) {
    const text = sql.slice(start, end);
    if (!terminated || kind === "unknown") return false;
    if (begins && text !== "(" && text !== ";") {
      if (!statementStart.test(text)) return false;
      begins = false;
      count++;
    }
    if (text === "(") depth++;
    if (text === ")") depth--;
    if (depth < 0) return false;
    if (text === ";" && depth === 0) begins = true;
  }
  return depth === 0 && count > 0;
}
