/** Looks up the names of columns at one place of a query, and says what PostgreSQL says of those that mean none or several. */

import { type Catalog, knowsEveryObject } from "../../catalog/catalog.ts";
import { functionsNamed } from "../../catalog/values/builtins.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";
import { type Refusal, rejected } from "../outcome.ts";
import type { Scope } from "./column-sources.ts";

/** The refusal of a column that an expression names. */
export function checkColumn(column: Extract<Expression, { kind: "column" }>, scope: Scope): Refusal | null {
  const { names, star, range } = column;
  const [name = "", member] = names;
  // Where @ stands before it, it is a parameter of some tool.
  if (scope.context.text?.[range.start - 1] === "@") return null;
  if (star) return names.length === 1 ? checkQualified(name, null, range, scope) : null;
  if (names.length > 2) return null;
  if (member !== undefined) return checkQualified(name, member, range, scope);
  for (const level of scope.levels) {
    let having = 0;
    for (const { columns, merged } of level)
      if (columns !== null && !merged.has(name)) having += timesIn(columns, name);
    if (having > 1) return refuse("42702", `column reference "${name}" is ambiguous`, range);
    if (having === 1 || level.some(({ columns }) => columns === null)) return null;
  }
  const isRow = scope.levels.some((level) => level.some(({ alias }) => alias === name));
  if (isRow || systemColumns.has(name)) return null;
  return refuse("42703", `column "${name}" does not exist`, range);
}

/** `t.a`, or `t.*` where the member is null. */
export function checkQualified(table: string, member: string | null, range: TextRange, scope: Scope): Refusal | null {
  for (const level of scope.levels) {
    const meant = level.filter(({ alias }) => alias === table);
    const [source] = meant;
    if (source === undefined) continue;
    if (meant.length > 1 || source.columns === null || member === null) return null;
    const times = timesIn(source.columns, member);
    if (times > 1) return refuse("42702", `column reference "${member}" is ambiguous`, range);
    if (times === 1) return null;
    // `t.f` is also a way to write `f(t)`.
    if (systemColumns.has(member) || mayBeFunction(member, scope.catalog)) return null;
    return refuse("42703", `column ${table}.${member} does not exist`, range);
  }
  const all = scope.levels.flat();
  if (all.some(({ alias, columns }) => alias === null && columns === null)) return null;
  const aliased = all.find(({ hidden }) => hidden === table);
  const isShut = scope.shut.some(({ alias }) => alias === table);
  const isCovered = !isShut && all.some(({ covers }) => covers?.includes(table) === true);
  const problem = aliased === undefined && !isShut && !isCovered ? "missing" : "invalid reference to";
  const message = `${problem} FROM-clause entry for table "${table}"`;
  if (aliased !== undefined) {
    return refuse("42P01", message, range, {
      hint: `Perhaps you meant to reference the table alias "${aliased.alias}".`,
    });
  }
  const there = `There is an entry for table "${table}", but it cannot be referenced from this part of the query.`;
  if (isCovered)
    return refuse("42P01", message, range, scope.context.version < 16 ? { hint: there } : { detail: there });
  if (!isShut) return refuse("42P01", message, range);
  return refuse(
    "42P01",
    message,
    range,
    scope.context.version < 16
      ? { hint: there }
      : { detail: there, hint: "To reference that table, you must mark this subquery with LATERAL." },
  );
}

function mayBeFunction(name: string, catalog: Catalog): boolean {
  return !knowsEveryObject(catalog) || catalog.functions.has(name) || functionsNamed(name).length > 0;
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"]);

/** A refusal at the place that PostgreSQL points to. */
export function refuse(
  sqlstate: string,
  message: string,
  range: TextRange,
  extra: { readonly detail?: string; readonly hint?: string } = {},
): Refusal {
  return rejected("statement-rejected", sqlstate, message, range, { position: range.start, ...extra });
}

/** More columns are counted once, and not for each name that is looked up among them. */
const mostLookedThrough = 32;

const counts = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** How many of the columns have the name. */
function timesIn(columns: readonly string[], name: string): number {
  if (columns.length > mostLookedThrough) {
    const known = counts.get(columns) ?? countedNames(columns);
    counts.set(columns, known);
    return known.get(name) ?? 0;
  }
  let times = 0;
  for (const column of columns) if (column === name) times++;
  return times;
}

function countedNames(columns: readonly string[]): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const column of columns) counted.set(column, (counted.get(column) ?? 0) + 1);
  return counted;
}
