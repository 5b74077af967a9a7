/** Lone expressions as text: what somebody types for a value, and WHERE and CHECK expressions that a code action rewrites. */

import type { Expr, IAstPartialVisitor } from "pgsql-ast-parser";
import type { TextRange } from "../text/range.ts";
import { unreadCode } from "./body-code.ts";
import type { Expression } from "./expression.ts";
import { tokenize } from "./lexer.ts";
import { lowerExpression } from "./lower/expressions.ts";
import { as } from "./lower/node.ts";
import { createSource } from "./lower/source.ts";
import { isOffsetKey } from "./offsets.ts";
import type { ParseError, Parser, ParseTree } from "./parser.ts";

/** `pgsql-ast-parser`: it reads a lone expression into typed nodes that know both their ends. */
export type ExpressionLibrary = typeof import("pgsql-ast-parser");

/** Loads it on first use; few sessions rewrite an expression. */
export async function loadExpressionLibrary(): Promise<ExpressionLibrary> {
  return await import("pgsql-ast-parser");
}

export type LoneExpression =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly error: ParseError };

const before = "SELECT (";

/** Reads a text that is exactly one expression; ranges and the error's offset are relative to it. Never throws. */
export function readLoneExpression(text: string, parser: Parser): LoneExpression {
  const stray = strayToken(text);
  if (stray !== null) return { ok: false, error: syntaxError(stray.message, stray.offset) };
  // The line break ends a comment that the text may end with.
  const outcome = parser.parse(`${before}${text}\n)`);
  if (!outcome.ok) return { ok: false, error: insideText(outcome.error, text) };
  const node = loneTarget(outcome.tree);
  if (node === null) return { ok: false, error: syntaxError("syntax error at end of input", text.length) };
  const padded = createSource(`${" ".repeat(before.length)}${text}`);
  const lowered = lowerExpression(node, {
    source: padded,
    readBody: ({ language, range }) => ({
      language,
      range,
      statements: [],
      dynamic: true,
      certain: 0,
      code: unreadCode,
      text: "",
    }),
  });
  return { ok: true, expression: moveRanges(lowered, -before.length) };
}

/** Whether PostgreSQL reads two texts as the same expression; false where it rejects one. */
export function isSameExpression(one: string, other: string, parser: Parser): boolean {
  const tree = comparableTree(one, parser);
  return tree !== null && tree === comparableTree(other, parser);
}

export interface ExpressionTools {
  readonly parser: Parser;
  readonly library: ExpressionLibrary;
}

/** The SQL to put in a node's place, or null to keep it and look inside. `text` is the node's own source text. */
export type ChooseReplacement = (node: Expr, text: string) => string | null;

/**
 * Replaces parts of an expression and leaves all other text as it is, so that no literal passes through a double. A
 * replacement gets parentheses where precedence asks for them. Null where nothing was replaced, or where the library does not
 * read the expression as PostgreSQL does: then no rewriting can be vouched for.
 */
export function rewriteExpression(text: string, choose: ChooseReplacement, tools: ExpressionTools): string | null {
  const { library, parser } = tools;
  const root = readWithLibrary(text, tools);
  if (root === null) return null;
  const edits: Edit[] = [];
  library
    .astVisitor(
      (visitor): IAstPartialVisitor => ({
        // The library visits parts that a node does not have, such as the FILTER of a call.
        expr: (node: Expr | undefined) => {
          if (node === undefined || node === null) return;
          const range = rangeOf(node, text);
          const replacement = range === undefined ? null : choose(node, text.slice(range.start, range.end));
          if (range === undefined || replacement === null) visitor.super().expr(node);
          else edits.push({ range, replacement });
        },
      }),
    )
    .expr(root);
  if (edits.length === 0) return null;
  const guarded = applyReplacements(text, edits, (replacement) => `(${replacement})`);
  const bare = applyReplacements(text, edits, (replacement) => replacement);
  // An AND beside an OR is the same without parentheses, and reads worse.
  const mixes = /\bOR\b/i.test(text) && edits.some(({ replacement }) => /\bAND\b/.test(replacement));
  if (!mixes && isSameExpression(bare, guarded, parser)) return bare;
  return comparableTree(guarded, parser) === null ? null : guarded;
}

/**
 * A tree of `pgsql-ast-parser` as it prints it, without the parentheses and spaces that nobody would write. The library puts
 * every part into parentheses, so that PostgreSQL reads its text as the tree was meant; the shorter text is given where
 * PostgreSQL reads the very same. Null where it reads neither.
 */
export function printExpression(node: Expr, { library, parser }: ExpressionTools): string | null {
  const full = library.toSql.expr(node);
  const meant = comparableTree(full, parser);
  if (meant === null) return null;
  let text = tidied(full);
  if (comparableTree(text, parser) !== meant) return full;
  // One pair after the other, from the left: what is left when none can go is as a person writes it.
  for (let at = text.indexOf("("); at !== -1; at = text.indexOf("(", at)) {
    const shorter = withoutPair(text, at);
    if (shorter !== null && comparableTree(shorter, parser) === meant) text = shorter;
    else at++;
  }
  return text;
}

/** Spaces where the library's printer has them and SQL needs none. */
function tidied(text: string): string {
  let result = "";
  let position = 0;
  for (const { start, end } of tokenize(text)) {
    const [gap, token] = [text.slice(position, start), text.slice(start, end)];
    const isTight =
      /^[).,:]|^::/.test(token) ||
      /(?:[(.]|::)$/.test(result) ||
      (token === "(" && /\w$/.test(result) && !/\b(?:AND|OR|IN|NOT|BETWEEN)$/i.test(result));
    result += (isTight ? "" : gap) + token;
    position = end;
  }
  return result;
}

/** The text without this pair of parentheses; null where a reader is better off with it: around an AND beside an OR. */
function withoutPair(text: string, open: number): string | null {
  let depth = 0;
  let holdsAnd = false;
  for (const { start, end } of tokenize(text, open)) {
    const token = text.slice(start, end);
    if (token === "(") depth++;
    if (depth === 1 && token === "AND") holdsAnd = true;
    if (token !== ")" || --depth > 0) continue;
    const isBesideOr = /\bOR\s*$/.test(text.slice(0, open)) || /^\s*OR\b/.test(text.slice(end));
    return holdsAnd && isBesideOr ? null : text.slice(0, open) + text.slice(open + 1, start) + text.slice(end);
  }
  return null;
}

/** Where a node stands: for the library, lists and calls at its end stop before their closing parenthesis. */
function rangeOf({ _location: range }: Expr, text: string): TextRange | undefined {
  if (range === undefined) return undefined;
  let depth = 0;
  for (const { kind, start, end } of tokenize(text, range.start)) {
    if (start >= range.end && depth === 0) break;
    const token = kind === "punctuation" ? text.slice(start, end) : "";
    if (token === "(") depth++;
    if (token === ")" && --depth === 0 && start >= range.end) return { start: range.start, end };
    if (start >= range.end && token !== ")") return undefined;
  }
  return depth === 0 ? range : undefined;
}

interface Edit {
  readonly range: TextRange;
  readonly replacement: string;
}

function applyReplacements(text: string, edits: readonly Edit[], write: (replacement: string) => string): string {
  const ordered = edits.toSorted((one, other) => one.range.start - other.range.start);
  let result = "";
  let position = 0;
  for (const { range, replacement } of ordered) {
    result += text.slice(position, range.start) + write(replacement);
    position = range.end;
  }
  return result + text.slice(position);
}

/**
 * The library's tree, if what the library prints of it is to PostgreSQL what was written. Numbers are left out of the
 * comparison: the library keeps them as doubles, and a rewritten expression has them from the text.
 */
function readWithLibrary(text: string, { library, parser }: ExpressionTools): Expr | null {
  let root: Expr | undefined;
  let printed = "";
  try {
    // With options it gives a list, which its types do not say.
    const read: unknown = library.parse(text, { entry: "expr", locationTracking: true });
    [root] = read as readonly Expr[];
    if (root !== undefined) printed = library.toSql.expr(root);
  } catch {
    // It throws at the first thing that it does not know; PostgreSQL knows much more.
    return null;
  }
  const written = comparableTree(text, parser, "without-numbers");
  if (root === undefined || written === null) return null;
  return written === comparableTree(printed, parser, "without-numbers") ? root : null;
}

/** The first token that would close the parenthesis around the text or end the statement; strings must be closed too. */
function strayToken(text: string): { readonly message: string; readonly offset: number } | null {
  let depth = 0;
  for (const { kind, start, end, terminated } of tokenize(text)) {
    const written = text.slice(start, end);
    if (!terminated) return { message: `unterminated quoted string at or near "${written}"`, offset: start };
    if (kind !== "punctuation") continue;
    if (written === "(") depth++;
    else if (written === ")") depth--;
    if (depth < 0 || written === ";") return { message: `syntax error at or near "${written}"`, offset: start };
  }
  return null;
}

function syntaxError(message: string, offset: number): ParseError {
  return { message, offset, sqlstate: "42601", fromPostgres: true };
}

/** An error at our own closing parenthesis is one at the text's end. */
function insideText(error: ParseError, text: string): ParseError {
  const offset = error.offset - before.length;
  if (offset < text.length) return { ...error, offset: Math.max(0, offset) };
  return { ...error, message: error.message.replace(/ at or near "\)"$/, " at end of input"), offset: text.length };
}

function loneTarget(tree: ParseTree) {
  const [statement, ...others] = tree.stmts ?? [];
  const select = as(statement?.stmt, "SelectStmt");
  if (select === undefined || others.length > 0 || select.targetList?.length !== 1) return null;
  const target = as(select.targetList[0], "ResTarget");
  return target?.val ?? null;
}

/** The expression's tree as text, without places; null where PostgreSQL reads no lone expression. */
function comparableTree(
  text: string,
  parser: Parser,
  numbers: "with-numbers" | "without-numbers" = "with-numbers",
): string | null {
  if (strayToken(text) !== null) return null;
  const outcome = parser.parse(`${before}${text}\n)`);
  const node = outcome.ok ? loneTarget(outcome.tree) : null;
  if (node === null) return null;
  return JSON.stringify(node, (key, value: unknown) => {
    if (isOffsetKey(key)) return undefined;
    if (key === "BoolExpr") return flattened(value);
    return numbers === "without-numbers" && (key === "ival" || key === "fval") ? "number" : value;
  });
}

/** An AND of ANDs as one, and an OR of ORs: parentheses there mean nothing. */
function flattened(value: unknown): unknown {
  const outer = value as { readonly boolop?: unknown; readonly args?: readonly { readonly BoolExpr?: unknown }[] };
  if (outer.boolop === "NOT_EXPR" || outer.args === undefined) return value;
  const args = outer.args.flatMap((argument) => {
    const inner = argument.BoolExpr === undefined ? null : (flattened(argument.BoolExpr) as typeof outer);
    return inner?.boolop === outer.boolop ? (inner?.args ?? []) : [argument];
  });
  return { ...outer, args };
}

function moveRanges<Value>(value: Value, by: number): Value {
  if (Array.isArray(value)) return value.map((item: unknown) => moveRanges(item, by)) as Value;
  if (typeof value !== "object" || value === null) return value;
  const { start, end } = value as Partial<TextRange>;
  if (typeof start === "number" && typeof end === "number") return { start: start + by, end: end + by } as Value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, moveRanges(inner as unknown, by)]),
  ) as Value;
}
