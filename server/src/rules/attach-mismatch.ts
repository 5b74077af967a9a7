/** A table to be attached differs from its parent in columns, types, NOT NULL or constraints. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { Column, Relation } from "../catalog/relation.ts";
import { formatType, sameType } from "../catalog/values/types.ts";
import { keyOutside } from "../effects/queries/row-outside.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { placedBound } from "./support/bounds.ts";
import { placementsOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const attachMismatch: Rule = {
  id: "attach-mismatch",
  severity: "error",
  summary: "The table of ATTACH PARTITION or INHERIT does not fit its parent.",
  source: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ATTACH-PARTITION",
  present: (context) =>
    presentRejection(context, {
      advice: rowAdvice(context) ?? adviceFor(context.rejection.message),
      fixes: [...fixesFor(context)],
    }),
};

/** The row itself, where the script has inserted it. */
function rowAdvice(context: RejectionContext): string | null {
  const { step, rejection, options, text } = context;
  if (rejection.sqlstate !== "23514") return null;
  for (const placement of placementsOf(step.statement.statement)) {
    const [placed, table] = [placedBound(context, placement), findRelation(step.before, placement.partition)];
    if (placed === null || table === null) continue;
    const apply = {
      ...options,
      file: step.file,
      statement: step.handle,
      inTransaction: false,
      inFunction: false,
      text,
    };
    const key = keyOutside(step.before, table, placed.parent, placed.bound, apply);
    const which = key === null ? "A row of it" : `The row with ${key}`;
    return `${which} lies outside of the bound: move or delete it before, or widen the bound.`;
  }
  return null;
}

const advices: readonly (readonly [message: RegExp, advice: string])[] = [
  [
    /^table ".*" contains column/,
    "A partition has exactly the columns of its parent: drop the column here, or add it to the parent.",
  ],
  [/missing column/, "Add it before; CREATE TABLE … (LIKE parent INCLUDING ALL) makes a table that fits."],
  [/different type/, "Types have to be the same, with their length and precision."],
  [
    /must be marked NOT NULL/,
    "Set it before; with a valid CHECK (… IS NOT NULL) PostgreSQL 12 and later need not scan for it.",
  ],
  [/constraint/, "Every CHECK constraint of the parent has to be on the table before, under the same name."],
  [/identity column/, "Identity columns belong to the parent: drop the identity of this one first."],
  [/^cannot attach (?:inheritance|a typed)/, "Give the table's columns to an ordinary table first."],
  [/temporary|permanent/, "A table and its partitions are temporary together, or not at all."],
];

function adviceFor(message: string): string {
  return advices.find(([pattern]) => pattern.test(message))?.[1] ?? "";
}

/** One ALTER TABLE in front of the statement that brings all the columns and constraints it lacks. */
function* fixesFor({ step }: RejectionContext): Generator<RuleFix> {
  const { statement } = step.statement;
  const pairs = [
    ...placementsOf(statement).map(({ parent, partition }) => ({ parent, child: partition })),
    ...(statement.kind !== "alter-table"
      ? []
      : statement.actions.flatMap((action) =>
          action.kind === "inherit" ? [{ parent: action.parent, child: statement.relation }] : [],
        )),
  ];
  for (const names of pairs) {
    const [parent, child] = [findRelation(step.before, names.parent), findRelation(step.before, names.child)];
    if (parent === null || child === null || parent === child) continue;
    const actions = [...columnActions(parent, child, step.before), ...constraintActions(parent, child)];
    if (actions.length === 0) continue;
    const { schema, name } = names.child;
    const table = schema === null ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
    const sql = `ALTER TABLE ${table} ${actions.join(", ")}`;
    const edits = [{ kind: "insert-before" as const, statement: step.handle, sql }];
    yield { title: `Make "${name}" fit first`, edits, preferred: true };
  }
}

function* columnActions(parent: Relation, child: Relation, catalog: Catalog): Generator<string> {
  for (const column of parent.columns) {
    const own = child.columns.find(({ name }) => name === column.name);
    const name = quoteIdentifier(column.name);
    if (own === undefined) yield `ADD COLUMN ${name} ${typeOf(column, catalog)}${column.notNull ? " NOT NULL" : ""}`;
    else {
      if (!sameType(own.type, column.type)) yield `ALTER COLUMN ${name} TYPE ${typeOf(column, catalog)}`;
      if (column.notNull && !own.notNull) yield `ALTER COLUMN ${name} SET NOT NULL`;
    }
  }
}

function* constraintActions(parent: Relation, child: Relation): Generator<string> {
  for (const constraint of parent.constraints) {
    if (constraint.type !== "check" || constraint.noInherit) continue;
    if (child.constraints.some(({ name }) => name === constraint.name)) continue;
    yield `ADD CONSTRAINT ${quoteIdentifier(constraint.name)} CHECK ${constraint.text}`;
  }
}

function typeOf({ type }: Column, catalog: Catalog): string {
  return formatType(type, catalog.settings.searchPath);
}
