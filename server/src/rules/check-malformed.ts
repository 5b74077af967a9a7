/** The CHECK constraint of an inheritance child does not let the planner leave the child out. */

import type { CheckProblem, CheckProblemReason } from "../catalog/check-bounds.ts";
import { layoutOf } from "../catalog/layout.ts";
import type { Column, Relation } from "../catalog/relation.ts";
import { baseType, formatType } from "../catalog/values/types.ts";
import { quoteIdentifier, quoteQualifiedName } from "../syntax/names.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { type ChildPart, childParts, culpritOf, partitionedByChecks } from "./support/child-checks.ts";
import { replacement } from "./support/fixes.ts";
import { rewriteCheck } from "./support/rewrite/offer.ts";
import { placeInFile } from "./support/script-places.ts";
import { isKnownAtEnd } from "./support/whole-tables.ts";

export const checkMalformed: Rule = {
  id: "check-malformed",
  severity: "warning",
  summary: "The CHECK constraint of an inheritance child does not let the planner leave the child out.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-CONSTRAINT-EXCLUSION",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      // What an extension leaves out of a plan the CHECKs need not tell PostgreSQL.
      const isByChecks = layoutOf(parent)?.excludedBy === "constraints" && isKnownAtEnd(context, parent);
      const parts = isByChecks ? partitionedByChecks(parent) : null;
      const children = parts === null ? [] : childParts(context, parts);
      if (parts !== null && isMeantAsPartitions(parts.column, children))
        yield* findingsOf(context, parts.column, children);
    }
  },
};

/** One CHECK that bounds the column, an expression over it that several children compare, or one over a date. */
function isMeantAsPartitions(column: Column, children: readonly ChildPart[]): boolean {
  if (children.some(({ bounds }) => bounds !== null)) return true;
  const wrong = children.filter((part) => culpritOf(part) !== null).length;
  const type = baseType(column.type);
  const isDate = type.kind === "base" && ["date", "timestamp", "timestamptz"].includes(type.name);
  return wrong > 1 || (isDate && wrong > 0);
}

function* findingsOf(context: ScriptContext, column: Column, children: readonly ChildPart[]): Generator<RuleFinding> {
  const bounded = children.filter(({ bounds }) => bounds !== null).length;
  for (const part of children) {
    if (part.bounds !== null) continue;
    const culprit = culpritOf(part);
    // With most of its siblings alike, a child without such a constraint was forgotten.
    if (culprit !== null) yield* findingAtConstraint(context, column, part.child, culprit);
    else if (bounded >= 2 && bounded > children.length - bounded) yield* findingAtChild(context, column, part);
  }
}

function* findingAtConstraint(
  context: ScriptContext,
  column: Column,
  child: Relation,
  { reason, constraint }: CheckProblem,
): Generator<RuleFinding> {
  const place = constraint === null ? null : placeInFile(context, constraint.origin);
  if (place === null || constraint?.expression == null) return;
  const { statement } = place;
  const { name, expression } = constraint;
  yield {
    statement: place.statement,
    range: place.range,
    message: `The planner reads "${child.name}" for every query, because ${causes[reason](column)}.`,
    advice: `Write "${column.name} >= … AND ${column.name} < …" with constants of the column's type.`,
    fixes: (script) => {
      const form = rewriteCheck(script, expression, column, script.textOf(statement));
      return [
        ...(form === null ? [] : [formFix(statement, expression.range, form)]),
        ...(reason === "not-valid" ? [validateFix(script, child, name, statement)] : []),
      ];
    },
  };
}

const wrapped = ({ name }: Column): string =>
  `it compares an expression over "${name}", and queries compare "${name}" itself`;
const zoned = ({ name, type }: Column): string =>
  `it compares "${name}" (${formatType(type)}) with a constant of another type, which depends on TimeZone`;

const causes: Readonly<Record<CheckProblemReason, (column: Column) => string>> = {
  missing: () => "it has no CHECK",
  "other-column": () => "its CHECK is on another column",
  "function-on-key": wrapped,
  extract: wrapped,
  "cast-of-key": ({ name }) => `it compares "${name}" under a cast, and queries compare "${name}" itself`,
  "not-immutable": () => "what it compares with is no constant",
  "timestamptz-constant": zoned,
  "zone-dependent": zoned,
  "not-valid": () => "a constraint that is NOT VALID proves nothing",
  "not-enforced": () => "a constraint that is NOT ENFORCED proves nothing",
  "or-covers-everything": () => "its OR allows every value",
  unreadable: () => "its CHECK has no form that excludes values",
};

function formFix(statement: StatementHandle, range: TextRange, form: string): RuleFix {
  return replacement(`Change to ${form}`, statement, range, form, { preferred: true });
}

function validateFix({ final }: ScriptContext, child: Relation, name: string, statement: StatementHandle): RuleFix {
  const table = quoteQualifiedName(final.settings.searchPath[0] === child.schema ? null : child.schema, child.name);
  const sql = `ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoteIdentifier(name)}`;
  return { title: "Validate the constraint", edits: [{ kind: "insert-after", statement, sql }], preferred: true };
}

/** What the CHECKs of a child that tell nothing of a column are. */
function whatItSays({ constraints }: Relation, column: string): string {
  const checks = constraints.filter(({ type, columns }) => type === "check" && columns.includes(column));
  if (checks.length === 0) return "it has no CHECK";
  // One that is written again on the child, word for word, is still the parent's.
  if (checks.every(({ inheritedFrom }) => inheritedFrom > 0))
    return "its CHECK is the parent's, which all children have";
  return "its CHECK has no form that excludes values";
}

function* findingAtChild(
  context: ScriptContext,
  { name }: Column,
  { child, problems }: ChildPart,
): Generator<RuleFinding> {
  const other = problems.find(({ reason }) => reason === "other-column")?.constraint;
  const place = placeInFile(context, other?.origin ?? child.origin);
  if (place === null) return;
  const what =
    other != null ? `its CHECK is on ${other.columns.map((one) => `"${one}"`).join(", ")}` : whatItSays(child, name);
  yield {
    statement: place.statement,
    range: place.range,
    message: `The planner reads "${child.name}" for every query on "${name}", because ${what}, while its siblings are told apart by "${name}".`,
    advice: `Add "CHECK (${name} >= … AND ${name} < …)".`,
  };
}
