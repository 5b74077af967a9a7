/** The CHECK of a partition made by hand is not in the one form that pg_pathman reads. */

import { relationById } from "../catalog/catalog.ts";
import type { Relation, TableConstraint } from "../catalog/relation.ts";
import type { Expression } from "../syntax/expression.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { replacement } from "./support/fixes.ts";
import { exactForm, formOf, type PathmanForm } from "./support/pathman-form.ts";
import { type PathmanTable, pathmanTables } from "./support/pathman-tables.ts";
import { presentRejection } from "./support/present.ts";
import { rewriteCheck } from "./support/rewrite/offer.ts";
import { placeInFile } from "./support/script-places.ts";

export const pathmanCheckFormat: Rule = {
  id: "pathman-check-format",
  severity: "warning",
  summary: "The CHECK of a partition is not (VARIABLE >= CONST AND VARIABLE < CONST) or (VARIABLE % CONST = CONST).",
  source: "https://github.com/postgrespro/pg_pathman#post-creation-partition-management",
  present: (context) =>
    presentRejection(context, {
      advice: "pg_pathman reads (VARIABLE >= CONST AND VARIABLE < CONST) and (VARIABLE % CONST = CONST) only.",
    }),
  *checkScript(context) {
    if (context.relations.inherited.length === 0) return;
    for (const [id, table] of pathmanTables(context)) {
      const parent = relationById(context.final, id);
      for (const childId of parent?.children.keys() ?? []) {
        const child = relationById(context.final, childId);
        if (parent !== null && child !== null && isReadKey(parent, table))
          yield* findingFor(context, parent, child, table);
      }
    }
  },
};

/** Whether the key is a column: since 1.4 it may be an expression, whose CHECKs are not read. */
function isReadKey({ columns }: Relation, { column }: PathmanTable): boolean {
  return column === null || columns.some(({ name }) => name === column);
}

function* findingFor(
  context: ScriptContext,
  parent: Relation,
  child: Relation,
  table: PathmanTable,
): Generator<RuleFinding> {
  const checks = child.constraints.filter(({ type }) => type === "check");
  const named = checks.find(({ name }) => name === constraintName(context, parent, child, table));
  const constraint =
    named ?? checks.find(({ columns }) => table.column !== null && columns.includes(table.column)) ?? checks[0];
  const place = placeInFile(context, constraint?.origin ?? child.origin);
  if (place === null) return;
  const problem = problemOf(context, constraint, named !== undefined, parent, child, table);
  if (problem === null) return;
  yield {
    statement: place.statement,
    range: constraint?.expression?.range ?? place.range,
    message: `pg_pathman does not take "${child.name}" for a partition of "${parent.name}": ${problem}.`,
    advice: `Write the CHECK as "${exampleFor(table)}".`,
    fixes:
      constraint === undefined ? [] : (script) => fixesFor(script, constraint, parent, child, table, place.statement),
  };
}

function problemOf(
  context: ScriptContext,
  constraint: TableConstraint | undefined,
  isNamed: boolean,
  parent: Relation,
  child: Relation,
  table: PathmanTable,
): string | null {
  if (constraint?.expression == null) return "it has no CHECK constraint";
  const form = formOf(constraint.expression);
  if (form.kind === "other") return form.problem;
  if (table.column !== null && form.column !== table.column)
    return `its CHECK is on "${form.column}", not on "${table.column}"`;
  if (table.type !== null && form.kind !== table.type)
    return `its CHECK is that of a ${form.kind.toUpperCase()} partition`;
  if (isTooNew(form, context, table)) return "in this version the bounds stand in the order >=, <";
  const name = constraintName(context, parent, child, table);
  return isNamed || name === null ? null : `its CHECK has to be named "${name}"`;
}

/** What 1.0 learned to read: the sides in either order. */
function isTooNew(form: PathmanForm, context: ScriptContext, table: PathmanTable): boolean {
  return (
    form.kind === "range" &&
    !form.inOrder &&
    (table.era === "readme" || ["readme", "0.1"].includes(context.options.pathmanVersion))
  );
}

/** The name under which pg_pathman looks for the constraint; null where it takes any. */
function constraintName(context: ScriptContext, parent: Relation, child: Relation, table: PathmanTable): string | null {
  const { pathmanVersion } = context.options;
  const version = table.era ?? (pathmanVersion === "auto" ? "1.5" : pathmanVersion);
  if (version === "readme" || version === "0.1") return null;
  if (["1.0", "1.1", "1.2", "1.3"].includes(version)) {
    const number = parent.columns.findIndex(({ name }) => name === table.column) + 1;
    return number === 0 ? null : `pathman_${child.name}_${number}_check`;
  }
  return `pathman_${child.name}_check`;
}

function exampleFor({ type, column }: PathmanTable): string {
  const variable = column ?? "VARIABLE";
  return type === "hash" ? `(${variable} % CONST = CONST)` : `(${variable} >= CONST AND ${variable} < CONST)`;
}

function* fixesFor(
  context: ScriptContext,
  { expression, name }: TableConstraint,
  parent: Relation,
  child: Relation,
  table: PathmanTable,
  statement: StatementHandle,
): Generator<RuleFix> {
  if (expression === null) return;
  const text = context.textOf(statement);
  const newText = rewritten(context, expression, parent, table, text);
  if (newText !== null) {
    yield replacement(`Change to (${newText})`, statement, expression.range, newText, { preferred: true });
  }
  const wanted = constraintName(context, parent, child, table);
  if (wanted === null || wanted === name || formOf(expression).kind === "other") return;
  const check = /\b(?:CONSTRAINT\s+\S+\s+)?CHECK\s*\(\s*$/i.exec(text.slice(0, expression.range.start));
  if (check === null) return;
  const at = { start: check.index, end: expression.range.start };
  yield replacement(`Name it ${wanted}`, statement, at, `CONSTRAINT ${quoteIdentifier(wanted)} CHECK (`, {
    preferred: true,
  });
}

function rewritten(
  context: ScriptContext,
  expression: Expression,
  parent: Relation,
  table: PathmanTable,
  text: string,
): string | null {
  const form = formOf(expression);
  if (form.kind !== "other" && (form.kind === "hash" || form.inOrder)) return null;
  const column = table.column ?? (form.kind === "other" ? null : form.column);
  const type = parent.columns.find(({ name }) => name === column)?.type;
  if (column === null || type === undefined) return null;
  return exactForm(expression, column, type, text) ?? rewriteCheck(context, expression, { name: column, type }, text);
}
