/** A CREATE TABLE of which the columns and constraints are settled, and the relation is not there yet. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Column, Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { Constraint } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";

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
  /** The sources of LIKE whose constraints and indexes are copied, with what is. */
  readonly likes: readonly { readonly source: RelationId; readonly indexes: boolean; readonly range: TextRange }[];
  /** Columns with a sequence of their own: serial and identity. */
  readonly sequences: readonly OwnSequence[];
  /** `assumed` where a parent, a LIKE source or the type of OF is not known: there may be more columns. */
  readonly knowledge: "full" | "assumed";
  /** Columns that come from another relation which may have changed: their types are not certain. */
  readonly unsure: ReadonlySet<string>;
  readonly declined: readonly string[];
}

/** The sequence of a serial or identity column, and the name that it is given, perhaps behind its schema. */
export interface OwnSequence {
  readonly column: string;
  readonly name?: readonly string[] | undefined;
}
