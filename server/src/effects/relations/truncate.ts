/** TRUNCATE and COPY: what they refuse of partitioned tables, views, and tables that foreign keys refer to. */

import { type Catalog, dependentsOf, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Copy, PlacedStatement, Truncate } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { emptyTables } from "../queries/changed-rows.ts";
import { copyRows } from "../queries/copy-rows.ts";
import { withoutRowsWritten } from "../queries/written-rows.ts";
import { columnNamed } from "./constraint-shape.ts";
import { descendantsOf } from "./descendants.ts";
import { lookUpRelation, relationMissing } from "./lookup.ts";

/** Applies TRUNCATE and COPY; null for any other statement. */
export function applyTruncate(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind === "truncate") return truncate(catalog, statement, context);
  return statement.kind === "copy" ? copy(catalog, statement, context) : null;
}

function truncate(catalog: Catalog, statement: Truncate, context: ApplyContext): Outcome {
  const emptied = new Map<RelationId, Relation>();
  for (const name of statement.relations) {
    const found = lookUpRelation(catalog, name);
    if (found.kind === "absent") return relationMissing(catalog, name);
    if (found.kind === "unknown") continue;
    const { relation } = found;
    if (!["table", "partitioned-table", "foreign-table"].includes(relation.kind) && relation.knowledge !== "assumed") {
      return rejected("statement-rejected", "42809", `"${relation.name}" is not a table`, name.range);
    }
    if (name.only && relation.kind === "partitioned-table") {
      return rejected("inherited-change", "42809", "cannot truncate only a partitioned table", name.range, {
        hint: `Do not specify the ONLY keyword, or use ${context.version < 11 ? "truncate only" : "TRUNCATE ONLY"} on the partitions directly.`,
      });
    }
    emptied.set(relation.id, relation);
    if (!name.only) for (const below of descendantsOf(catalog, relation)) emptied.set(below.id, below);
  }
  const referenced = statement.cascade ? null : referencedTable(catalog, statement, emptied, context);
  if (referenced !== null) return referenced;
  return applied(emptyTables(catalog, [...emptied.values()]));
}

/** `heap_truncate_check_FKs`: of the tables that refer to one of those emptied, the oldest that is not emptied too. */
function referencedTable(
  catalog: Catalog,
  statement: Truncate,
  emptied: ReadonlyMap<RelationId, Relation>,
  context: ApplyContext,
): Refusal | null {
  for (const relation of emptied.values()) {
    const other = referrersOf(catalog, relation, context)
      .filter(({ id }) => !emptied.has(id))
      .sort((a, b) => a.id - b.id)[0];
    if (other === undefined) continue;
    const refusal = rejected(
      "statement-rejected",
      "0A000",
      "cannot truncate a table referenced in a foreign key constraint",
      statement.relations[0]?.range ?? { start: 0, end: 0 },
      {
        detail: `Table "${other.name}" references "${relation.name}".`,
        hint: `Truncate table "${other.name}" at the same time, or use TRUNCATE ... CASCADE.`,
      },
    );
    return regarding(refusal, relation, other);
  }
  return null;
}

/** The tables with a foreign key to a table, or to one that it is a partition of. */
function referrersOf(catalog: Catalog, table: Relation, context: ApplyContext): readonly Relation[] {
  return selfAndAbove(catalog, table).flatMap((target) =>
    [...dependentsOf(catalog, target.id), target.id].flatMap((id) => {
      const other = relationById(catalog, id);
      const key = other?.constraints.find(({ references }) => references?.relation === target.id);
      if (other?.knowledge !== "full" || key === undefined || key.doubtful === true) return [];
      // PostgreSQL 12 does not look for partitions that refer to their own root.
      const isOwn = selfAndAbove(catalog, other).some(({ id: above }) => above === target.id);
      return isOwn && context.version < 13 ? [] : [other];
    }),
  );
}

/** A table and those that it is a partition of, from the bottom up. */
function selfAndAbove(catalog: Catalog, table: Relation): readonly Relation[] {
  const parent = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  return parent === null ? [table] : [table, ...selfAndAbove(catalog, parent)];
}

/** `CopyGetAttnums` */
function refuseColumnList(relation: Relation, columns: Copy["columns"]): Refusal | null {
  for (const [index, { name, range }] of columns.entries()) {
    const column = columnNamed(relation, name);
    if (column === null) {
      const message = `column "${name}" of relation "${relation.name}" does not exist`;
      return rejected("statement-rejected", "42703", message, range);
    }
    if (column.generated !== null) {
      return rejected("statement-rejected", "42P10", `column "${name}" is a generated column`, range, {
        detail: "Generated columns cannot be used in COPY.",
      });
    }
    if (columns.findIndex((other) => other.name === name) < index) {
      return rejected("statement-rejected", "42701", `column "${name}" specified more than once`, range);
    }
  }
  return null;
}

function copy(catalog: Catalog, statement: Copy, context: ApplyContext): Outcome {
  const name = statement.relation;
  if (name === null) return applied(statement.query === null ? catalog : withoutRowsWritten(catalog, statement.query));
  const found = lookUpRelation(catalog, name);
  if (found.kind === "absent") return relationMissing(catalog, name);
  if (found.kind === "unknown" || found.relation.knowledge === "assumed") return applied(catalog);
  const { relation } = found;
  if (relation.knowledge === "full" && relation.columns.length > 0) {
    const wrong = refuseColumnList(relation, statement.columns);
    if (wrong !== null) return regarding(wrong, relation);
  }
  const refuse = (message: string, hint?: string): Refusal =>
    regarding(rejected("statement-rejected", "42809", message, name.range, { hint }), relation);
  if (statement.direction === "to") {
    const hint = "Try the COPY (SELECT ...) TO variant.";
    if (relation.kind === "partitioned-table" && context.version <= 18) {
      return refuse(`cannot copy from partitioned table "${relation.name}"`, hint);
    }
    if (relation.kind === "view") return refuse(`cannot copy from view "${relation.name}"`, hint);
    if (relation.kind === "foreign-table") return refuse(`cannot copy from foreign table "${relation.name}"`, hint);
    if (relation.kind === "sequence") return refuse(`cannot copy from sequence "${relation.name}"`);
    return applied(catalog);
  }
  if (relation.kind === "view" && !relation.triggers.some((trigger) => trigger.timing === "instead-of")) {
    return refuse(
      `cannot copy to view "${relation.name}"`,
      "To enable copying to a view, provide an INSTEAD OF INSERT trigger.",
    );
  }
  if (relation.kind === "sequence") return refuse(`cannot copy to sequence "${relation.name}"`);
  if (relation.kind === "materialized-view") return refuse(`cannot copy to materialized view "${relation.name}"`);
  return relation.kind === "view" ? applied(catalog) : copyRows(catalog, statement, relation, context);
}
