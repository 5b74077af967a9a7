/** ON CONFLICT when it runs: what PostgreSQL refuses while it looks for rows in the way. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { InsertQuery } from "../../syntax/query.ts";
import { type Refusal, rejected } from "../outcome.ts";
import type { Row } from "./insert-rows.ts";
import { isSameKey, keyOf, mostRows } from "./known-rows.ts";

/** A row that its leaf takes. */
export interface TakenRow {
  readonly row: Row;
  readonly leaf: RelationId;
}

/**
 * The refusal of the last of these rows, all of which come to a leaf; null where there is none, or where it cannot be told.
 * @param arbiters the indexes in which a row may be in the way; null for all
 */
export function refuseConflict(
  catalog: Catalog,
  { onConflict }: InsertQuery,
  table: Relation,
  arbiters: readonly Relation[] | null,
  rows: readonly TakenRow[],
): Refusal | null {
  const last = rows.at(-1);
  if (onConflict === null || last === undefined || rows.length > mostRows || table.rules.length > 0) return null;
  const leaf = relationById(catalog, last.leaf);
  if (table.triggers.length > 0 || leaf === null || leaf.triggers.length > 0) return null;
  const unique = (arbiters ?? table.indexes.flatMap((id) => relationById(catalog, id) ?? []))
    .filter(({ index }) => index?.unique === true || index?.definition?.constraint === "exclude")
    .sort((a, b) => a.id - b.id);
  const [first] = unique;
  // They are looked at in order, and a row in the way ends the search.
  if (first?.index?.definition?.deferrable === true && first.doubtful !== true) {
    const message = "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters";
    return rejected("conflict-without-key", "55000", message, onConflict.range);
  }
  const [arbiter, ...others] = arbiters ?? [];
  if (onConflict.action !== "update" || onConflict.where !== null || others.length > 0) return null;
  const key = arbiter?.index == null ? null : keyOf(arbiter.index);
  const isKept = key?.every((name) => onConflict.assignments.every(({ column }) => column.name !== name)) === true;
  if (key === null || !isKept) return null;
  const isTwice = rows
    .slice(0, -1)
    .some(({ row, leaf: id }) => id === last.leaf && isSameKey(key, row.values, last.row.values));
  if (!isTwice) return null;
  return rejected("conflict-without-key", "21000", twice, last.row.range, {
    hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
  });
}

const twice = "ON CONFLICT DO UPDATE command cannot affect row a second time";
