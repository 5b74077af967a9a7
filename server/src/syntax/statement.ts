/** SQL statements as plain data: what the model understands of each, and `other` for the rest. */

/*
 * All ranges are relative to the start of the statement, so a statement is shared by all places and versions of a
 * document that hold the same text; `PlacedStatement` says where it stands.
 */

import type { TextRange } from "../text/range.ts";
import type { Departure, Giving } from "./belonging.ts";
import type { CopyFormat } from "./copy-data.ts";
import type { Expression, TypeName } from "./expression.ts";
import type { IndexElement } from "./index-element.ts";
import type { Identifier, RelationName } from "./names.ts";
import type { Query } from "./query.ts";
import type { Argument } from "./split/meta-arguments.ts";
import type { Code, Uses } from "./uses.ts";

/** What was read of one statement, wherever it stands. */
interface WithoutPlace {
  /**
   * Numeric hash: equal hashes mean equal statements. Equal texts have equal hashes, but for one that the next statement
   * runs into: its error tells of that one too.
   */
  readonly hash: number;
  /** Whether psql variables or template placeholders stood in the text and were masked for the parser. */
  readonly masked: boolean;
  /** Whether it stands inside a statement that PostgreSQL refuses whole, and is run by nobody: a semicolon or a quote is missing above it. */
  readonly swallowed: boolean;
  /** Whether psql sends it in one text with the next one, for `\\;` stands behind it. */
  readonly joined?: true | undefined;
  /** Whether psql runs what its rows hold, for `\\gexec` stands behind it. */
  readonly gexec?: true | undefined;
  readonly statement: Statement;
}

/** One statement at its place in a document. */
export interface PlacedStatement extends WithoutPlace {
  /** Offset of the first token in the document; the origin of all ranges inside `statement`. */
  readonly start: number;
  /** Offset after the last token, before the semicolon. */
  readonly end: number;
  /** Offset after the semicolon or whatever ends the statement; equals `end` when nothing does. */
  readonly terminatorEnd: number;
}

/** The same object in all versions of a document of which no edit touched the statement, wherever edits above have moved it. */
export interface ReadStatement extends WithoutPlace {
  /** Its first token, counted from where the unit begins in which it stands; in a list of statements without units from the text's beginning. */
  readonly offset: number;
  /** From its first token to the end of the last one. */
  readonly length: number;
  /** From there to the end of the semicolon or whatever ends the statement; 0 where nothing does. */
  readonly tail: number;
}

export type Statement = StatementOfKind & {
  /** Where the parsers of majors before 18 stop, in the order of the text; absent where none does. */
  readonly newerSyntax?: readonly NewerSyntax[] | undefined;
  /** What it names whose use may run code; absent where that is nothing. */
  readonly uses?: Uses | undefined;
  /** What it cannot do without and does not name as a relation, type or function; absent where that is nothing. */
  readonly needs?: readonly SharedObject[] | undefined;
  /** What it creates or drops that others need so; absent where that is nothing. */
  readonly shares?: { readonly change: "create" | "drop"; readonly objects: readonly SharedObject[] } | undefined;
  /** What it gives to tables that no field of theirs is kept for, or takes from them; absent where that is nothing. */
  readonly givings?: readonly Giving[] | undefined;
  /** The names that texts kept so far may no longer be written with; absent where there are none. */
  readonly departures?: readonly Departure[] | undefined;
  /** Whether it can be read only if a program puts something in the place of its placeholders. */
  readonly replaced?: true | undefined;
};

/** An object that a statement only names, and that has to be there: its name as the parser gives it. */
export interface SharedObject {
  readonly kind:
    | "access method"
    | "collation"
    | "index parameter"
    | "operator class"
    | "publication"
    /** A sequence or table that a constant names: `nextval('s')`. */
    | "relation"
    | "role"
    | "schema"
    | "server"
    | "tablespace"
    | "text search configuration";
  /** Where it is written; of relations alone. */
  readonly schema?: string | undefined;
  readonly name: string;
}

type StatementOfKind =
  | CreateTable
  | CreateTableAs
  | AlterTable
  | Rename
  | SetSchema
  | CreateIndex
  | Drop
  | CreateSchema
  | CreateType
  | AlterEnum
  | CreateView
  | CreateSequence
  | CreateFunction
  | CreateOperatorClass
  | CreateTrigger
  | CreateRule
  | CreateExtension
  | DoBlock
  | SetVariable
  | Transaction
  | Truncate
  | Copy
  | Call
  | QueryStatement
  | Execute
  | Deallocate
  | Connect
  | PsqlCommand
  | Invalid
  | Other;

/** What the grammar of some major was the first to take. */
export interface NewerSyntax {
  /** That major. */
  readonly since: number;
  /** The first major that says so; absent where all before `since` do. */
  readonly from?: number | undefined;
  /** What the parsers before it say, and of which token. */
  readonly sqlstate: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly range: TextRange;
  /** Set where they do not report the place. */
  readonly withoutPosition?: true | undefined;
}

export type Persistence = "permanent" | "temporary" | "unlogged";

export interface CreateTable {
  readonly kind: "create-table";
  readonly name: RelationName;
  readonly persistence: Persistence;
  readonly ifNotExists: boolean;
  /** `CREATE FOREIGN TABLE … SERVER s` */
  readonly foreignServer: string | null;
  readonly elements: readonly TableElement[];
  /** The range of the parenthesised element list with its parentheses; null when there is none. */
  readonly elementsRange: TextRange | null;
  readonly inherits: readonly RelationName[];
  readonly partitionOf: { readonly parent: RelationName; readonly bound: BoundSpecification } | null;
  readonly partitionBy: PartitionBy | null;
  /** `OF composite_type` */
  readonly ofType: TypeName | null;
  /** Of `WITH (…)`. */
  readonly storageParameters: readonly StorageParameter[];
  readonly tablespace: string | null;
  readonly accessMethod: string | null;
  readonly onCommit: "none" | "preserve-rows" | "delete-rows" | "drop";
}

/** A parameter of `WITH (…)` or `SET (…)`, its name in lower case unless it stands in quotes. */
export interface StorageParameter extends Identifier {
  /** `toast` in `toast.autovacuum_enabled`. */
  readonly namespace: string | null;
  /** As written; null where the parameter is only named. */
  readonly value: string | null;
}

export type TableElement =
  | ColumnDefinition
  | { readonly kind: "constraint"; readonly constraint: Constraint }
  | {
      readonly kind: "like";
      readonly source: RelationName;
      readonly including: readonly LikeOption[];
      readonly range: TextRange;
    };

export type LikeOption =
  | "comments"
  | "compression"
  | "constraints"
  | "defaults"
  | "generated"
  | "identity"
  | "indexes"
  | "statistics"
  | "storage";

export interface ColumnDefinition {
  readonly kind: "column";
  readonly name: Identifier;
  /** null in the column list of PARTITION OF or OF type, where no type may be written. */
  readonly type: TypeName | null;
  readonly collation: readonly string[] | null;
  /** `COMPRESSION method` */
  readonly compression?: string | undefined;
  readonly constraints: readonly Constraint[];
  /** `WITH OPTIONS` and bare names of PARTITION OF lists are columns without a type. */
  readonly range: TextRange;
}

/** A table or column constraint; column constraints leave `columns` empty. */
export interface Constraint {
  readonly type:
    | "null"
    | "not-null"
    | "default"
    | "generated"
    | "identity"
    | "check"
    | "primary-key"
    | "unique"
    | "exclude"
    | "foreign-key";
  readonly name: Identifier | null;
  readonly columns: readonly Identifier[];
  /** The expression of CHECK, DEFAULT and GENERATED. */
  readonly expression: Expression | null;
  /** The items of EXCLUDE: a column name or an expression, with its operator. */
  readonly exclusions: readonly {
    readonly column: string | null;
    readonly expression: Expression | null;
    readonly collation?: readonly string[] | null | undefined;
    readonly operatorClass?: readonly string[] | null | undefined;
    readonly operator: string;
  }[];
  /** EXCLUDE: the access method, btree unless USING says otherwise; and its WHERE. */
  readonly method?: string | undefined;
  readonly where?: Expression | undefined;
  readonly nullsNotDistinct?: boolean | undefined;
  readonly noInherit: boolean;
  readonly notValid: boolean;
  /** `NOT ENFORCED` (18 and later) is false. */
  readonly enforced: boolean;
  /** `GENERATED ALWAYS AS IDENTITY` and `… STORED`: "always"; `BY DEFAULT`: "by-default". */
  readonly generated: "always" | "by-default" | null;
  /** IDENTITY (SEQUENCE NAME …): the name, perhaps behind its schema. */
  readonly sequenceName?: readonly string[] | undefined;
  /** `STORED`, `VIRTUAL` of a generated column. */
  readonly stored: boolean;
  readonly references: {
    readonly relation: RelationName;
    readonly columns: readonly Identifier[];
    /** Whether PERIOD stands with the last of them. */
    readonly period?: true | undefined;
  } | null;
  /** `WITHOUT OVERLAPS` or PERIOD (18 and later). */
  readonly withoutOverlaps: boolean;
  /** `USING INDEX name` of ADD CONSTRAINT. */
  readonly usingIndex: string | null;
  /** `ENFORCED NOT ENFORCED` and the like, which PostgreSQL refuses only after parsing. */
  readonly enforcedTwice?: true | undefined;
  readonly deferrable: boolean;
  readonly initiallyDeferred?: boolean | undefined;
  /** FOREIGN KEY: MATCH FULL, ON UPDATE and ON DELETE as PostgreSQL prints them, where they are not the default. */
  readonly actions?: string | undefined;
  /** `INCLUDE (…)` columns. */
  readonly include: readonly Identifier[];
  readonly range: TextRange;
}

export interface PartitionBy {
  /** As written, lower case; PostgreSQL refuses other words than these three. */
  readonly strategy: "range" | "list" | "hash";
  readonly elements: readonly PartitionKeyElement[];
  /** From `PARTITION` to the closing parenthesis. */
  readonly range: TextRange;
}

export interface PartitionKeyElement {
  /** Exactly one of `column` and `expression` is set. */
  readonly column: string | null;
  readonly expression: Expression | null;
  /** The source text of the expression, without outer parentheses. */
  readonly text: string;
  readonly collation: readonly string[] | null;
  readonly operatorClass: readonly string[] | null;
  readonly range: TextRange;
}

/** `location` is where PostgreSQL reports what is wrong with the bound as a whole: at FROM, IN, WITH or DEFAULT. */
export type BoundSpecification = { readonly location: number } & BoundForm;

type BoundForm =
  | { readonly kind: "default"; readonly range: TextRange }
  | {
      readonly kind: "range";
      readonly from: readonly BoundDatum[];
      readonly to: readonly BoundDatum[];
      /** The parenthesised lists with their parentheses. */
      readonly fromRange: TextRange;
      readonly toRange: TextRange;
      readonly range: TextRange;
    }
  | {
      readonly kind: "list";
      readonly values: readonly Expression[];
      readonly valuesRange: TextRange;
      readonly range: TextRange;
    }
  | {
      readonly kind: "hash";
      readonly modulus: number;
      readonly remainder: number;
      readonly modulusRange: TextRange;
      readonly remainderRange: TextRange;
      readonly range: TextRange;
    };

/** One value of FROM or TO. A lone unqualified MINVALUE or MAXVALUE is no column reference there. */
export type BoundDatum =
  | { readonly kind: "minvalue"; readonly range: TextRange }
  | { readonly kind: "maxvalue"; readonly range: TextRange }
  | { readonly kind: "value"; readonly expression: Expression; readonly range: TextRange };

export interface CreateTableAs {
  readonly kind: "create-table-as";
  readonly name: RelationName;
  readonly persistence: Persistence;
  readonly ifNotExists: boolean;
  readonly materializedView: boolean;
  readonly columns: readonly Identifier[];
  /** null when the source is EXECUTE. */
  readonly query: Query | null;
  readonly execute?: Execute | undefined;
  readonly storageParameters: readonly StorageParameter[];
  readonly onCommit: CreateTable["onCommit"];
}

export interface AlterTable {
  readonly kind: "alter-table";
  /** What the statement calls it: ALTER TABLE works on most of them too. */
  readonly objectType: "table" | "foreign-table" | "index" | "view" | "materialized-view" | "sequence" | "type";
  readonly relation: RelationName;
  readonly ifExists: boolean;
  readonly actions: readonly AlterAction[];
}

export type AlterAction = { readonly range: TextRange } & (
  | { readonly kind: "attach-partition"; readonly partition: RelationName; readonly bound: BoundSpecification }
  | {
      readonly kind: "detach-partition";
      readonly partition: RelationName;
      readonly concurrently: boolean;
      readonly finalize: boolean;
    }
  /** `ALTER INDEX i ATTACH PARTITION j` */
  | { readonly kind: "attach-index"; readonly index: RelationName }
  /** PostgreSQL 19. */
  | {
      readonly kind: "split-partition";
      readonly partition: RelationName;
      readonly into: readonly {
        readonly name: RelationName;
        readonly bound: BoundSpecification;
        readonly range: TextRange;
      }[];
    }
  | {
      readonly kind: "merge-partitions";
      readonly partitions: readonly RelationName[];
      readonly into: RelationName;
    }
  | { readonly kind: "inherit"; readonly parent: RelationName }
  | { readonly kind: "no-inherit"; readonly parent: RelationName }
  | { readonly kind: "add-column"; readonly column: ColumnDefinition; readonly ifNotExists: boolean }
  | { readonly kind: "drop-column"; readonly column: Identifier; readonly ifExists: boolean; readonly cascade: boolean }
  | {
      readonly kind: "alter-type";
      readonly column: Identifier;
      readonly type: TypeName;
      readonly collation: readonly string[] | null;
      readonly using: Expression | null;
    }
  | { readonly kind: "set-not-null"; readonly column: Identifier }
  | { readonly kind: "drop-not-null"; readonly column: Identifier }
  /** `expression` null drops the default. */
  | { readonly kind: "set-default"; readonly column: Identifier; readonly expression: Expression | null }
  | { readonly kind: "drop-expression"; readonly column: Identifier; readonly ifExists: boolean }
  | {
      readonly kind: "add-identity";
      readonly column: Identifier;
      readonly generated: "always" | "by-default";
      readonly sequenceName?: readonly string[] | undefined;
    }
  /** `generated` null where only options of the sequence change. */
  | {
      readonly kind: "set-identity";
      readonly column: Identifier;
      readonly generated: "always" | "by-default" | null;
    }
  | { readonly kind: "drop-identity"; readonly column: Identifier; readonly ifExists: boolean }
  | { readonly kind: "add-constraint"; readonly constraint: Constraint }
  | {
      readonly kind: "alter-constraint";
      readonly name: Identifier;
      readonly noInherit: boolean | null;
      readonly enforced: boolean | null;
      /** When a foreign key is looked at from now on; null where nothing is said of it. */
      readonly deferral: { readonly deferrable: boolean; readonly initiallyDeferred: boolean } | null;
    }
  | { readonly kind: "validate-constraint"; readonly name: Identifier }
  | {
      readonly kind: "drop-constraint";
      readonly name: Identifier;
      readonly ifExists: boolean;
      readonly cascade: boolean;
    }
  | { readonly kind: "set-logged"; readonly logged: boolean }
  /** ENABLE and DISABLE TRIGGER; name null for ALL and USER. */
  | { readonly kind: "trigger"; readonly enable: boolean; readonly name: string | null }
  /** ENABLE and DISABLE RULE. */
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "of-type"; readonly type: TypeName }
  | { readonly kind: "not-of-type" }
  /** SET/RESET (…), OWNER TO, CLUSTER ON, REPLICA IDENTITY, ROW LEVEL SECURITY, statistics, storage, tablespace, …; `tag` names it. */
  | {
      readonly kind: "other";
      readonly tag: string;
      /** The column of ALTER COLUMN, the index of CLUSTER ON and REPLICA IDENTITY USING INDEX. */
      readonly member?: Identifier | undefined;
      /** Of SET EXPRESSION: by what the column is generated then. */
      readonly expression?: Expression | undefined;
      /** The storage parameters of SET (…). */
      readonly parameters?: readonly StorageParameter[] | undefined;
      /** The role of OWNER TO; absent where it is CURRENT_USER and the like. */
      readonly owner?: string | undefined;
    }
);

export interface Rename {
  readonly kind: "rename";
  readonly objectType: ObjectType;
  /** The relation renamed, or that holds the column or constraint. For objects that are no relations: their name. */
  readonly relation: RelationName;
  readonly target: "object" | "column" | "constraint";
  /** The column or constraint renamed; null when the object itself is. */
  readonly member: Identifier | null;
  readonly newName: Identifier;
  readonly ifExists: boolean;
}

export interface SetSchema {
  readonly kind: "set-schema";
  readonly objectType: ObjectType;
  readonly relation: RelationName;
  readonly schema: Identifier;
  readonly ifExists: boolean;
}

/** PostgreSQL's words in lower case with hyphens; what is not listed arrives as `other`. */
export type ObjectType =
  | "table"
  | "foreign-table"
  | "index"
  | "view"
  | "materialized-view"
  | "sequence"
  | "schema"
  | "type"
  | "domain"
  | "trigger"
  | "function"
  | "rule"
  | "extension"
  | "role"
  | "database"
  | "other";

export interface CreateIndex {
  readonly kind: "create-index";
  readonly name: Identifier | null;
  readonly relation: RelationName;
  readonly unique: boolean;
  readonly concurrently: boolean;
  readonly ifNotExists: boolean;
  readonly method: string;
  readonly columns: readonly IndexElement[];
  readonly include: readonly Identifier[];
  readonly where: Expression | null;
  readonly nullsNotDistinct: boolean;
  readonly tablespace: string | null;
}

export interface Drop {
  readonly kind: "drop";
  readonly objectType: ObjectType;
  readonly names: readonly RelationName[];
  /** For triggers, rules and policies: the table they are on is `names[i]`, their own name is `member`. */
  readonly member: Identifier | null;
  readonly ifExists: boolean;
  readonly cascade: boolean;
  readonly concurrently: boolean;
  /** For functions with IF EXISTS: the argument types of each; null where only its name is written. */
  readonly signatures?: readonly (readonly TypeName[] | null)[] | undefined;
}

export interface CreateSchema {
  readonly kind: "create-schema";
  readonly name: Identifier;
  readonly ifNotExists: boolean;
  /** Statements inside CREATE SCHEMA, run with the schema in front of the search path. */
  readonly elements: readonly Statement[];
}

export interface CreateType {
  readonly kind: "create-type";
  readonly name: RelationName;
  readonly definition:
    | { readonly kind: "enum"; readonly labels: readonly string[] }
    | { readonly kind: "composite"; readonly columns: readonly ColumnDefinition[] }
    | {
        readonly kind: "domain";
        readonly base: TypeName;
        readonly collation: readonly string[] | null;
        readonly constraints: readonly Constraint[];
        /** Whether ENFORCED or NOT ENFORCED stands with a constraint. */
        readonly statesEnforcement: boolean;
      }
    | {
        readonly kind: "range";
        readonly subtype: TypeName | null;
        /** Whether it names its multirange type, which may then not do. */
        readonly namesMultirange: boolean;
      }
    /** Only its name is given: what is to come is declared. */
    | { readonly kind: "shell" }
    | { readonly kind: "other" };
}

export interface AlterEnum {
  readonly kind: "alter-enum";
  readonly name: RelationName;
  /** `ADD VALUE 'new' [BEFORE|AFTER 'neighbour']`, or `RENAME VALUE 'old' TO 'new'`. */
  readonly oldLabel: string | null;
  readonly newLabel: string;
  readonly neighbour: string | null;
  readonly after: boolean;
  readonly ifNotExists: boolean;
}

export interface CreateView {
  readonly kind: "create-view";
  readonly name: RelationName;
  readonly replace: boolean;
  readonly temporary: boolean;
  readonly columns: readonly string[];
  readonly query: Query;
}

export interface CreateSequence {
  readonly kind: "create-sequence";
  readonly name: RelationName;
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  /** OWNED BY; absent where it is not written. */
  readonly ownedBy?: SequenceOwner | "none" | undefined;
}

/** The column to which a sequence belongs. */
export interface SequenceOwner {
  readonly table: RelationName;
  readonly column: Identifier;
}

export interface CreateFunction {
  readonly kind: "create-function";
  readonly name: RelationName;
  readonly procedure: boolean;
  readonly replace: boolean;
  readonly language: string;
  readonly volatility: "immutable" | "stable" | "volatile";
  /** `STRICT`: not called where an argument is NULL. */
  readonly strict: boolean;
  readonly argumentTypes: readonly TypeName[];
  /** All parameters, OUT and those of RETURNS TABLE included, as a call meets them. */
  readonly parameters: readonly FunctionParameter[];
  /** Of `SET name = value`, which hold while it runs; `FROM CURRENT` has no values. */
  readonly settings: readonly SetVariable[];
  /** Of OUT parameters, and the columns of RETURNS TABLE. */
  readonly outputTypes: readonly TypeName[];
  readonly returns: TypeName | null;
  readonly body: Body | null;
  /** Whether the body is SQL itself (BEGIN ATOMIC, RETURN), and so what it mentions cannot be dropped. */
  readonly atomic: boolean;
}

export interface FunctionParameter {
  readonly mode: "in" | "out" | "inout" | "variadic" | "table";
  readonly name: string | null;
  readonly type: TypeName;
  readonly default: Expression | null;
}

/** The inside of a function or DO block: the static statements found in it. */
export interface Body {
  readonly language: string;
  /** The text between the quotes, relative to the enclosing statement. */
  readonly range: TextRange;
  /** What PostgreSQL runs: the quoted text as it is decoded, or SQL as it stands there. */
  readonly text: string;
  /** `start` and `end` are relative to the enclosing statement here. */
  readonly statements: readonly PlacedStatement[];
  /** Whether it holds EXECUTE or anything else whose effect cannot be read from the text. */
  readonly dynamic: boolean;
  /** How many of `statements`, from the first on, run whenever the body does, as long as none before them fails. */
  readonly certain: number;
  /** What all of it may do. */
  readonly code: Code;
}

export interface CreateOperatorClass {
  readonly kind: "create-operator-class";
  readonly name: RelationName;
  /** The access method, lower case. */
  readonly method: string;
  readonly isDefault: boolean;
}

export interface CreateTrigger {
  readonly kind: "create-trigger";
  readonly name: Identifier;
  readonly relation: RelationName;
  readonly replace: boolean;
  readonly constraint: boolean;
  readonly timing: "before" | "after" | "instead-of";
  readonly row: boolean;
  readonly events: readonly ("insert" | "update" | "delete" | "truncate")[];
  readonly transitionTables: boolean;
  /** The tables of REFERENCING, as written: `OLD TABLE AS o`. */
  readonly transitions: readonly ("old" | "new")[];
  /** The names that REFERENCING gives them. */
  readonly transitionNames?: readonly string[] | undefined;
  /** Whether it may fire as late as at the end of the transaction. */
  readonly deferrable?: true | undefined;
  /** The columns that UPDATE OF names. */
  readonly columns: readonly string[];
  /** WHEN */
  readonly when: Expression | null;
  /** The columns that UPDATE OF and WHEN name. */
  readonly mentions: readonly string[];
  readonly function: RelationName;
}

export interface CreateRule {
  readonly kind: "create-rule";
  readonly name: Identifier;
  readonly relation: RelationName;
  readonly event: "select" | "insert" | "update" | "delete";
  readonly instead: boolean;
  /** Whether one of its commands has RETURNING. */
  readonly returning: boolean;
}

export interface CreateExtension {
  readonly kind: "create-extension";
  readonly name: Identifier;
  readonly schema: string | null;
  readonly version: string | null;
  readonly ifNotExists: boolean;
}

export interface DoBlock {
  readonly kind: "do";
  readonly body: Body;
}

export interface SetVariable {
  readonly kind: "set";
  /** Lower case: `search_path`, `timezone`, `datestyle`; `all` for RESET ALL. `SET TIME ZONE` is `timezone`. */
  readonly name: string;
  /** The values as strings; null for DEFAULT and RESET. */
  readonly values: readonly string[] | null;
  readonly local: boolean;
}

export interface Transaction {
  readonly kind: "transaction";
  readonly action:
    | "begin"
    | "commit"
    | "rollback"
    | "savepoint"
    | "release"
    | "rollback-to"
    | "prepare"
    | "commit-prepared"
    | "rollback-prepared";
  readonly savepoint: string | null;
  /** `AND CHAIN` */
  readonly chain: boolean;
  /** Whether BEGIN sets an isolation level or another mode. */
  readonly hasModes?: true | undefined;
  /** `BEGIN READ ONLY`, `READ WRITE`; null where neither is said. */
  readonly readOnly: boolean | null;
}

export interface Truncate {
  readonly kind: "truncate";
  readonly relations: readonly RelationName[];
  readonly cascade: boolean;
}

export interface Copy {
  readonly kind: "copy";
  readonly relation: RelationName | null;
  readonly query: Query | null;
  readonly direction: "from" | "to";
  readonly columns: readonly Identifier[];
  /** How the data are to be read; null where its options are not followed. */
  readonly format: CopyFormat | null;
  /** The lines behind the statement, of FROM stdin, and where they begin relative to it; null where they are none, or too many. */
  readonly data: { readonly text: string; readonly start: number } | null;
}

/** `CALL p(…)`. A SELECT that calls functions is a query. */
export interface Call {
  readonly kind: "call-procedure";
  readonly call: Expression;
}

/** SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, TABLE; also inside EXPLAIN, PREPARE and DECLARE CURSOR. */
export interface QueryStatement {
  readonly kind: "query";
  readonly wrapper: "none" | "explain" | "explain-analyze" | "prepare" | "cursor";
  /** Of PREPARE and DECLARE CURSOR: what the statement or cursor is called. */
  readonly name?: string | undefined;
  /** Of PREPARE: the types that it gives its parameters; those of the others follow from their use. */
  readonly parameterTypes?: readonly TypeName[] | undefined;
  /** The range of the query itself, without the wrapper. */
  readonly query: Query;
  readonly queryRange: TextRange;
}

/** EXECUTE of a prepared statement, by itself, under EXPLAIN, or as what CREATE TABLE AS stores. */
export interface Execute {
  readonly kind: "execute";
  readonly wrapper: "none" | "explain" | "explain-analyze" | "create-table-as";
  readonly name: Identifier;
  readonly arguments: readonly Expression[];
}

/** DEALLOCATE; the name is null for ALL. */
export interface Deallocate {
  readonly kind: "deallocate";
  readonly name: Identifier | null;
}

/** psql's `\\connect`: a new session, of the same database or elsewhere. */
export interface Connect {
  readonly kind: "connect";
  /** Where it leads to, as it is written; null for the same database. */
  readonly elsewhere: string | null;
}

/** A command of psql that decides what is sent of the statements behind it, or what their variables stand for. */
export interface PsqlCommand {
  readonly kind: "psql";
  readonly command: /** `\\i` and its like: nobody knows what has been run behind it. */
    | "include"
    | "set"
    | "unset"
    /** `\\gset`, `\\prompt`, `\\getenv`: variables get values that the script does not tell. */
    | "assign"
    /** `\\copy`, `\\!`: rows may have come into any table. */
    | "rows"
    | "if"
    | "elif"
    | "else"
    | "endif"
    | "quit";
  /** null where one is what a shell command prints. */
  readonly arguments: readonly Argument[] | null;
}

/** PostgreSQL's parser rejects it. */
export interface Invalid {
  readonly kind: "invalid";
  readonly error: SyntaxProblem;
  /** What the leading words say it was going to be, for symbols and lenses that must not vanish while somebody types. */
  readonly beginning: "query" | "create-table" | "alter-table" | "other";
  /** Relation names that its tokens show, in order. */
  readonly relations: readonly RelationName[];
  /** The majors whose grammars may take it; absent where none does. */
  readonly mayBeTakenBy?: { readonly from: number; readonly to: number } | undefined;
}

export interface SyntaxProblem {
  /** In PostgreSQL's words, `syntax error at or near "…"`. */
  readonly message: string;
  readonly sqlstate: string;
  /** The token at which the parser stopped. */
  readonly range: TextRange;
}

/** Understood to be a statement, and not to matter here. */
export interface Other {
  readonly kind: "other";
  /** The parse node's name, such as `GrantStmt`. */
  readonly tag: string;
  /** Relations it names, where they are easily told. */
  readonly relations: readonly RelationName[];
  /** The column that COMMENT ON COLUMN is about, the index that CLUSTER follows. */
  readonly member?: Identifier | undefined;
  /** What it defines, or changes the definition of, that runs code: an operator, aggregate, event trigger, policy. */
  readonly object?: CodeObject | undefined;
  /** What PostgreSQL calls it where it runs only outside of transaction blocks and functions: `REINDEX CONCURRENTLY`. */
  readonly outsideOnly?: string | undefined;
  /** OWNED BY of ALTER SEQUENCE. */
  readonly ownedBy?: SequenceOwner | "none" | undefined;
}

export interface CodeObject {
  readonly kind: "aggregate" | "operator" | "event-trigger" | "policy" | "other";
  readonly name: string;
  /** Of an event trigger: `ddl_command_end`, …, and the commands that it is for; no tags where it is for all. */
  readonly event?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}
