/** What client and server say to each other beyond the Language Server Protocol: names and plain data, for the client too. */

export type * from "./connection-protocol.ts";
export type * from "./guide-protocol.ts";
export type * from "./rehearsal-protocol.ts";

/** As the Language Server Protocol has it: both numbers begin at 0, `character` counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface TextDocumentIdentifier {
  readonly uri: string;
}

/** `initializationOptions` of the client; everything is optional. */
export interface InitializationOptions {
  /** Settings, nested or dotted, with more weight than `workspace/configuration`. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Commands that the client carries out itself, so that the server does not register them: `vscode-languageclient`
   * would register them a second time. The server still answers `workspace/executeCommand` for all of its own.
   */
  readonly clientCommands?: readonly string[] | undefined;
  /** Whether the client draws `$(icon)` in the titles of lenses. Default false. */
  readonly icons?: boolean | undefined;
  /** What people picked in earlier sessions: keys of choices, by the URIs of folders. */
  readonly schemaPicks?: Readonly<Record<string, string>> | undefined;
  /** Whether people trust the workspace; connection settings of an untrusted one have no effect. Default true. */
  readonly trusted?: boolean | undefined;
}

/** Requests of the client. */
export const requests = {
  /** `SurvivorsParams` → `SurvivorsResult` */
  survivors: "partitionLens/survivors",
  /** `CatalogParams` → `CatalogResult` */
  catalog: "partitionLens/catalog",
  /** `PartitionTreeParams` → `PartitionTreeResult` */
  partitionTree: "partitionLens/partitionTree",
  /** `SchemaTreeParams` → `SchemaTreeResult` */
  schemaTree: "partitionLens/schemaTree",
  /** `SchemaSourceParams` → `SchemaSourceResult` */
  schemaSource: "partitionLens/schemaSource",
  /** `PickSchemaParams` → null */
  pickSchema: "partitionLens/pickSchema",
  /** `GuideParams` → `GuideResult` */
  guide: "partitionLens/guide",
  /** `StageParams` → `StageResult` */
  stage: "partitionLens/stage",
  /** `ConnectParams` → `ConnectResult` */
  connect: "partitionLens/connect",
  /** no parameters → null */
  disconnect: "partitionLens/disconnect",
} as const;

/** Notifications of the server. */
export const notifications = {
  /** `StatusParams`: whenever source or state change, and once after initialization. */
  status: "partitionLens/status",
  /** `TreeChangedParams`: the partition tree of a document, or of all, is another than the one last asked for. */
  treeChanged: "partitionLens/treeChanged",
} as const;

/** Commands that the server carries out through `workspace/executeCommand`. */
export const commands = {
  /** `[GenerateArguments]` → `GenerateResult`, or an error whose message says what to change. Nothing is written. */
  generate: "partitionLens.generate",
  /** `[InsertScriptArguments]` → null. Writes the script where it belongs by `workspace/applyEdit`, or shows it where that is not possible. */
  insertScript: "partitionLens.insertScript",
  /** `[InsertScriptArguments]` → `ScriptPlan`. Says where the script belongs; nothing is written. */
  planScript: "partitionLens.planScript",
  /** `[PruningArguments]` → `PruningAnswer`. The command of query lenses; tells the user through `window/showMessage` too. */
  showPruning: "partitionLens.showPruning",
  /** `[MapArguments]` → `PartitionTreeNode | null`. The command of DDL lenses: the table's partitions. */
  showPartitions: "partitionLens.showPartitions",
  /** `[StageParams]` → `StageResult` */
  showStage: "partitionLens.showStage",
  /** `[RehearseArguments]` → `RehearseResult`. Runs the file in an embedded PostgreSQL; progress goes to `workDoneToken`. */
  rehearse: "partitionLens.rehearse",
  /** `[ConnectParams]` → `ConnectResult`, for editors without a client of ours; the name may be left out. */
  connect: "partitionLens.connect",
  /** no arguments → null */
  disconnect: "partitionLens.disconnect",
  /** no arguments → `RefreshResult`. Reads the schema of the connected database again, and now. */
  refreshCatalog: "partitionLens.refreshCatalog",
} as const;

// ---------------------------------------------------------------------------------------------------------------- pruning

export interface SurvivorsParams {
  readonly textDocument: TextDocumentIdentifier;
}

/** One entry for every statement that touches a partitioned table, in document order. */
export interface SurvivorsResult {
  readonly statements: readonly StatementSurvivors[];
}

export interface StatementSurvivors {
  readonly range: Range;
  readonly relations: readonly RelationSurvivors[];
}

/** Names are `schema.name`, unquoted. */
export interface RelationSurvivors {
  readonly relation: string;
  readonly leaves: readonly string[];
  /** The leaves scanned, written or (INSERT) routed to; null where unknown. */
  readonly survivors: readonly string[] | null;
  readonly decided: "planning" | "executor-start" | "execution";
  readonly certainty: "exact" | "at-most" | "unknown";
  readonly source: "predicted" | "embedded" | "connected";
  /** Of a table that Citus divides: its number of shards, and those visited, by ascending minimum; null where unknown. */
  readonly shards?: { readonly count: number; readonly survivors: readonly number[] | null } | undefined;
  /** Why not fewer, or why unknown. */
  readonly reason?: string | undefined;
}

export interface PruningArguments {
  readonly uri: string;
  /** The statement's range when the lens was made; the statement that stands there now is meant. */
  readonly range: Range;
}

export interface PruningAnswer {
  /** The lens's title, without icon. */
  readonly title: string;
  readonly relations: readonly PruningRelation[];
}

export interface PruningRelation extends RelationSurvivors {
  /** In the order of `leaves`. */
  readonly partitions: readonly PartitionFate[];
}

export interface PartitionFate {
  readonly name: string;
  /** As `pg_get_expr(relpartbound, oid)` spells it; empty where the partition has none. */
  readonly bound: string;
  /** null where it cannot be told. */
  readonly survives: boolean | null;
  /** Where the partition is defined, if in a file. */
  readonly definition: DefinitionPlace | null;
}

export interface DefinitionPlace {
  readonly uri: string;
  readonly range: Range;
}

// ---------------------------------------------------------------------------------------------------------------- catalog

export interface CatalogParams {
  readonly textDocument: TextDocumentIdentifier;
  /** The catalog after the statement at this position; absent: after the last. */
  readonly position?: Position | undefined;
}

/** The tables (ordinary, partitioned, foreign) of the world, with what their partitions cover. */
export interface CatalogResult {
  readonly relations: readonly CatalogRelation[];
  readonly coverage: readonly CatalogCoverage[];
}

export interface CatalogRelation {
  /** `schema.name`, unquoted. */
  readonly name: string;
  readonly kind: "table" | "partitioned-table" | "foreign-table";
  readonly scheme: "declarative" | "inheritance" | "pathman" | "partman" | "citus";
  readonly parent: string | null;
  /** As `pg_get_partkeydef` spells it. */
  readonly key: string | null;
  /** As `pg_get_expr(relpartbound, oid)` spells it, for every scheme. */
  readonly bound: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly notNull: boolean }[];
  readonly checks: readonly { readonly name: string; readonly definition: string }[];
  /**
   * What Citus makes of the table; absent where it does not know it. `colocation` is equal for tables whose shards lie together,
   * 0 for none; `ranges` are ascending, `[null, null]` without a distribution column.
   */
  readonly shards?:
    | {
        readonly column: string | null;
        readonly count: number;
        readonly colocation: number;
        readonly ranges: readonly (readonly [min: number | null, max: number | null])[];
        readonly kind: "distributed" | "reference" | "local" | "schema";
      }
    | undefined;
}

export interface CatalogCoverage {
  readonly relation: string;
  /** Ranges that no partition takes, between existing ones; `to` is exclusive. */
  readonly gaps: readonly { readonly from: string; readonly to: string }[];
  readonly overlaps: readonly { readonly from: string; readonly to: string; readonly partitions: readonly string[] }[];
  readonly missingRemainders: readonly { readonly modulus: number; readonly remainder: number }[];
  readonly hasDefault: boolean;
}

// ------------------------------------------------------------------------------------------------------------------ schema

export interface SchemaSourceParams {
  readonly textDocument: TextDocumentIdentifier;
}

/** Whose schema a file starts from that makes none of its own. */
export interface SchemaSourceResult {
  /** `24 migrations in db/migrate`; null where the file stands on its own. */
  readonly label: string | null;
  /** The tables that the file names and nobody knows. */
  readonly unknown: readonly string[];
  /** What people may pick from where there are several. */
  readonly choices: readonly { readonly key: string; readonly label: string; readonly chosen: boolean }[];
}

/** What the files below the folder start from, from now on. */
export interface PickSchemaParams {
  /** The URI of a folder. */
  readonly folder: string;
  /** The key of a choice; null forgets it. */
  readonly key: string | null;
}

// ------------------------------------------------------------------------------------------------------------------- tree

export interface PartitionTreeParams {
  readonly textDocument: TextDocumentIdentifier;
}

export interface PartitionTreeResult {
  readonly roots: readonly PartitionTreeNode[];
}

/** A row of the view: a partitioned table, a partition, or what is missing between partitions. */
export interface PartitionTreeNode {
  readonly kind: "table" | "partition" | "default" | "gap" | "missing-remainder" | "overlap";
  /** Unique among all nodes of the answer, and the same in the next answer for the same thing. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** `schema.name` unquoted, of the partitioned table that the node is or belongs to. */
  readonly table: string;
  /** `schema.name` unquoted, on partitions. */
  readonly partition?: string | undefined;
  readonly definition: DefinitionPlace | null;
  readonly children: readonly PartitionTreeNode[];
  /** Number of gaps, overlaps and missing remainders below. */
  readonly problems: number;
  /** What *Generate* fills this with, on gaps and missing remainders. */
  readonly generate?: GenerateArguments | undefined;
}

export interface MapArguments {
  readonly uri: string;
  /** `schema.name`, unquoted. */
  readonly table: string;
}

export interface TreeChangedParams {
  /** null where all may be others: of what is on disk, or of the connection. */
  readonly uri: string | null;
}

export interface SchemaTreeParams {
  /** `children` of a row of an earlier answer; absent: the first rows. */
  readonly of?: SchemaTreePlace | undefined;
  /** Only tables and partitions whose name or bound holds this text. */
  readonly filter?: string | undefined;
}

/** Of what the rows are wanted. */
export interface SchemaTreePlace {
  /** Which of the schemas: the key of one of the workspace's, the URI of a file that stands alone, or `database`. */
  readonly source: string;
  /** Absent: the tables of the schema. */
  readonly table?:
    | {
        readonly schema: string;
        readonly name: string;
        readonly from?: number | undefined;
        readonly to?: number | undefined;
      }
    | undefined;
}

/** The schemas of the workspace, or of the database that is connected: not that of the file in the editor. */
export interface SchemaTreeResult {
  readonly rows: readonly SchemaTreeRow[];
  /** Whose schema it is where it is only one: `24 migrations in db/migrate`, the name of the connection; null else. */
  readonly label: string | null;
  /** Gaps, overlaps and missing remainders in all. */
  readonly problems: number;
  /** The same text while all answers would be the same. */
  readonly revision: string;
}

export interface SchemaTreeRow extends Omit<PartitionTreeNode, "kind" | "children"> {
  readonly kind: PartitionTreeNode["kind"] | "run" | "source";
  /** Which of the schemas it belongs to. */
  readonly source: string;
  /** What to ask for; null where nothing is below. */
  readonly children: SchemaTreePlace | null;
}

// --------------------------------------------------------------------------------------------------------------- generate

/** Which operation on which table. Further members belong to single operations. A refusal names in its `data` the one that is wrong. */
export interface GenerateArguments {
  /** The catalog to work on is that after the last statement of this document. */
  readonly textDocument?: TextDocumentIdentifier | undefined;
  /** A `source` of the schema tree: the catalog to work on is that which the tree shows. */
  readonly source?: string | undefined;
  readonly operation: string;
  /** As SQL writes it: `measurement`, `app."Sales"`; or `schema.name` unquoted as our answers have it. */
  readonly table: string;
  readonly partition?: string | null | undefined;
  readonly partitions?: readonly string[] | undefined;
  /** The value at which to split, and so on, as SQL writes the constant between its quotes. */
  readonly at?: string | null | undefined;
  readonly [argument: string]: unknown;
}

/** The `data` of the error that refuses an operation because of one of its arguments. */
export interface RefusalData {
  readonly argument: string;
}

/** The operation, on the document that is to hold its script. */
export interface InsertScriptArguments extends GenerateArguments {
  readonly textDocument: TextDocumentIdentifier;
}

/** Where a script belongs: what is to be written to which files. */
export interface ScriptPlan {
  /** The first one is what people want to see. */
  readonly files: readonly WrittenFile[];
  /** What is left for the person to do; null where nothing is. */
  readonly note: string | null;
}

export interface WrittenFile {
  readonly uri: string;
  /** null for a file that is to be created with the text as its content. */
  readonly range: Range | null;
  readonly newText: string;
}

/**
 * The command of the code actions that write DDL, for clients that list it in `clientCommands`: they carry out the `ScriptPlan`
 * that is its argument, or that of its `InsertScriptArguments`, and show what is written. Others get an edit, or `insertScript`.
 */
export const writeScriptCommand = "partitionLens.writeScript";

/**
 * The command of the code actions that ask for something first ("Split … at a value…", "More operations…"), which the client
 * carries out: it begins the guide with the `GuideParams` that are its argument. Offered to clients that list it in `clientCommands`.
 */
export const guideCommand = "partitionLens.guide";

export interface GenerateResult {
  readonly sql: string;
  readonly steps: readonly {
    readonly sql: string;
    readonly locks: readonly { readonly relation: string; readonly mode: string }[];
    readonly transaction: "inside" | "outside";
  }[];
  readonly notes: readonly string[];
  /** A script that takes everything back; null where nothing can. */
  readonly undo: string | null;
}

// ------------------------------------------------------------------------------------------------------------------ stages

/** `script` is every script that the partition operations offer at the position. */
export const stages = ["statements", "catalog", "steps", "script", "verdict"] as const;
export type Stage = (typeof stages)[number];

export interface StageParams {
  readonly textDocument: TextDocumentIdentifier;
  readonly stage: Stage;
  /** For `catalog` and `verdict`: the statement at this position; absent: the last, or all. */
  readonly position?: Position | undefined;
}

export interface StageResult {
  readonly text: string;
}
