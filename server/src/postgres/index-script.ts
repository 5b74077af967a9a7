/** From the rows of `pg_index` to the statements that make the same indexes, those of partitioned tables with their partitions'. */

import { quoteQualifiedName } from "../syntax/names.ts";
import type { Row } from "./connection.ts";

interface IndexRow {
  readonly id: string;
  readonly name: string;
  readonly qualifiedName: string;
  /** As `pg_get_indexdef` prints it: of a partitioned table's index always `ON ONLY`; null where it was not asked for. */
  readonly definition: string | null;
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
  const { roots, children } = treesOf(rows);
  return roots.filter(({ id }) => !made.has(id)).flatMap((root) => treeStatements(root, children, made));
}

/** The ids of the indexes whose definitions were not asked for, and are wanted: those of trees that are made one by one. */
export function definitionsWanted(rows: readonly Row[]): readonly string[] {
  if (rows.every(({ definition }) => typeof definition === "string")) return [];
  const { roots, children } = treesOf(rows);
  return roots.flatMap((root) => {
    const below = root.isPartitioned ? belowOf(root, children) : [];
    if (isMadeAtOnce(root, below, new Set())) return [];
    return [root, ...below.map(({ index }) => index)].flatMap(({ id, definition }) => (definition === null ? id : []));
  });
}

type Children = ReadonlyMap<string, readonly IndexRow[]>;

function treesOf(rows: readonly Row[]): { readonly roots: readonly IndexRow[]; readonly children: Children } {
  const indexes = rows.map(indexRow);
  const ids = new Set(indexes.map(({ id }) => id));
  const children = new Map<string, IndexRow[]>();
  for (const index of indexes) {
    if (index.parent === null) continue;
    const siblings = children.get(index.parent);
    if (siblings === undefined) children.set(index.parent, [index]);
    else siblings.push(index);
  }
  return { roots: indexes.filter(({ parent }) => parent === null || !ids.has(parent)), children };
}

/** Whether the index stands for itself: it is not made by, or made for, the index of a parent table. */
export function isIndexOfItsOwn(row: Row): boolean {
  return row["parent"] === null;
}

function treeStatements(root: IndexRow, children: Children, made: ReadonlySet<unknown>): readonly string[] {
  if (!root.isPartitioned) return [definitionOf(root)];
  const below = belowOf(root, children);
  if (isMadeAtOnce(root, below, made)) return [withPartitions(root)];
  return [
    definitionOf(root),
    ...below.flatMap(({ index }) => (index.isOfConstraint || made.has(index.id) ? [] : [definitionOf(index)])),
    ...below.map(({ parent, index }) => `ALTER INDEX ${parent.qualifiedName} ATTACH PARTITION ${index.qualifiedName}`),
  ];
}

interface Below {
  readonly parent: IndexRow;
  readonly index: IndexRow;
}

function belowOf(root: IndexRow, children: Children): readonly Below[] {
  const below: Below[] = [];
  // The queue grows while it is walked, so parents come before what belongs to them.
  const queue = [root];
  for (const parent of queue) {
    for (const index of children.get(parent.id) ?? []) {
      below.push({ parent, index });
      queue.push(index);
    }
  }
  return below;
}

/** Whether one statement makes the index and all that belong to it, as they are and under their names. */
function isMadeAtOnce(root: IndexRow, below: readonly Below[], made: ReadonlySet<unknown>): boolean {
  return (
    root.isPartitioned &&
    root.isValid &&
    below.every(({ index }) => index.isNamedByDefault && !index.isOfConstraint && !made.has(index.id))
  );
}

function definitionOf({ definition }: IndexRow): string {
  return definition ?? "";
}

/** The definition without ONLY. */
function withPartitions(index: IndexRow): string {
  const [name, definition] = [index.name, definitionOf(index)];
  const only = definition.indexOf(" ON ONLY ", definition.indexOf(" INDEX ") + name.length);
  return only === -1 ? definition : `${definition.slice(0, only)} ON ${definition.slice(only + " ON ONLY ".length)}`;
}

function indexRow(row: Row): IndexRow {
  const name = String(row["name"]);
  return {
    id: String(row["id"]),
    name,
    qualifiedName: quoteQualifiedName(String(row["schema"]), name),
    definition: typeof row["definition"] === "string" ? row["definition"] : null,
    parent: (row["parent"] as string | null) ?? null,
    isPartitioned: row["is_partitioned"] === true,
    isValid: row["is_valid"] === true,
    isNamedByDefault: row["is_named_by_default"] === true,
    isOfConstraint: row["is_of_constraint"] === true,
  };
}
