/** Doubt as the catalog keeps it: of the world, of a relation, of rows, of a key, of children; docs/doubt.md tells the rest. */

import type { IdMap } from "./id-map.ts";
import type { NameMap } from "./name-map.ts";

/**
 * Doubt, by what it is of: all that a catalog keeps of what may not be known. Each flag is a row of docs/doubt.md, which says what it
 * forbids to claim; nothing else in a catalog has flags of that sort.
 */
export interface Doubt {
  readonly world: CatalogDoubt;
  readonly settings: SettingsDoubt;
  readonly relation: RelationDoubt;
  readonly constraint: ConstraintDoubt;
  readonly rows: RowsDoubt;
  readonly key: KeyDoubt;
  readonly child: ChildDoubt;
}

/** What may not be known of the world. */
export interface CatalogDoubt {
  /**
   * Whether the world is the whole schema. While false, a name that resolves to nothing may still exist in the database,
   * and `knownAbsent` holds the names that a statement dropped or renamed away.
   */
  readonly complete: boolean;
  readonly knownAbsent: NameMap<true>;
  /** Something ran that may have created or changed anything (dynamic SQL that could not be executed). */
  readonly tainted: boolean;
  /** Which relations have changed since all were tainted; absent before that. Kept by `withRelation`. */
  readonly untainted?: IdMap<true> | undefined;
  /** A statement created what is not kept here (operators, operator classes, collations, casts, …), or a database has what is not read. */
  readonly hasUnkeptObjects?: true | undefined;
  /** Something that is not followed (`\copy`, placeholders, code) may have put rows into any table: that one has no such row is not certain. */
  readonly rowsUnfollowed?: true | undefined;
  /**
   * A transaction was committed in which a check of the system catalogs may have failed, so that nothing of it is there. It is taken to
   * have passed, as whoever wrote it means it to, and what is refused from there on is no error but a warning that says so.
   */
  readonly checkPassed?: true | undefined;
  /** The extensions of the connected database of which it is not known what they keep: their tables could not be read. */
  readonly unread?: readonly string[] | undefined;
  /** More hangs on the tables of the connected database than is read, or may be: privileges, comments and the like may be missing here. */
  readonly belongingsCut?: true | undefined;
}

/** What may not be known of the settings of the session. */
export interface SettingsDoubt {
  /** Those that may have another value: PostgreSQL may have undone the statement that set them, or code may have set them. */
  readonly inDoubt?: readonly string[] | undefined;
}

/** What may not be known of a relation. */
export interface RelationDoubt {
  /**
   * How much is known. `full`: created by a statement or read from a database. `assumed`: only referred to; its columns,
   * key and constraints are what the references show. `tainted`: something we could not read may have changed it.
   */
  readonly knowledge: "full" | "assumed" | "tainted";
  /** CREATE TABLE IF NOT EXISTS may have found it in the database: it may hold rows that nobody shows. */
  readonly perhapsOlder?: true | undefined;
  /**
   * It is `tainted` because the types of what its query yields are not told, and for nothing else: that it is there, of which
   * kind it is, and what it depends on is certain.
   */
  readonly outputsUnknown?: true | undefined;
  /** Code that could not be read may have given it triggers, rules, defaults: whatever uses it may run anything. */
  readonly touched?: true | undefined;
  /**
   * PostgreSQL may have refused to create it. What is refused because of what it is stays refused, for if it is not there,
   * that is the reason; but nothing is refused because it is there.
   */
  readonly doubtful?: true | undefined;
  /** The words of policies and publications that mention it: they may need its columns, and those of other tables itself. */
  readonly mentionedBy?: { readonly words: ReadonlySet<string>; readonly elsewhere: boolean } | undefined;
}

/** What may not be known of a constraint of a table. */
export interface ConstraintDoubt {
  /** False where `text` may not be PostgreSQL's spelling: two that differ may be the same constraint. */
  readonly textCertain?: false | undefined;
  /** Rows of the script, not all of them known, may have kept it from being added: no refusal is based on it. */
  readonly doubtful?: true | undefined;
}

/** What may not be known of a table's rows. */
export interface RowsDoubt {
  /** Whether the table, new in the script, has no others than those that are known. */
  readonly complete: boolean;
  /** Whether an INSERT of constants may have added others: unlike those that a query yields, they are not taken to fit. */
  readonly undecided?: true | undefined;
}

/** What may not be known of an element of a partition key. */
export interface KeyDoubt {
  /**
   * How far its type can be trusted. `declared`: the table's own definition says so. Of a table that nobody creates the type is
   * inferred from the bounds: `agreed` when every type that reads them orders them alike, `unless-text` when a text key
   * would order them otherwise (`'9'` and `'10'`), `uncertain` when nothing may be claimed of their order.
   */
  readonly trust: "declared" | "agreed" | "unless-text" | "uncertain";
  /** A user's operator class or collation decides which values are equal and which come first: only identical ones are known to be equal. */
  readonly customOrder: boolean;
}

/** What may not be known of an inheritance child. */
export interface ChildDoubt {
  /** Whether its constraints say nothing that their bounds do not tell, so that rows within all bounds are taken for sure. */
  readonly exact: boolean;
  /** Whether the child is fully known: else it may have other constraints by now. */
  readonly sure: boolean;
}

/** Whether a relation may not be there, or be another than it seems, and not only yield what is not told. */
export function mayBeOther({ knowledge, outputsUnknown }: RelationDoubt): boolean {
  return knowledge === "tainted" && outputsUnknown !== true;
}

/** The relation after something that may have changed it. */
export function asTainted<T extends RelationDoubt>(relation: T): T {
  if (relation.outputsUnknown === undefined) return { ...relation, knowledge: "tainted" };
  return { ...relation, knowledge: "tainted", outputsUnknown: undefined };
}
