/** The port for extensions: a call of one of their functions, told as the statements that the extension itself runs. */

import type { Catalog } from "../catalog/catalog.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import type { ApplyContext, ErrorRule, Rejection } from "../effects/outcome.ts";
import type { Statement } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";

export type ExtensionName = "pg_pathman" | "pg_partman" | "citus";

/** What the model knows of an extension. */
export interface Extension {
  readonly name: ExtensionName;
  /** The rule that presents what its calls are refused for. */
  readonly rule: ErrorRule;
  /** The schema that it is always in, whatever CREATE EXTENSION says; null where that decides. */
  readonly schema: string | null;
  /**
   * Whether a call of that name is known for its own where nobody creates the extension; `schema` as written, null without. A
   * name that functions of others have too is none by which the extension is known, unless the script has used it already.
   */
  readonly isKnownBy: (schema: string | null, name: string, catalog: Catalog) => boolean;
  /** The versions that the model knows, the one first that is taken where nothing tells another. */
  readonly versions: readonly [string, ...string[]];
  /** The versions of which it is known what they do. Of any other nothing is claimed, neither of its calls nor of its tables. */
  readonly reads: RegExp;
  /** The version that a call shows to be meant by more than its signature (`p_type => 'native'`); null where it shows none. */
  readonly versionShownBy?: ((name: string, values: readonly TellingValue[]) => string | null) | undefined;
  /** Whether the calls of a whole file tell its version, because functions have come and gone by their names. */
  readonly tellsAhead?: true | undefined;
  /** Whether its calls tell themselves what they refuse of a table that is not known for sure; else no such refusal counts. */
  readonly knowsDoubt?: true | undefined;
  /** What the setting for its version says, `auto` or absent where it says nothing. */
  readonly versionSetting: (settings: VersionSettings) => string | undefined;
  /** Whether the script has used it, which proves it there where nothing else does. Absent: that is not known. */
  readonly isInUse?: ((catalog: Catalog) => boolean) | undefined;
  /** Its functions and procedures by their unqualified names. */
  readonly functions: ReadonlyMap<string, ExtensionFunction>;
  /** What it does with other statements, by hooks and triggers of its own. */
  readonly follows?: Follows | undefined;
  /** Its tables whose rows are configuration, by their unqualified names: to change a row is a call in disguise. */
  readonly tables: ReadonlyMap<string, ConfigurationTable>;
}

/** What an extension does with statements that PostgreSQL has accepted. */
export interface Follows {
  /** Whether it may do anything with the statement, which meets the catalog. It is asked of every statement. */
  readonly concerns: (statement: Statement, before: Catalog) => boolean;
  /** Runs after the statement and with it, from the catalog that it has left; it may end early as a call does. */
  readonly follow: (followed: FollowedStatement, work: ExtensionWork) => void;
}

export interface FollowedStatement {
  readonly statement: Statement;
  readonly before: Catalog;
}

/** The settings that tell versions of extensions. */
export type VersionSettings = Pick<ApplyContext, "pathmanVersion" | "partmanVersion"> &
  Partial<Pick<ApplyContext, "version">>;

export interface ExtensionFunction {
  /** By version and overload; a call is bound to the one that PostgreSQL would choose. */
  readonly signatures: readonly Signature[];
  /** What a call does: it runs statements, and may end early by `refuse` or `decline`. Its answer is the call's value. */
  readonly run: (call: BoundCall, work: ExtensionWork) => CallValue;
  /** Whether it may have other forms than these: one that none of them takes is run without its arguments, and never refused. */
  readonly isOpen?: true | undefined;
  /** Whether it returns a set of rows. */
  readonly returnsSet?: true | undefined;
}

/** An argument as it is written: under which name, and its constant as text where it has one. */
export interface TellingValue {
  readonly name: string | undefined;
  readonly text: string | null;
}

export interface Signature {
  readonly kind: "function" | "procedure";
  /** The first version that has it, and the first that no longer has it; null where there is no such end. */
  readonly since: string | null;
  readonly until: string | null;
  readonly parameters: readonly Parameter[];
  /** The type of what it returns, as a parameter's; of rows the columns. Absent: not known. */
  readonly returns?: string | readonly Pick<Parameter, "name" | "type">[] | undefined;
}

export interface Parameter {
  readonly name: string;
  /** As `pg_get_function_arguments` prints it: `text`, `regclass`, `timestamp with time zone`, `anyelement`. */
  readonly type: string;
  /** The default as an SQL expression, or null where the argument must be given. */
  readonly default: string | null;
  readonly variadic?: true | undefined;
}

/** A parameter as data: `p("p_premake", "integer", "4")`; without a default the argument must be given. */
export function p(name: string, type: string, byDefault: string | null = null): Parameter {
  return { name, type, default: byDefault };
}

/** A value that a call returns: SQL NULL, a value, rows of them; `undefined` where it is not known. */
export type CallValue = Value | null | readonly (readonly (Value | null)[])[] | undefined;

/** A call whose arguments have found their parameters. */
export interface BoundCall {
  readonly name: string;
  readonly signature: Signature;
  /**
   * Values after the cast to the parameter's type, defaults included; `undefined` where an argument is no constant. A `regclass`
   * is the text of the name: `findNamed` looks it up. A VARIADIC one is an array.
   */
  readonly arguments: ReadonlyMap<string, Value | null | undefined>;
  /** The types of the values: of `anyelement` that which the arguments have; null where it is not known. */
  readonly types: ReadonlyMap<string, DataType | null>;
  /** The names of the parameters that the call itself gives. */
  readonly given: ReadonlySet<string>;
  /** The place of the call, relative to the statement. */
  readonly range: TextRange;
}

/** A call at work. The statements that it runs are parsed and applied as those of a DO block, with the call as their origin. */
export interface ExtensionWork {
  /** As far as the call has got. Configuration and layout are changed by assigning the next catalog. */
  catalog: Catalog;
  readonly context: ApplyContext;
  /** The version of the extension, as far as it is known: `5.5.0`, `1.5`, `readme`. */
  readonly version: string;
  /** The schema that the extension is in; null where nobody creates it. */
  readonly schema: string | null;
  /** Leaves doubt about tables and all below them, and goes on. */
  readonly doubt: (tables: readonly Relation[], why: string) => void;
  /** Whether COMMIT is refused here, as in a transaction block, in a function, and where errors are caught. */
  readonly isAtomic: boolean;
  /** Runs SQL as the extension's EXECUTE does. What PostgreSQL refuses ends the call with that refusal. */
  readonly execute: (sql: string) => void;
  /** The same inside a block with EXCEPTION: undone and answered where it is refused, null where it is done. */
  readonly attempt: (sql: string) => Rejection | null;
  /** The value of an SQL expression, which may call functions of the script; `undefined` where it is not known. */
  readonly evaluate: (sql: string) => Value | null | undefined;
  /** Runs a part of the call for itself: where that is refused or declined, it is undone, and why is answered. */
  readonly within: (part: () => void) => PartEnd | null;
  /** Ends the call with the extension's own error; `rule` where another than the extension's presents it. */
  readonly refuse: (
    refusal: Pick<Rejection, "sqlstate" | "message" | "detail" | "hint"> & Partial<Pick<Rejection, "rule">>,
  ) => never;
  /** Ends the call: what it does is not known, for this call and the tables it names alone. */
  readonly decline: (why: string) => never;
}

/** Why a part of a call came to no end. */
export type PartEnd =
  | { readonly kind: "refused"; readonly refusal: Pick<Rejection, "sqlstate" | "message" | "detail" | "hint"> }
  | { readonly kind: "declined"; readonly why: string };

/** A table of the extension whose rows are configuration. */
export interface ConfigurationTable {
  readonly columns: readonly Pick<Parameter, "name" | "type">[];
  /** Its rows, by column name, for queries that read them; null where they are not known. */
  readonly rows?: ((catalog: Catalog) => readonly ReadonlyMap<string, Value | null>[] | null) | undefined;
  /** What INSERT, UPDATE and DELETE of known rows do; it may end early as a call does. */
  readonly change: (change: RowChange, work: ExtensionWork) => void;
  /** The tables whose configuration a change may be of, for the doubt that it leaves where it is not known. */
  readonly concerns: (change: RowChange, catalog: Catalog) => readonly Relation[];
}

/** `matches` and `assigned` answer for any row of it, by column name; null and `undefined` where that is not known. */
export type RowChange =
  | { readonly kind: "insert"; readonly row: ReadonlyMap<string, Value | null | undefined> }
  | {
      readonly kind: "update";
      /** Columns that the condition holds equal to constants; null where it says anything else. */
      readonly where: ReadonlyMap<string, Value | null> | null;
      readonly set: ReadonlyMap<string, Value | null | undefined>;
      readonly matches: (row: ConfigurationRow) => boolean | null;
      readonly assigned: (row: ConfigurationRow) => ReadonlyMap<string, Value | null | undefined>;
    }
  | {
      readonly kind: "delete";
      readonly where: ReadonlyMap<string, Value | null> | null;
      readonly matches: (row: ConfigurationRow) => boolean | null;
    };

export type ConfigurationRow = ReadonlyMap<string, Value | null>;
