/** CREATE INDEX. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { CreateIndex, PlacedStatement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";
import { mayHoldMoreThan } from "../queries/kept-rows.ts";
import { rowsAreDistinct } from "../queries/known-rows.ts";
import { defineIndex } from "./define-index.ts";
import { descendantsOf } from "./descendants.ts";
import { isFallible } from "./fallible.ts";
import { lookUpRelation, relationMissing } from "./lookup.ts";
import { refuseInTransaction } from "./outside-transaction.ts";

/** Applies CREATE INDEX; null for any other statement. */
export function applyCreateIndex(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  return statement.kind === "create-index" ? createIndex(catalog, statement, context) : null;
}

function createIndex(catalog: Catalog, create: CreateIndex, context: ApplyContext): Outcome {
  const { range } = create.relation;
  if (create.concurrently) {
    const refusal = refuseInTransaction("CREATE INDEX CONCURRENTLY", range, context);
    if (refusal !== null) return refusal;
  }
  const found = lookUpRelation(catalog, create.relation);
  if (found.kind === "absent") return relationMissing(catalog, create.relation);
  if (found.kind === "unknown") return applied(catalog, `table "${create.relation.name}" is not known`);
  const table = found.relation;
  const foreign = foreignPartition(catalog, table, create);
  if (foreign !== null) return foreign;
  if (create.concurrently && table.kind === "partitioned-table" && context.version >= 11) {
    const message = `cannot create index on partitioned table "${table.name}" concurrently`;
    return rejected("index-concurrently-partitioned", "0A000", message, range, {
      related: [{ relation: table.id, origin: table.origin, message: "the partitioned table is created here" }],
    });
  }
  return defineIndex(
    catalog,
    table.id,
    {
      name: create.name,
      unique: create.unique,
      constraint: null,
      method: create.method,
      items: create.columns,
      operators: [],
      include: create.include.map((column) => column.name),
      where: create.where,
      nullsNotDistinct: create.nullsNotDistinct,
      deferrable: false,
      ifNotExists: create.ifNotExists,
      range,
    },
    {
      recurse: !create.relation.only,
      attachTo: null,
      doubtful:
        (create.unique && !rowsAreDistinct(catalog, table)) ||
        isPerhapsRefusedByRows(catalog, table, create) ||
        create.columns.some(({ hasParameters }) => hasParameters === true),
    },
    context,
  );
}

/** Whether the index computes something of rows that the script may have put there, and may fail at one of them. */
function isPerhapsRefusedByRows(catalog: Catalog, table: Relation, { columns, where }: CreateIndex): boolean {
  const computed = [...columns.map(({ expression }) => expression), where];
  return (
    computed.some((expression) => expression !== null && isFallible(expression)) && mayHoldMoreThan(0, catalog, table)
  );
}

/** A unique index cannot be had on foreign tables, so not above them either. */
function foreignPartition(catalog: Catalog, table: Relation, create: CreateIndex): Refusal | null {
  if (!create.unique || create.relation.only || !isPartitioned(table)) return null;
  const foreign = descendantsOf(catalog, table).find((partition) => partition.kind === "foreign-table");
  if (foreign === undefined || relationById(catalog, foreign.id) === null) return null;
  const message = `cannot create unique index on partitioned table "${table.name}"`;
  return rejected("statement-rejected", "42809", message, create.relation.range, {
    detail: `Table "${table.name}" contains partitions that are foreign tables.`,
  });
}
