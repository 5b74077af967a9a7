/** Where a statement gives a table a place among the partitions of another. */

import type { RelationName } from "../../syntax/names.ts";
import type { BoundDatum, BoundSpecification, Statement } from "../../syntax/statement.ts";

export interface Placement {
  readonly how: "create" | "attach";
  readonly parent: RelationName;
  readonly partition: RelationName;
  readonly bound: BoundSpecification;
}

/** The placements of a statement, in order; empty for all but CREATE TABLE … PARTITION OF and ATTACH PARTITION. */
export function placementsOf(statement: Statement): readonly Placement[] {
  if (statement.kind === "create-table") {
    const { name, partitionOf } = statement;
    return partitionOf === null ? [] : [{ how: "create", partition: name, ...partitionOf }];
  }
  if (statement.kind !== "alter-table") return [];
  return statement.actions.flatMap((action) =>
    action.kind === "attach-partition"
      ? [{ how: "attach" as const, parent: statement.relation, partition: action.partition, bound: action.bound }]
      : [],
  );
}

/** The two sides of a range bound, or none. */
export function sidesOf(
  bound: BoundSpecification,
): readonly { readonly side: "FROM" | "TO"; readonly datums: readonly BoundDatum[] }[] {
  if (bound.kind !== "range") return [];
  return [
    { side: "FROM", datums: bound.from },
    { side: "TO", datums: bound.to },
  ];
}
