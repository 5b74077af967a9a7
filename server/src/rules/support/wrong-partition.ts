/** A row that is inserted into a partition it does not belong to: which one takes it, if the table itself is asked. */

import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { writeName } from "../../ddl/writer.ts";
import { applyStatement } from "../../effects/apply-statement.ts";
import type { InsertQuery } from "../../syntax/query.ts";
import { standingAlone } from "../../syntax/units.ts";
import type { RejectionContext, RuleFix } from "../rule.ts";
import { replacement } from "./fixes.ts";

export interface WrongPartition {
  readonly advice: string;
  readonly fixes: readonly RuleFix[];
}

/** null where the row was not inserted into a partition by its name. */
export function wrongPartition(context: RejectionContext): WrongPartition | null {
  const { step, rejection } = context;
  const { statement } = step.statement;
  if (!/violates partition constraint$/.test(rejection.message)) return null;
  if (statement.kind !== "query" || statement.query.kind !== "insert") return null;
  const { query } = statement;
  const partition = findRelation(step.before, query.target);
  const table = partition === null ? null : topOf(step.before, partition);
  if (table === null || table === partition) return null;
  const taker = takerOf(context, query, table);
  const advice =
    taker === null
      ? `The row does not belong to "${query.target.name}": insert it into "${table.name}", which finds its partition.`
      : `The row belongs to "${taker}": insert it into "${table.name}", which finds its partition.`;
  if (taker === null) return { advice, fixes: [] };
  const name = writeName(step.before, table);
  return {
    advice,
    fixes: [replacement(`Insert into "${table.name}"`, step.handle, query.target.range, name, { preferred: true })],
  };
}

function topOf(catalog: Catalog, partition: Relation): Relation {
  const parent = partition.partitionOf === null ? null : relationById(catalog, partition.partitionOf.parent);
  return parent === null ? partition : topOf(catalog, parent);
}

/** The partition that gets rows where the statement names the table instead; null where that would be refused, or is not known. */
function takerOf({ step, options, text }: RejectionContext, query: InsertQuery, table: Relation): string | null {
  const { statement } = step.statement;
  if (statement.kind !== "query") return null;
  const target = { ...query.target, schema: table.schema, name: table.name };
  const placed = { ...standingAlone(step.statement), statement: { ...statement, query: { ...query, target } } };
  const inTransaction = step.transaction.state !== "autocommit";
  const context = { ...options, file: step.file, statement: step.handle, inTransaction, inFunction: false, text };
  const outcome = applyStatement(step.before, placed, context);
  if (outcome.kind === "rejected" || outcome.declined.length > 0) return null;
  const names = new Set<string>();
  for (const [id, { rows }] of outcome.catalog.rows.entries()) {
    if (rows.length > (step.before.rows.get(id)?.rows.length ?? 0)) {
      const name = relationById(outcome.catalog, id)?.name;
      if (name !== undefined) names.add(name);
    }
  }
  return names.size === 1 ? ([...names][0] ?? null) : null;
}
