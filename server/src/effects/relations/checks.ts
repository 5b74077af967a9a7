/** CHECK constraints: analysed, named, merged with those of the same name, and passed on to children. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import type { Constraint } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import {
  type ApplyContext,
  applied,
  applyEach,
  applyToChildren,
  type Outcome,
  type Refusal,
  regarding,
  rejected,
  withDeclined,
} from "../outcome.ts";
import { refuseUnchecked, rowsPass } from "../queries/known-rows.ts";
import {
  checkText,
  constraintNamed,
  impliedConstraint,
  replaceConstraint,
  sameCheck,
  tableConstraint,
  withConstraint,
} from "./constraint-shape.ts";
import { childrenOf, hasChildren } from "./descendants.ts";
import { analyzeExpression } from "./expression-text.ts";
import { chooseConstraintName } from "./object-names.ts";

/** Adds the CHECK constraints that a CREATE TABLE spells out or copies, to a relation that may have inherited some. */
export function addChecks(
  catalog: Catalog,
  tableId: RelationId,
  checks: readonly Constraint[],
  context: ApplyContext,
): Outcome {
  const names = new Set<string>();
  return applyEach(catalog, checks, (current, written) => {
    const name = written.name?.name;
    if (name !== undefined && names.has(name)) {
      return refuse("42710", `check constraint "${name}" already exists`, written.range);
    }
    if (name !== undefined) names.add(name);
    const analyzed = analyzeCheck(current, tableId, written, context);
    if (analyzed.kind !== "check") return analyzed;
    return storeCheck(current, tableId, analyzed.check, { merge: true, local: true }, written.range);
  });
}

/** ALTER TABLE … ADD CHECK: on the table, and on its children unless ONLY or NO INHERIT says otherwise. */
export function addCheckRecursively(
  catalog: Catalog,
  tableId: RelationId,
  written: Constraint,
  only: boolean,
  context: ApplyContext,
): Outcome {
  const analyzed = analyzeCheck(catalog, tableId, written, context);
  if (analyzed.kind !== "check") return analyzed;
  const table = relationById(catalog, tableId);
  const certain = table === null || rowsPass(catalog, table, analyzed.check, context);
  const check: TableConstraint = certain ? analyzed.check : { ...analyzed.check, doubtful: true };
  const stored = storeAndRecurse(catalog, tableId, check, { merge: false, local: true }, only, written.range);
  if (stored.kind === "rejected" || table === null) return stored;
  return (
    refuseUnchecked(stored.catalog, table, analyzed.check, written.range, context) ??
    withDeclined(stored, analyzed.declined)
  );
}

/**
 * Adds a constraint that no statement spells out, here and below: what it says has held of all rows.
 *
 * @param columns those that its name is made of
 */
export function addImpliedCheck(
  catalog: Catalog,
  tableId: RelationId,
  implied: Pick<TableConstraint, "columns" | "text" | "textCertain" | "expression" | "doubtful">,
  origin: TableConstraint["origin"],
  range: TextRange,
): Outcome {
  const table = relationById(catalog, tableId);
  if (table === null) return applied(catalog);
  const column = implied.columns.length === 1 ? (implied.columns[0] ?? null) : null;
  const name = chooseConstraintName(catalog, table.schema, table.name, column, "check", new Set());
  const check = impliedConstraint("check", name, implied.columns, origin, implied);
  return storeAndRecurse(catalog, tableId, check, { merge: false, local: true }, false, range);
}

interface Storing {
  /** Whether a constraint of the same name and text is merged with it: else it is a duplicate. */
  readonly merge: boolean;
  /** Defined on the table itself; else inherited from a parent. */
  readonly local: boolean;
}

function storeAndRecurse(
  catalog: Catalog,
  tableId: RelationId,
  check: TableConstraint,
  storing: Storing,
  only: boolean,
  range: TextRange,
): Outcome {
  const stored = storeCheck(catalog, tableId, check, storing, range);
  const table = relationById(catalog, tableId);
  if (stored.kind === "rejected" || check.noInherit || table === null || !hasChildren(table)) return stored;
  if (only) {
    return rejected("inherited-change", "42P16", "constraint must be added to child tables too", range);
  }
  const inherited = { ...check, local: false, inheritedFrom: 1 };
  return withDeclined(
    applyToChildren(stored.catalog, childrenOf(stored.catalog, table), (current, child) =>
      storeAndRecurse(current, child.id, inherited, { merge: true, local: false }, false, range),
    ),
    stored.declined,
  );
}

function analyzeCheck(
  catalog: Catalog,
  tableId: RelationId,
  written: Constraint,
  context: ApplyContext,
): { readonly kind: "check"; readonly check: TableConstraint; readonly declined: readonly string[] } | Outcome {
  const table = relationById(catalog, tableId);
  if (table === null || written.expression === null) return applied(catalog);
  const analysis = analyzeExpression(written.expression, {
    catalog,
    context,
    table: table.name,
    columns: table.columns,
    allColumns: table.knowledge === "full",
    place: "check constraints",
  });
  if (analysis.kind === "fault") {
    const { sqlstate, message, detail, hint, range } = analysis;
    return rejected("statement-rejected", sqlstate, message, range, { detail, hint });
  }
  const { type } = analysis;
  if (type?.kind === "base" && type.name !== "bool") {
    return refuse("42804", `argument of CHECK must be type boolean, not type ${formatTypeName(type)}`, written.range);
  }
  const name =
    written.name?.name ??
    chooseConstraintName(
      catalog,
      table.schema,
      table.name,
      analysis.columns.length === 1 ? (analysis.columns[0] ?? null) : null,
      "check",
      new Set(),
    );
  const check = tableConstraint(written, "check", name, context, { ...checkText(analysis) });
  return { kind: "check", check, declined: [] };
}

/** `MergeWithExistingConstraint`, then `StoreRelCheck`. */
function storeCheck(
  catalog: Catalog,
  tableId: RelationId,
  check: TableConstraint,
  storing: Storing,
  range: TextRange,
): Outcome {
  const table = relationById(catalog, tableId);
  if (table === null) return applied(catalog);
  if (check.noInherit && isPartitioned(table)) {
    const message = `cannot add NO INHERIT constraint to partitioned table "${table.name}"`;
    return regarding(rejected("inherited-change", "42P16", message, range), table);
  }
  const existing = constraintNamed(table, check.name);
  if (existing === null) return applied(withRelation(catalog, withConstraint(table, check)));
  if (existing.doubtful === true) {
    return applied(
      withRelation(catalog, replaceConstraint(table, check.name, check)),
      `whether constraint "${check.name}" of "${table.name}" exists already is not known`,
    );
  }
  const same = existing.type === "check" ? sameCheck(existing, check) : false;
  if (same === null) {
    return applied(catalog, `whether constraint "${check.name}" of "${table.name}" is the same cannot be told`);
  }
  // A local constraint on top of one that is only inherited is no duplicate, except on a partition.
  const inheritedOnly = storing.local && !existing.local && table.partitionOf === null;
  const mergeable = same && (storing.merge || inheritedOnly);
  const refusal = mergeRefusal(table, existing, check, { mergeable, local: storing.local }, range);
  if (refusal !== null) return regarding(refusal, table);
  const enforces = check.enforced && !existing.enforced;
  const merged: TableConstraint = storing.local
    ? { ...existing, local: true, ...(enforces ? { enforced: true, validated: true } : {}) }
    : table.partitionOf !== null
      ? { ...existing, local: false, inheritedFrom: 1 }
      : { ...existing, inheritedFrom: existing.inheritedFrom + 1 };
  return applied(withRelation(catalog, replaceConstraint(table, check.name, merged)));
}

function mergeRefusal(
  table: Relation,
  existing: TableConstraint,
  check: TableConstraint,
  { mergeable, local }: { readonly mergeable: boolean; readonly local: boolean },
  range: TextRange,
): Refusal | null {
  if (!mergeable) {
    return refuse("42710", `constraint "${check.name}" for relation "${table.name}" already exists`, range);
  }
  const conflict = (kind: string): Refusal =>
    refuse("42P17", `constraint "${check.name}" conflicts with ${kind} constraint on relation "${table.name}"`, range);
  if (existing.noInherit) return conflict("non-inherited");
  if (existing.inheritedFrom > 0 && check.noInherit) return conflict("inherited");
  if (check.validated && existing.enforced && !existing.validated) return conflict("NOT VALID");
  // A child may enforce what its parent does not.
  if (local ? existing.enforced && !check.enforced : check.enforced && !existing.enforced)
    return conflict("NOT ENFORCED");
  return null;
}

function refuse(sqlstate: string, message: string, range: TextRange): Refusal {
  return rejected("statement-rejected", sqlstate, message, range);
}
