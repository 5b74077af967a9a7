/** ON CONFLICT names columns or a constraint that no unique index of the table stands for. */

import type { Catalog } from "../catalog/catalog.ts";
import { findRelation, relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { ConflictTarget, InsertQuery, Query } from "../syntax/query.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { replacement } from "./support/fixes.ts";
import { presentRejection } from "./support/present.ts";

export const conflictWithoutKey: Rule = {
  id: "conflict-without-key",
  severity: "error",
  summary: "ON CONFLICT names columns or a constraint that no unique index of the table stands for.",
  source: "https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT",
  present: (context) => {
    const { rejection } = context;
    return presentRejection(context, {
      advice: adviceFor(rejection.sqlstate, rejection.message),
      fixes: [...fixesFor(context)],
    });
  },
};

function adviceFor(sqlstate: string, message: string): string {
  if (/is ambiguous$/.test(message)) {
    return "The table and the row that was to be inserted both have the column: write the table's name or excluded in front of it.";
  }
  switch (sqlstate) {
    case "42P10":
      return "It needs a unique index on exactly these columns; that of a partitioned table has all columns of the partition key.";
    case "42704":
      return "Each partition's constraint has a name of its own: name that of the table which the INSERT names, or its columns.";
    default:
      return "";
  }
}

function* fixesFor({ step, rejection }: RejectionContext): Generator<RuleFix> {
  const { statement } = step.statement;
  const insert = statement.kind === "query" ? insertAt(statement.query, rejection.range.start) : null;
  const target = insert?.onConflict?.target ?? null;
  const table = insert === null ? null : findRelation(step.before, insert.target);
  if (target === null || table === null) return;
  if (rejection.sqlstate === "42P10" && target.kind === "columns") {
    const keys = keysWith(step.before, table, target);
    for (const columns of keys) {
      const list = `(${columns.map(quoteIdentifier).join(", ")})`;
      yield replacement(`Name all columns of the key: ${list}`, step.handle, target.range, list, {
        preferred: keys.length === 1,
      });
    }
  }
  if (rejection.sqlstate === "42704" && target.kind === "constraint") {
    const name = constraintAbove(step.before, table, target.name.name);
    if (name === null) return;
    yield replacement(`Name "${name}"`, step.handle, target.range, quoteIdentifier(name), { preferred: true });
  }
}

/** The INSERT whose ON CONFLICT holds the place. */
function insertAt(query: Query, offset: number): InsertQuery | null {
  for (const expression of query.with) {
    const found = insertAt(expression.query, offset);
    if (found !== null) return found;
  }
  if (query.kind !== "insert" || query.onConflict === null) return null;
  const { start, end } = query.onConflict.range;
  return start <= offset && offset <= end ? query : null;
}

/** The keys that have all columns of the target and more: those by which the same rows stay apart. */
function keysWith(
  catalog: Catalog,
  table: Relation,
  target: Extract<ConflictTarget, { kind: "columns" }>,
): readonly (readonly string[])[] {
  const written = target.elements.map(({ column }) => column);
  if (target.where !== null || written.includes(null)) return [];
  return table.indexes.flatMap((id) => {
    const index = relationById(catalog, id)?.index;
    if (index == null || !index.unique || !index.valid || index.predicate !== null) return [];
    const columns = index.columns.flatMap((column) => column ?? []);
    const isPlain = columns.length === index.columns.length && index.definition?.method === "btree";
    return isPlain && written.every((column) => index.columns.includes(column)) ? [columns] : [];
  });
}

/** The constraint of the table that one of its partitions has under the name. */
function constraintAbove(catalog: Catalog, table: Relation, name: string): string | null {
  for (const id of table.indexes) {
    const own = table.constraints.find(({ index }) => index === id);
    if (own !== undefined && partsOf(catalog, table, id).some((part) => part.name === name)) return own.name;
  }
  return null;
}

/** The indexes of partitions, at any depth, that are parts of an index. */
function partsOf(catalog: Catalog, table: Relation, indexId: number): readonly Relation[] {
  return [...(table.partitioning?.partitions.all.keys() ?? [])].flatMap((id) => {
    const partition = relationById(catalog, id);
    const parts = (partition?.indexes ?? []).flatMap((each) => relationById(catalog, each) ?? []);
    const part = parts.find(({ index }) => index?.attachedTo === indexId);
    return partition === null || part === undefined ? [] : [part, ...partsOf(catalog, partition, part.id)];
  });
}
