/** CREATE TABLE, CREATE FOREIGN TABLE, CREATE TABLE AS. */

import type {
  ColumnDef,
  CreateForeignTableStmt,
  CreateStmt,
  CreateTableAsStmt,
  Node,
  TableLikeClause,
} from "@pgsql/types";
import type {
  ColumnDefinition,
  CreateTable,
  CreateTableAs,
  LikeOption,
  Other,
  Persistence,
  StorageParameter,
  TableElement,
} from "../statement.ts";
import { lowerBound, lowerPartitionBy } from "./bounds.ts";
import { lowerColumnConstraints, lowerTableConstraint } from "./constraints.ts";
import type { Lowering } from "./lowering.ts";
import { identifierAt, identifierNamed, identifiersInParentheses, relationName } from "./names.ts";
import { allOf, as, location, optionText, strings } from "./node.ts";
import { lowerExecute } from "./prepared.ts";
import { lowerQuery } from "./queries.ts";
import {
  closing,
  endOfName,
  findWord,
  insideParentheses,
  isWord,
  type Region,
  rangeOf,
  rangeOfRegion,
  type Source,
  splitByCommas,
  tokenIndexAt,
  word,
} from "./source.ts";
import { lowerTypeName } from "./types.ts";

export function lowerCreateTable(
  node: CreateStmt,
  lowering: Lowering,
  foreignServer: string | null = null,
): CreateTable {
  const { source } = lowering;
  const name = relationName(node.relation ?? {}, source, "never-only");
  const list = elementList(node, tokenIndexAt(source, name.range.end), source);
  const parents = allOf(node.inhRelations, "RangeVar").map((parent) => relationName(parent, source, "never-only"));
  const [parent] = parents;
  return {
    kind: "create-table",
    name,
    persistence: persistence(node.relation?.relpersistence),
    ifNotExists: node.if_not_exists === true,
    foreignServer,
    elements: list === null ? [] : lowerElements(node.tableElts, insideParentheses(source, list), lowering),
    elementsRange: list === null ? null : rangeOf(source, list, closing(source, list)),
    inherits: node.partbound === undefined ? parents : [],
    partitionOf:
      node.partbound === undefined || parent === undefined
        ? null
        : { parent, bound: lowerBound(node.partbound, lowering) },
    partitionBy: node.partspec === undefined ? null : lowerPartitionBy(node.partspec, lowering),
    ofType: node.ofTypename === undefined ? null : lowerTypeName(node.ofTypename, source),
    storageParameters: storageParameters(node.options, source),
    tablespace: node.tablespacename ?? null,
    accessMethod: node.accessMethod ?? null,
    onCommit: onCommit(node.oncommit),
  };
}

export function lowerCreateForeignTable(node: CreateForeignTableStmt, lowering: Lowering): CreateTable {
  return lowerCreateTable(node.base ?? {}, lowering, node.servername ?? "");
}

export function lowerCreateTableAs(node: CreateTableAsStmt, lowering: Lowering): CreateTableAs | Other {
  const { source } = lowering;
  const relation = node.into?.rel;
  if (relation === undefined) return { kind: "other", tag: "CreateTableAsStmt", relations: [] };
  const name = relationName(relation, source, "never-only");
  const afterName = tokenIndexAt(source, name.range.end);
  const first = findWord(source, { first: afterName, last: source.tokens.length - 1 }, "as") + 1;
  const data = findWord(source, { first, last: source.tokens.length - 1 }, "data");
  const last = data < 0 ? source.tokens.length - 1 : data - (isWord(source, data - 1, "no") ? 3 : 2);
  const execute = as(node.query, "ExecuteStmt");
  return {
    kind: "create-table-as",
    name,
    persistence: persistence(relation.relpersistence),
    ifNotExists: node.if_not_exists === true,
    materializedView: node.objtype === "OBJECT_MATVIEW",
    columns: node.into?.colNames === undefined ? [] : identifiersInParentheses(source, afterName),
    query: lowerQuery(node.query, { first, last }, lowering),
    storageParameters: storageParameters(node.into?.options, source),
    ...(execute === undefined ? {} : { execute: lowerExecute(execute, "create-table-as", lowering) }),
    onCommit: onCommit(node.into?.onCommit),
  };
}

export function persistence(letter: string | undefined): Persistence {
  return letter === "t" ? "temporary" : letter === "u" ? "unlogged" : "permanent";
}

function onCommit(action: CreateStmt["oncommit"]): CreateTable["onCommit"] {
  switch (action) {
    case "ONCOMMIT_PRESERVE_ROWS":
      return "preserve-rows";
    case "ONCOMMIT_DELETE_ROWS":
      return "delete-rows";
    case "ONCOMMIT_DROP":
      return "drop";
    default:
      return "none";
  }
}

/** The parenthesis that opens the list of elements: after the name, `PARTITION OF p` or `OF type`. */
function elementList(node: CreateStmt, afterName: number, source: Source): number | null {
  let at = afterName;
  if (node.partbound !== undefined) at = endOfName(source, afterName + 2) + 1;
  else if (node.ofTypename !== undefined) at = endOfName(source, afterName + 1) + 1;
  return word(source, at) === "(" ? at : null;
}

function lowerElements(nodes: readonly Node[] | undefined, list: Region, lowering: Lowering): readonly TableElement[] {
  const regions = splitByCommas(lowering.source, list);
  return (nodes ?? []).flatMap((node, index) => {
    const region = regions[index];
    return region === undefined ? [] : lowerElement(node, region, lowering);
  });
}

function lowerElement(node: Node, region: Region, lowering: Lowering): readonly TableElement[] {
  const column = as(node, "ColumnDef");
  if (column !== undefined) return [lowerColumn(column, region, lowering)];
  const constraint = as(node, "Constraint");
  if (constraint !== undefined)
    return [{ kind: "constraint", constraint: lowerTableConstraint(constraint, region, lowering) }];
  const like = as(node, "TableLikeClause");
  return like === undefined ? [] : [lowerLike(like, region, lowering)];
}

/** A column, whose name is the first token of the region. */
export function lowerColumn(node: ColumnDef, region: Region, lowering: Lowering): ColumnDefinition {
  const { source } = lowering;
  return {
    kind: "column",
    name: identifierNamed(node.colname ?? "", source, region.first),
    type: node.typeName === undefined ? null : lowerTypeName(node.typeName, source),
    collation: node.collClause === undefined ? null : strings(node.collClause.collname),
    ...(node.compression === undefined ? {} : { compression: node.compression }),
    constraints: lowerColumnConstraints(node.constraints, region, lowering),
    range: rangeOfRegion(source, region),
  };
}

/** The bits of the grammar's option mask (CREATE_TABLE_LIKE_…), from the lowest on. */
const likeOptions: readonly LikeOption[] = [
  "comments",
  "compression",
  "constraints",
  "defaults",
  "generated",
  "identity",
  "indexes",
  "statistics",
  "storage",
];

function lowerLike(node: TableLikeClause, region: Region, lowering: Lowering): TableElement {
  const mask = node.options ?? 0;
  return {
    kind: "like",
    source: relationName(node.relation ?? {}, lowering.source, "never-only"),
    including: likeOptions.filter((_, bit) => (mask & (1 << bit)) !== 0),
    range: rangeOfRegion(lowering.source, region),
  };
}

export function storageParameters(options: readonly Node[] | undefined, source: Source): readonly StorageParameter[] {
  return allOf(options, "DefElem").map((option) => {
    const place = tokenIndexAt(source, location(option));
    return {
      ...identifierAt(source, place),
      name: option.defname ?? "",
      namespace: option.defnamespace ?? null,
      value: option.arg === undefined ? null : optionText(option.arg),
    };
  });
}
