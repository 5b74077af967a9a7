/** The rows of a set as far as the script shows them: which is the newest, which is the largest, and whether there are any. */

import type { KnownRows } from "../../catalog/catalog.ts";
import { relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { rowsOf } from "../../effects/queries/kept-rows.ts";
import { descendantsOf } from "../../effects/relations/descendants.ts";
import { type PartmanSet, pointOf } from "./partition-set.ts";
import type { Session } from "./session.ts";

/** The points of the rows of a table and all below it (`only`: of itself), in the order in which they were stored; declines where not all are known. */
export function pointsIn(session: Session, set: PartmanSet, table: Relation, only = false): readonly bigint[] {
  return storing(session, table, only).flatMap((leaf) => {
    const known = knownIn(session, leaf);
    return known.rows.flatMap((row) => {
      const value = row.get(set.control);
      if (value === null) return [];
      const point = value === undefined ? null : pointOf(session, set, value);
      return point ?? session.work.decline(`which values the rows of ${leaf.name} have is not known`);
    });
  });
}

/** The largest number in a column of a table and all below it; null where there is no row. */
export function largestIn(session: Session, table: Relation, column: string, only = false): bigint | null {
  let largest: bigint | null = null;
  for (const leaf of storing(session, table, only)) {
    for (const row of knownIn(session, leaf).rows) {
      const value = row.get(column);
      if (value === null) continue;
      const number =
        value?.family === "integer"
          ? value.value
          : value?.family === "numeric" && "digits" in value
            ? value.digits / 10n ** BigInt(value.scale)
            : session.work.decline(`which values the rows of ${leaf.name} have is not known`);
      if (largest === null || number > largest) largest = number;
    }
  }
  return largest;
}

function storing({ work: { catalog } }: Session, table: Relation, only: boolean): readonly Relation[] {
  const current = relationById(catalog, table.id) ?? table;
  return [current, ...(only ? [] : descendantsOf(catalog, current))].filter(({ kind }) => kind !== "partitioned-table");
}

function knownIn(session: Session, leaf: Relation): KnownRows {
  const known = rowsOf(session.work.catalog, leaf);
  if (!known.complete) session.work.decline(`which rows ${leaf.name} holds is not known`);
  return known;
}
