/** From the rows of `pg_index` to the statements that make the same indexes, those of partitioned tables with their partitions'. */

import { quoteQualifiedName } from "../syntax/names.ts";
import type { Row } from "./connection.ts";

interface IndexRow {
  readonly id: string;
  readonly name: string;
  readonly qualifiedName: string;
  /** As `pg_get_indexdef` prints it: of a partitioned table's index always `ON ONLY`. */
  readonly definition: string;
  /** The index of the parent table that this one belongs to. */
  readonly parent: string | null;
  readonly isPartitioned: boolean;
  readonly isValid: boolean;
  /** Whether it has the name that PostgreSQL would have chosen for it. */
  readonly isNamedByDefault: boolean;
  /** Whether the statement of a constraint makes it. */
  readonly isOfConstraint: boolean;
}

/**
 * In an order in which each statement finds what it needs, once the tables and their constraints are there. An index of a
 * partitioned table is made with all that belong to it in one statement where PostgreSQL would name and link them so; else
 * one by one, as `pg_dump` does.
 * @param rows of `CatalogQueries.indexes`
 * @param made the ids of indexes that are there already: neither they nor what belongs to them is made
 */
export function indexStatements(rows: readonly Row[], made: ReadonlySet<unknown>): readonly string[] {
  const indexes = rows.map(indexRow);
  const ids = new Set(indexes.map(({ id }) => id));
  const children = new Map<string, IndexRow[]>();
  for (const index of indexes) {
    if (index.parent === null) continue;
    const siblings = children.get(index.parent);
    if (siblings === undefined) children.set(index.parent, [index]);
    else siblings.push(index);
  }
  return indexes
    .filter(({ id, parent }) => (parent === null || !ids.has(parent)) && !made.has(id))
    .flatMap((root) => treeStatements(root, children, made));
}

/** Whether the index stands for itself: it is not made by, or made for, the index of a parent table. */
export function isIndexOfItsOwn(row: Row): boolean {
  return row["parent"] === null;
}

function treeStatements(
  root: IndexRow,
  children: ReadonlyMap<string, readonly IndexRow[]>,
  made: ReadonlySet<unknown>,
): readonly string[] {
  if (!root.isPartitioned) return [root.definition];
  const below: { readonly parent: IndexRow; readonly index: IndexRow }[] = [];
  // The queue grows while it is walked, so parents come before what belongs to them.
  const queue = [root];
  for (const parent of queue) {
    for (const index of children.get(parent.id) ?? []) {
      below.push({ parent, index });
      queue.push(index);
    }
  }
  const isPlain = below.every(({ index }) => index.isNamedByDefault && !index.isOfConstraint && !made.has(index.id));
  if (root.isValid && isPlain) return [withPartitions(root)];
  return [
    root.definition,
    ...below.flatMap(({ index }) => (index.isOfConstraint || made.has(index.id) ? [] : [index.definition])),
    ...below.map(({ parent, index }) => `ALTER INDEX ${parent.qualifiedName} ATTACH PARTITION ${index.qualifiedName}`),
  ];
}

/** The definition without ONLY. */
function withPartitions({ name, definition }: IndexRow): string {
  const only = definition.indexOf(" ON ONLY ", definition.indexOf(" INDEX ") + name.length);
  return only === -1 ? definition : `${definition.slice(0, only)} ON ${definition.slice(only + " ON ONLY ".length)}`;
}

function indexRow(row: Row): IndexRow {
  const name = String(row["name"]);
  return {
    id: String(row["id"]),
    name,
    qualifiedName: quoteQualifiedName(String(row["schema"]), name),
    definition: String(row["definition"]),
    parent: (row["parent"] as string | null) ?? null,
    isPartitioned: row["is_partitioned"] === true,
    isValid: row["is_valid"] === true,
    isNamedByDefault: row["is_named_by_default"] === true,
    isOfConstraint: row["is_of_constraint"] === true,
  };
}
