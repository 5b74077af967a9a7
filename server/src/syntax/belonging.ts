/** What hangs on a table besides its columns, constraints and indexes: privileges, comments, policies, and the like. */

import type { RelationName } from "./names.ts";

export type BelongingKind =
  | "privilege"
  | "comment"
  | "policy"
  | "trigger"
  | "trigger state"
  | "row security"
  | "storage parameter"
  | "column setting"
  | "replica identity"
  | "clustering"
  | "tablespace"
  | "access method"
  | "publication"
  | "statistics";

/** Nothing is decided by it: it is kept so that it can be given to a table that takes the place of this one. */
export interface Belonging {
  readonly kind: BelongingKind;
  /** What tells it from others of its kind: of two the later one counts. */
  readonly name: string;
  /** The statement that gives it, before and behind the table's name; null where no text gives it to another table. */
  readonly sql: readonly [before: string, behind: string] | null;
  /**
   * The part of it that several share a statement for: `SELECT (id)`, `fillfactor = 70`; the name of a tablespace or method; of a
   * trigger how it fires from here on.
   */
  readonly words?: string | undefined;
  /** The index that it names. */
  readonly index?: string | undefined;
}

/** What one statement gives to tables, or takes from them. */
export interface Giving {
  /** `created`: the table that the statement makes; `all`: whichever has it. */
  readonly to:
    | { readonly tables: readonly Pick<RelationName, "schema" | "name">[]; readonly only?: boolean | undefined }
    | { readonly schemas: readonly string[] }
    | "created"
    | "all";
  readonly belonging: Belonging;
  /** `takes`: the one of that kind and name goes; `renames`: it is called `words` from here on, and a privilege is lent no further. */
  readonly does: "gives" | "takes" | "renames";
}

/** `ALL` and `USER` instead of a trigger's name: what hangs on a table under it is of all its triggers. */
export const everyTrigger = "*";
export const everyUserTrigger = "* USER";

/** A name that means something else from here on, or nothing: what it named is renamed, moved, or has gone with what rests on it. */
export interface Departure {
  readonly of: "object" | "schema" | "role" | "index" | "column" | "anything";
  readonly name: string;
  /** Whose column it is. */
  readonly table?: Pick<RelationName, "schema" | "name"> | undefined;
  /** What it is called now; absent where it is gone or elsewhere. */
  readonly renamed?: string | undefined;
}
