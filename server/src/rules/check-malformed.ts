/** The CHECK constraint of an inheritance child does not let the planner leave the child out. */

import type { Relation } from "../catalog/relation.ts";
import { formatType } from "../catalog/values/types.ts";
import { quoteIdentifier, quoteQualifiedName } from "../syntax/names.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { type ChildCheck, isUsable, type PartitionedByChecks, partitionedByChecks } from "./support/child-checks.ts";
import { replacement } from "./support/fixes.ts";
import { halfOpenForm } from "./support/half-open.ts";
import { pathmanTables } from "./support/pathman-tables.ts";
import { placeInFile } from "./support/script-places.ts";

export const checkMalformed: Rule = {
  id: "check-malformed",
  severity: "warning",
  summary: "The CHECK constraint of an inheritance child does not let the planner leave the child out.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-CONSTRAINT-EXCLUSION",
  *checkScript(context) {
    const pathman = context.relations.inherited.length === 0 ? new Map() : pathmanTables(context);
    for (const parent of context.relations.inherited) {
      const parts = pathman.has(parent.id) ? null : partitionedByChecks(context, parent);
      if (parts !== null && isMeantAsPartitions(parts)) yield* findingsOf(context, parts);
    }
  },
};

/** One usable CHECK on the column, an expression over it that several children compare, or one over a date. */
function isMeantAsPartitions({ parent, column, children }: PartitionedByChecks): boolean {
  const checks = children.flatMap((child) => child.checks);
  if (checks.some((check) => isUsable(check, column))) return true;
  const unusable = checks.flatMap((check) => check.unusable.filter((test) => test.column === column));
  const type = parent.columns.find(({ name }) => name === column)?.type;
  const isDate = type?.kind === "base" && ["date", "timestamp", "timestamptz"].includes(type.name);
  return unusable.length > 1 || (isDate && unusable.length > 0);
}

function* findingsOf(context: ScriptContext, parts: PartitionedByChecks): Generator<RuleFinding> {
  const { column, children } = parts;
  const usable = children.filter(({ checks }) => checks.some((check) => isUsable(check, column))).length;
  for (const { child, checks } of children) {
    if (checks.some((check) => isUsable(check, column))) continue;
    const culprit = checks.find((check) => mentions(check, column));
    // With most of its siblings alike, a child without such a constraint was forgotten.
    if (culprit !== undefined) yield* findingAtConstraint(context, parts, child, culprit);
    else if (usable >= 2 && usable > children.length - usable) yield* findingAtChild(context, parts, child, checks);
  }
}

function mentions({ constraint, unusable }: ChildCheck, column: string): boolean {
  return (
    unusable.some((test) => test.column === column) || (!constraint.validated && constraint.columns.includes(column))
  );
}

function* findingAtConstraint(
  context: ScriptContext,
  { parent, column }: PartitionedByChecks,
  child: Relation,
  { constraint, unusable }: ChildCheck,
): Generator<RuleFinding> {
  const place = placeInFile(context, constraint.origin);
  const { expression } = constraint;
  if (place === null || expression === null) return;
  const type = parent.columns.find(({ name }) => name === column)?.type;
  const [test] = unusable.filter((one) => one.column === column);
  const why =
    test === undefined
      ? "a constraint that is NOT VALID proves nothing"
      : {
          wrapped: `it compares an expression over \`${column}\`, and queries compare \`${column}\` itself`,
          type: `it compares \`${column}\` (${type === undefined ? "?" : formatType(type)}) with a constant of another type, which depends on TimeZone`,
          "not-immutable": "what it compares with is no constant",
        }[test.why];
  const text = context.textOf(place.statement);
  const form = type === undefined ? null : halfOpenForm(expression, column, type, text);
  yield {
    statement: place.statement,
    range: place.range,
    message: `The planner reads \`${child.name}\` for every query, because ${why}. Write \`${column} >= … AND ${column} < …\` with constants of the column's type.`,
    fixes: [
      ...(form === null ? [] : [formFix(place.statement, expression.range, form)]),
      ...(constraint.validated ? [] : [validateFix(context, child, constraint.name, place.statement)]),
    ],
  };
}

function formFix(statement: number, range: TextRange, form: string): RuleFix {
  return replacement(`Change to ${form}`, statement, range, form, { preferred: true });
}

function validateFix({ final }: ScriptContext, child: Relation, name: string, statement: number): RuleFix {
  const table = quoteQualifiedName(final.settings.searchPath[0] === child.schema ? null : child.schema, child.name);
  const sql = `ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoteIdentifier(name)}`;
  return { title: "Validate the constraint", edits: [{ kind: "insert-after", statement, sql }], preferred: true };
}

function* findingAtChild(
  context: ScriptContext,
  { column }: PartitionedByChecks,
  child: Relation,
  checks: readonly ChildCheck[],
): Generator<RuleFinding> {
  const other = checks.find(({ tests }) => tests.length > 0);
  const place = placeInFile(context, other?.constraint.origin ?? child.origin);
  if (place === null) return;
  const what = other === undefined ? "it has no CHECK" : `its CHECK is on \`${other.tests[0]?.column}\``;
  yield {
    statement: place.statement,
    range: place.range,
    message: `The planner reads \`${child.name}\` for every query on \`${column}\`, because ${what}, while its siblings are told apart by \`${column}\`. Add \`CHECK (${column} >= … AND ${column} < …)\`.`,
  };
}
