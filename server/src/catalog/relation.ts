/** The relations of a schema: tables, partitioned tables, foreign tables, views, sequences, indexes. */

import type { Expression } from "../syntax/expression.ts";
import type { SelectQuery } from "../syntax/query.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Uses, WriteEvent } from "../syntax/uses.ts";
import type { TextRange } from "../text/range.ts";
import type { ChildLayout, Registration } from "./child-parts.ts";
import type { DataType } from "./data-type.ts";
import type { ConstraintDoubt, RelationDoubt } from "./doubt.ts";
import type { IdMap } from "./id-map.ts";
import type { NamedList } from "./named-list.ts";
import type { Bound, Partitioning } from "./partitioning.ts";
import type { RelationId } from "./relation-id.ts";
import type { Shards } from "./shards.ts";

export type { RelationId } from "./relation-id.ts";

export type RelationKind =
  | "table"
  | "partitioned-table"
  | "foreign-table"
  | "view"
  | "materialized-view"
  | "sequence"
  | "composite-type"
  | "index"
  | "partitioned-index";

/** The query of a view. PostgreSQL stores it parsed: what its names mean is settled when the view is made. */
export interface ViewQuery {
  readonly query: SelectQuery;
  /** The names that CREATE VIEW gives its first columns. */
  readonly outputs: readonly string[];
  /** Columns that were given other names, where the view's columns are not known: by their first names. */
  readonly renamed: readonly RenamedColumn[];
  /** The schemas in which its names were looked up. */
  readonly searchPath: readonly string[];
  /** What it reads, each name once; names that meant nothing known are not among them. */
  readonly relations: readonly ViewRelation[];
}

/** A relation as the query of a view names it. */
export interface ViewRelation {
  readonly written: { readonly schema: string | null; readonly name: string };
  readonly relation: RelationId;
  /** The schema that it was in when the view was made. */
  readonly schema: string;
  /** The columns that it had then, as the query calls them and as they are called now; null where they were not known. */
  readonly columns: readonly RenamedColumn[] | null;
}

export interface RenamedColumn {
  /** The name that it had. */
  readonly as: string;
  /** The name that it has now. */
  readonly name: string;
}

export interface Relation extends RelationDoubt {
  readonly id: RelationId;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly persistence: "permanent" | "temporary" | "unlogged";
  readonly columns: readonly Column[];
  readonly constraints: NamedList<TableConstraint>;
  /** Indexes on this table that a constraint does not imply are here too: ids of relations of kind index. */
  readonly indexes: readonly RelationId[];
  /** What makes it a partitioned table in PostgreSQL's sense; `layoutOf` tells how rows are divided whatever divides them. */
  readonly partitioning: Partitioning | null;
  /** Set on a partition. */
  readonly partitionOf: PartitionLink | null;
  /** How Citus divides it among nodes, where it does; partitions have their own. */
  readonly shards?: Shards | undefined;
  /** Parents by INHERITS or ALTER … INHERIT, in order; empty on partitions. */
  readonly inherits: readonly RelationId[];
  /** Children by inheritance, in order of creation; partitions are in `partitioning`. */
  readonly children: IdMap<true>;
  /** What tells the children apart, as far as that is known. Kept by `keepLayouts` as children come, go and change. */
  readonly childLayout?: ChildLayout | undefined;
  /** What an extension has registered of it, as its configuration in the catalog says: see `catalog/pathman-config.ts`. */
  readonly registration?: Registration | undefined;
  /** On an index: what it indexes. */
  readonly index: IndexInfo | null;
  readonly ofType: boolean;
  /** A statement has told by what its rows are known to replicas: FULL, an index. */
  readonly replicaIdentity?: true | undefined;
  /** On views and materialized views: the relations they read. On a sequence: the table whose column owns it. On a typed table: its type. */
  readonly dependsOn: readonly RelationId[];
  /** On a view or materialized view of which `outputsUnknown` is set: the names of its columns, in their order. */
  readonly outputs?: readonly string[] | undefined;
  /** On a view: its query, and what its names mean. */
  readonly view?: ViewQuery | undefined;
  /** On views: which columns of a relation in `dependsOn` they read, null where that cannot be told. Follows renames. */
  readonly reads?: readonly { readonly relation: RelationId; readonly columns: readonly string[] | null }[] | undefined;
  /** On a sequence that a column of `dependsOn` owns: that column. */
  readonly ownedByColumn?: string | undefined;
  readonly triggers: readonly TriggerInfo[];
  readonly rules: readonly string[];
  /** What its rules, its policies and the query of a view run. */
  readonly code?: readonly AttachedCode[] | undefined;
  /** `ON COMMIT DROP` */
  readonly dropOnCommit?: true | undefined;
  /** `ON COMMIT DELETE ROWS` */
  readonly emptiedOnCommit?: true | undefined;
  /** The role that owns it, where the script has set one; absent where it is the session's user. */
  readonly owner?: string | undefined;
  readonly origin: Origin;
}

/** What is run when a relation is used. */
export interface AttachedCode {
  readonly kind: "view" | "rule" | "policy";
  readonly name: string;
  /** Of a rule: its event. */
  readonly event?: WriteEvent | "select" | undefined;
  /** Of a rule: whether it takes the place of the command. */
  readonly instead?: boolean | undefined;
  /** Of a rule: whether it gives back rows for RETURNING; undefined where that, or whether the rule is enabled, is not known. */
  readonly returning?: boolean | undefined;
  readonly uses: Uses;
}

export interface PartitionLink {
  readonly parent: RelationId;
  readonly bound: Bound;
  readonly detachPending: boolean;
  /** Where the bound stands; on ATTACH another statement than the relation's own origin. */
  readonly origin: Origin;
}

export interface Column {
  readonly name: string;
  readonly type: DataType;
  readonly notNull: boolean;
  readonly collation: string | null;
  /** The method of COMPRESSION, where one is named. */
  readonly compression?: string | undefined;
  readonly hasDefault: boolean;
  /** The DEFAULT or the generation expression, where it is known. */
  readonly default?: Expression | undefined;
  /** The relations that its default names by constants, as they were when it got it: `nextval('s')`, and the sequence of a serial. */
  readonly draws?: readonly RelationId[] | undefined;
  readonly generated: "stored" | "virtual" | null;
  readonly identity: "always" | "by-default" | null;
  /** Defined on this table itself (`attislocal`). */
  readonly local: boolean;
  /** Number of direct parents that have it (`attinhcount`). */
  readonly inheritedFrom: number;
}

export interface TableConstraint extends ConstraintDoubt {
  readonly type: "check" | "not-null" | "primary-key" | "unique" | "exclude" | "foreign-key";
  readonly name: string;
  /** Key columns in order; for CHECK the columns it mentions. */
  readonly columns: readonly string[];
  /** For CHECK. */
  readonly expression: Expression | null;
  /** The normalised text by which PostgreSQL compares CHECK constraints of parent and child. */
  readonly text: string;
  /** The same with dates as every session prints them, where the one that made it prints them otherwise. */
  readonly comparedText?: string | undefined;
  readonly validated: boolean;
  readonly enforced: boolean;
  readonly noInherit: boolean;
  readonly local: boolean;
  readonly inheritedFrom: number;
  /** The index behind PRIMARY KEY, UNIQUE, EXCLUDE. */
  readonly index: RelationId | null;
  readonly references: ForeignKeyTarget | null;
  readonly origin: Origin;
}

/** What a FOREIGN KEY refers to. */
export interface ForeignKeyTarget {
  readonly relation: RelationId;
  readonly columns: readonly string[];
  /** MATCH, ON DELETE, ON UPDATE and DEFERRABLE, as PostgreSQL prints them. */
  readonly terms: string;
}

export interface IndexInfo {
  readonly table: RelationId;
  readonly unique: boolean;
  readonly primary: boolean;
  /** Columns, or null where an expression stands. */
  readonly columns: readonly (string | null)[];
  /** The definition normalised for comparison with an index of a partition. */
  readonly text: string;
  readonly predicate: Expression | null;
  /** The partitioned index it is attached to. */
  readonly attachedTo: RelationId | null;
  /** False on an index ON ONLY a partitioned table until every partition's index is attached. */
  readonly valid: boolean;
  /** What it was created from, to copy it to partitions; absent where nobody wrote it. */
  readonly definition?: IndexDefinition | undefined;
}

/** What an index is to be, from CREATE INDEX, a constraint, or an index to copy. */
export interface IndexDefinition {
  readonly name: { readonly name: string; readonly range: TextRange } | null;
  readonly unique: boolean;
  /** The constraint that it stands behind; null for CREATE INDEX. */
  readonly constraint: "primary-key" | "unique" | "exclude" | null;
  readonly method: string;
  readonly items: readonly IndexItem[];
  /** One operator for each item of EXCLUDE, else empty. */
  readonly operators: readonly string[];
  readonly include: readonly string[];
  readonly where: Expression | null;
  readonly nullsNotDistinct: boolean;
  readonly deferrable: boolean;
  readonly initiallyDeferred?: boolean | undefined;
  readonly ifNotExists: boolean;
  /** What a refusal is about. */
  readonly range: TextRange;
}

/** Exactly one of `column` and `expression` is set. */
export interface IndexItem {
  readonly column: string | null;
  readonly expression: Expression | null;
  readonly collation: readonly string[] | null;
  readonly operatorClass: readonly string[] | null;
  readonly range: TextRange;
}

export interface TriggerInfo {
  readonly name: string;
  readonly row: boolean;
  readonly timing: "before" | "after" | "instead-of";
  readonly events: readonly ("insert" | "update" | "delete" | "truncate")[];
  readonly transitionTables: boolean;
  /** The name of the function that it calls, without schema. */
  readonly function?: string | undefined;
  /** The columns that UPDATE OF and WHEN name: they cannot be dropped without CASCADE. */
  readonly mentions?: readonly string[] | undefined;
  /** What its WHEN condition uses. */
  readonly uses?: Uses | undefined;
  /** The tables of REFERENCING, which its function may read. */
  readonly transitionNames?: readonly string[] | undefined;
  /** It may fire as late as at the end of the transaction. */
  readonly deferrable?: true | undefined;
}

/** Where something comes from. */
export type Origin =
  | {
      readonly kind: "statement";
      /** The world's id of the file. */
      readonly file: string;
      /** The statement; for one in a DO block or function, the enclosing one. */
      readonly statement: StatementHandle;
      /** Relative to the start of the statement: the name or the bound. */
      readonly range: TextRange;
    }
  /** Read from the connected database. */
  | { readonly kind: "database" }
  /** Nobody creates it; a statement refers to it. */
  | { readonly kind: "assumed" };
