/** SPLIT PARTITION and MERGE PARTITIONS in the statements that PostgreSQL had before 19: the same partitions, no row lost. */

import { type Catalog, findRelation, parentOf } from "../../catalog/catalog.ts";
import { freshName } from "../../catalog/partition-names.ts";
import type { Relation } from "../../catalog/relation.ts";
import { spellBound } from "../../catalog/written-bound.ts";
import { rowColumns, sameColumnsAs } from "../../ddl/declarative/carry-over.ts";
import { writeName } from "../../ddl/writer.ts";
import { applyStatement } from "../../effects/apply-statement.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { RejectionContext } from "../rule.ts";
import { boundCondition } from "./bound-condition.ts";

/**
 * The statements that do the same in the target version, without the last semicolon; null where PostgreSQL 19 would refuse the
 * statement too, or where the rows of the new partitions cannot be told apart by a condition on one column.
 */
export function statementsBefore19({ step, text, options }: RejectionContext): string | null {
  const { statement } = step.statement;
  const action = statement.kind === "alter-table" ? statement.actions[0] : undefined;
  if (action?.kind !== "split-partition" && action?.kind !== "merge-partitions") return null;
  const inTransaction = step.transaction.state !== "autocommit";
  const outcome = applyStatement(step.before, step.statement, {
    ...options,
    version: 19,
    file: step.file,
    statement: step.handle,
    inTransaction,
    inFunction: false,
    text,
  });
  if (outcome.kind === "rejected" || outcome.declined.length > 0) return null;
  const written = action.kind === "split-partition" ? [action.partition] : action.partitions;
  const names = action.kind === "split-partition" ? action.into.map(({ name }) => name) : [action.into];
  const olds = written.flatMap((name) => findRelation(step.before, name) ?? []);
  const news = names.flatMap((name) => findRelation(outcome.catalog, name) ?? []);
  const parent = olds[0] === undefined ? null : parentOf(step.before, olds[0]);
  if (parent === null || news.some(({ partitionOf }) => partitionOf?.parent !== parent.id)) return null;
  const statements = replacing({ catalog: step.before, parent, olds, news });
  if (statements === null) return null;
  return (inTransaction ? statements : ["BEGIN", ...statements, "COMMIT"]).join(";\n");
}

interface Replacement {
  readonly catalog: Catalog;
  readonly parent: Relation;
  readonly olds: readonly Relation[];
  /** As PostgreSQL 19 would leave them. */
  readonly news: readonly Relation[];
}

function replacing({ catalog, parent, olds, news }: Replacement): readonly string[] | null {
  const conditions = conditionsOf({ catalog, parent, olds, news });
  const key = parent.partitioning?.key;
  const [first] = olds;
  if (conditions === null || key === undefined || first === undefined) return null;
  const table = writeName(catalog, parent);
  const columns = rowColumns(first);
  const statements = olds.map((old) => `ALTER TABLE ${table} DETACH PARTITION ${writeName(catalog, old)}`);
  const sources = olds.map((old): string => {
    if (!news.some(({ schema, name }) => schema === old.schema && name === old.name)) return writeName(catalog, old);
    const aside = { schema: old.schema, name: freshName(catalog, old.schema, `${old.name}_old`, new Set()) };
    statements.push(`ALTER TABLE ${writeName(catalog, old)} RENAME TO ${quoteIdentifier(aside.name)}`);
    return writeName(catalog, aside);
  });
  for (const [index, part] of news.entries()) {
    const name = writeName(catalog, part);
    const where = conditions[index] === undefined ? "" : ` WHERE ${conditions[index]}`;
    const bound = part.partitionOf === null ? "DEFAULT" : spellBound(part.partitionOf.bound, key, catalog.settings);
    statements.push(`CREATE TABLE ${name} (LIKE ${sources[0]} ${sameColumnsAs()})`);
    for (const source of sources)
      statements.push(`INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${source}${where}`);
    statements.push(`ALTER TABLE ${table} ATTACH PARTITION ${name} ${bound}`);
  }
  return [...statements, `DROP TABLE ${sources.join(", ")}`];
}

/** Which rows of the old partitions belong to each new one; empty where there is only one; null where it cannot be said. */
function conditionsOf({ catalog, parent, news }: Replacement): readonly string[] | null {
  if (news.length === 1) return [];
  const key = parent.partitioning?.key;
  if (key === undefined) return null;
  const own = news.map(({ partitionOf }) =>
    partitionOf === null || partitionOf.bound.kind === "default"
      ? "default"
      : boundCondition(partitionOf.bound, key, catalog.settings),
  );
  if (own.includes(null)) return null;
  const others = own.flatMap((condition) => (condition === "default" ? [] : [`(${condition})`])).join(" OR ");
  return own.map((condition) => (condition === "default" ? `(${others}) IS NOT TRUE` : String(condition)));
}
