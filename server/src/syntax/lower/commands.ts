/** SET, transactions, TRUNCATE, COPY, CALL, and the commands that wrap a query. */

import type {
  AlterDomainStmt,
  CallStmt,
  ClusterStmt,
  CommentStmt,
  CopyStmt,
  DeclareCursorStmt,
  ExplainStmt,
  Node,
  TransactionStmt,
  TruncateStmt,
  VariableSetStmt,
} from "@pgsql/types";
import type {
  Call,
  Copy,
  CreateTableAs,
  Execute,
  Other,
  QueryStatement,
  SetVariable,
  Transaction,
  Truncate,
} from "../statement.ts";
import { copyFormat } from "./copy-format.ts";
import { lowerExpression } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import {
  type Cursor,
  identifierAt,
  identifiersInParentheses,
  relationName,
  relationNameOfStrings,
  relationNameOfTokens,
  take,
} from "./names.ts";
import { allOf, as, constantText, isOn, options, optionText, strings } from "./node.ts";
import { lowerExecute } from "./prepared.ts";
import { lowerQuery } from "./queries.ts";
import { lowerQueryStatement } from "./query-statement.ts";
import {
  closing,
  endOfName,
  findWord,
  insideParentheses,
  isWord,
  type Source,
  tokenIndexAt,
  wholeRegion,
  word,
} from "./source.ts";
import { lowerCreateTableAs } from "./tables.ts";

export function lowerExplain(node: ExplainStmt, lowering: Lowering): QueryStatement | Execute | CreateTableAs | Other {
  const { source } = lowering;
  const chosen = options(node.options);
  let first = 1;
  if (word(source, first) === "(" && !isQueryStart(source, first + 1)) first = closing(source, first) + 1;
  while (isWord(source, first, "analyze", "analyse", "verbose")) first++;
  const isAnalyze = chosen.has("analyze") && isOn(chosen.get("analyze"));
  const wrapper = isAnalyze ? "explain-analyze" : "explain";
  // It is run, and what it creates is there.
  const creates = isAnalyze ? as(node.query, "CreateTableAsStmt") : undefined;
  if (creates !== undefined) return lowerCreateTableAs(creates, lowering);
  const execute = as(node.query, "ExecuteStmt");
  if (execute !== undefined) return lowerExecute(execute, wrapper, lowering);
  const wrapped = lowerQueryStatement(node.query, { first, last: source.tokens.length - 1 }, wrapper, lowering);
  return wrapped.kind === "query" ? wrapped : { kind: "other", tag: "ExplainStmt", relations: [] };
}

/** `EXPLAIN (SELECT …)` against `EXPLAIN (ANALYZE) …`. */
function isQueryStart(source: Source, index: number): boolean {
  return isWord(source, index, "select", "with", "values", "table", "(", "insert", "update", "delete", "merge");
}

export function lowerDeclareCursor(node: DeclareCursorStmt, lowering: Lowering): QueryStatement | Other {
  const first = findWord(lowering.source, wholeRegion(lowering.source), "for") + 1;
  return lowerQueryStatement(
    node.query,
    { first, last: lowering.source.tokens.length - 1 },
    "cursor",
    lowering,
    node.portalname,
  );
}

export function lowerSetVariable(node: VariableSetStmt): SetVariable | Other {
  if (node.kind === "VAR_SET_MULTI") return lowerTransactionModes(node);
  const values = node.kind === "VAR_SET_VALUE" ? (node.args ?? []).map(settingText) : null;
  return {
    kind: "set",
    name: node.kind === "VAR_RESET_ALL" ? "all" : (node.name ?? "").toLowerCase(),
    values,
    local: node.is_local === true,
  };
}

/** SET TRANSACTION and SET SESSION CHARACTERISTICS AS TRANSACTION: of the modes only READ ONLY and READ WRITE matter. */
function lowerTransactionModes(node: VariableSetStmt): SetVariable | Other {
  const readOnly = readOnlyOf(node.args);
  if (readOnly === null) return { kind: "other", tag: "VariableSetStmt", relations: [] };
  const isSession = node.name === "SESSION CHARACTERISTICS";
  return {
    kind: "set",
    name: isSession ? "default_transaction_read_only" : "transaction_read_only",
    values: [readOnly ? "on" : "off"],
    local: !isSession,
  };
}

function readOnlyOf(modes: readonly Node[] | undefined): boolean | null {
  const mode = options(modes).get("transaction_read_only");
  return mode === undefined ? null : optionText(mode) === "1";
}

/** `SET TIME ZONE INTERVAL '+05:30' HOUR TO MINUTE` is kept in these words; all other values are plain constants. */
function settingText(node: Node): string {
  const cast = as(node, "TypeCast");
  if (cast?.arg === undefined) return optionText(node);
  const [fields] = cast.typeName?.typmods ?? [];
  const words = fields === undefined ? "" : (hourFields.get(constantText(as(fields, "A_Const") ?? {})) ?? "");
  return `INTERVAL '${settingText(cast.arg).replaceAll("'", "''")}'${words}`;
}

/** The masks of the fields that the grammar takes here: INTERVAL_MASK of HOUR, and of HOUR with MINUTE. */
const hourFields: ReadonlyMap<string, string> = new Map([
  [String(1 << 10), " HOUR"],
  [String((1 << 10) | (1 << 11)), " HOUR TO MINUTE"],
]);

const transactionActions: Readonly<Record<NonNullable<TransactionStmt["kind"]>, Transaction["action"]>> = {
  TRANS_STMT_BEGIN: "begin",
  TRANS_STMT_START: "begin",
  TRANS_STMT_COMMIT: "commit",
  TRANS_STMT_ROLLBACK: "rollback",
  TRANS_STMT_SAVEPOINT: "savepoint",
  TRANS_STMT_RELEASE: "release",
  TRANS_STMT_ROLLBACK_TO: "rollback-to",
  TRANS_STMT_PREPARE: "prepare",
  TRANS_STMT_COMMIT_PREPARED: "commit-prepared",
  TRANS_STMT_ROLLBACK_PREPARED: "rollback-prepared",
};

export function lowerTransaction(node: TransactionStmt): Transaction {
  return {
    kind: "transaction",
    action: transactionActions[node.kind ?? "TRANS_STMT_BEGIN"],
    savepoint: node.savepoint_name ?? null,
    chain: node.chain === true,
    ...((node.options ?? []).length > 0 ? { hasModes: true } : {}),
    readOnly: readOnlyOf(node.options),
  };
}

export function lowerTruncate(node: TruncateStmt, { source }: Lowering): Truncate {
  return {
    kind: "truncate",
    relations: allOf(node.relations, "RangeVar").map((relation) => relationName(relation, source, "may-be-only")),
    cascade: node.behavior === "DROP_CASCADE",
  };
}

export function lowerCopy(node: CopyStmt, lowering: Lowering): Copy {
  const { source } = lowering;
  const relation = node.relation === undefined ? null : relationName(node.relation, source, "never-only");
  const list = relation === null ? -1 : tokenIndexAt(source, relation.range.end);
  return {
    kind: "copy",
    relation,
    query: lowerQuery(node.query, insideParentheses(source, 1), lowering),
    direction: node.is_from === true ? "from" : "to",
    columns: node.attlist === undefined ? [] : identifiersInParentheses(source, list),
    format: copyFormat(node),
    data: null,
  };
}

/** COMMENT ON a relation or a column; of other objects nothing is read. */
export function lowerComment(node: CommentStmt, { source }: Lowering): Other {
  const cursor: Cursor = { source, index: 2 };
  take(cursor, "materialized");
  take(cursor, "foreign");
  const isColumn = take(cursor, "column");
  const isRelation = isColumn || ["table", "view", "index", "sequence"].some((kind) => take(cursor, kind));
  if (!isRelation) return { kind: "other", tag: "CommentStmt", relations: [] };
  const names = strings(as(node.object, "List")?.items);
  const first = cursor.index;
  if (!isColumn) return { kind: "other", tag: "CommentStmt", relations: [relationNameOfStrings(names, source, first)] };
  const last = endOfName(source, first);
  if (last < first + 2) return { kind: "other", tag: "CommentStmt", relations: [] };
  const relation = relationNameOfTokens(source, first, last - 2);
  return { kind: "other", tag: "CommentStmt", relations: [relation], member: identifierAt(source, last) };
}

/** Of ALTER DOMAIN nothing is read but the domain's name. */
export function lowerAlterDomain(node: AlterDomainStmt, { source }: Lowering): Other {
  return {
    kind: "other",
    tag: "AlterDomainStmt",
    relations: [relationNameOfStrings(strings(node.typeName), source, 2)],
  };
}

export function lowerCluster(node: ClusterStmt, { source }: Lowering): Other {
  // Without a table it goes through all that were clustered before, in a transaction for each.
  if (node.relation === undefined) return { kind: "other", tag: "ClusterStmt", relations: [], outsideOnly: "CLUSTER" };
  const relation = relationName(node.relation, source, "never-only");
  const index = findWord(source, wholeRegion(source), "using") + 1;
  const member = node.indexname === undefined || index === 0 ? undefined : identifierAt(source, index);
  return { kind: "other", tag: "ClusterStmt", relations: [relation], member };
}

export function lowerCall(node: CallStmt, lowering: Lowering): Call | Other {
  if (node.funccall === undefined) return { kind: "other", tag: "CallStmt", relations: [] };
  return { kind: "call-procedure", call: lowerExpression({ FuncCall: node.funccall }, lowering) };
}
