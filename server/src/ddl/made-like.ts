/** A table made like another one, as the replay of a statement that nobody wrote leaves it; or what PostgreSQL refuses of it. */

import { type Catalog, findRelation, withoutRelation } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { createTable } from "../effects/relations/create-table.ts";
import { madeTable } from "../syntax/made-table.ts";
import type { PartitionBy } from "../syntax/statement.ts";
import { handleAt } from "../syntax/statement-handle.ts";
import type { Failure, TableReference } from "./division.ts";
import type { WriterContext } from "./writer.ts";

/** By which columns a new table is to be partitioned. */
export interface PartitionColumns {
  readonly strategy: PartitionBy["strategy"];
  readonly columns: readonly string[];
}

/**
 * `CREATE TABLE made (LIKE model …)`: all that LIKE copies, identity only where the new table is partitioned, for what becomes a
 * partition must not have it. Where a table of the new one's name is there now, it is gone by then.
 */
export function madeLike(
  made: Pick<TableReference, "schema" | "name">,
  model: Relation,
  partitioned: PartitionColumns | null,
  { catalog, version, today }: Pick<WriterContext, "catalog" | "version" | "today">,
): { readonly table: Relation; readonly catalog: Catalog } | Failure {
  const range = { start: 0, end: 0 };
  const namesake = findRelation(catalog, made);
  const gone = namesake === null ? [] : [...behindOf(namesake).keys(), ...namesake.indexes, namesake.id];
  const source = { schema: model.schema, name: model.name, only: false, range };
  const including = ["constraints", "defaults", "generated", "indexes", "statistics", "storage"] as const;
  const all = partitioned === null ? including : ([...including, "identity"] as const);
  const statement = madeTable(
    { schema: made.schema, name: made.name, only: false, range },
    {
      persistence: partitioned === null ? model.persistence : "permanent",
      elements: [{ kind: "like", source, including: all, range }],
      elementsRange: range,
      partitionBy: partitioned === null ? null : partitionBy(partitioned),
    },
  );
  const outcome = createTable(gone.reduce(withoutRelation, catalog), statement, {
    version,
    pathmanVersion: "auto",
    today,
    file: "",
    statement: handleAt(0),
    inTransaction: true,
    inFunction: false,
  });
  if (outcome.kind === "rejected") {
    const { message, detail } = outcome.rejection;
    return { message: detail === undefined ? message : `${message}: ${detail}` };
  }
  const id = outcome.catalog.names.getQualified(made.schema, made.name);
  const table = id === undefined ? undefined : outcome.catalog.relations.get(id);
  return table === undefined
    ? { message: `what LIKE makes of ${model.name} is not known here` }
    : { table, catalog: outcome.catalog };
}

function partitionBy({ strategy, columns }: PartitionColumns): PartitionBy {
  const range = { start: 0, end: 0 };
  const elements = columns.map((column) => ({
    column,
    expression: null,
    text: column,
    collation: null,
    operatorClass: null,
    range,
  }));
  return { strategy, elements, range };
}

/** The indexes of constraints, with the kinds of these. */
export function behindOf({ constraints }: Pick<Relation, "constraints">): ReadonlyMap<RelationId, string> {
  return new Map(constraints.flatMap(({ index, type }) => (index === null ? [] : [[index, type] as const])));
}
