/** From PostgreSQL's parse tree to the statements that the rest knows: the only folder that knows the parser's nodes. */

import type { Node, RangeVar } from "@pgsql/types";
import type { Other, Statement } from "../statement.ts";
import { lowerAlterTable } from "./alter-table.ts";
import { givingsOf } from "./belongings.ts";
import { lowerDrop, lowerRename, lowerSetSchema } from "./changes.ts";
import { codeObject } from "./code-objects.ts";
import {
  lowerAlterDomain,
  lowerCall,
  lowerCluster,
  lowerComment,
  lowerCopy,
  lowerDeclareCursor,
  lowerExplain,
  lowerSetVariable,
  lowerTransaction,
  lowerTruncate,
} from "./commands.ts";
import { departuresOf } from "./departures.ts";
import { lowerCreateFunction, lowerDo } from "./functions.ts";
import type { Lowering } from "./lowering.ts";
import { relationName } from "./names.ts";
import { objectsNeeded, objectsShared } from "./needs.ts";
import { as, type Dispatch, dispatch, kindOf } from "./node.ts";
import {
  lowerAlterEnum,
  lowerCompositeType,
  lowerCreateDomain,
  lowerCreateEnum,
  lowerCreateExtension,
  lowerCreateIndex,
  lowerCreateOperatorClass,
  lowerCreateRange,
  lowerCreateRule,
  lowerCreateSchema,
  lowerCreateTrigger,
  lowerCreateView,
  lowerDefineType,
} from "./objects.ts";
import { commandOutside } from "./outside-transaction.ts";
import { lowerDeallocate, lowerExecute, lowerPrepare } from "./prepared.ts";
import { lowerQueryStatement } from "./query-statement.ts";
import { lowerAlterSequence, lowerCreateSequence } from "./sequences.ts";
import { wholeRegion } from "./source.ts";
import { lowerCreateForeignTable, lowerCreateTable, lowerCreateTableAs } from "./tables.ts";
import { usesOf } from "./uses.ts";

/** The statement of a parse tree's node, whose text is the source; ranges are relative to it. */
export function lowerStatement(node: Node, lowering: Lowering): Statement {
  const statement = dispatch(statementKinds, node, lowering, () => lowerOther(node, lowering));
  const uses = usesOf(node);
  const needs = objectsNeeded(node);
  const shares = objectsShared(node);
  const givings = givingsOf(node, statement, lowering);
  const departures = departuresOf(node);
  return {
    ...statement,
    ...(uses === null ? {} : { uses }),
    ...(needs.length === 0 ? {} : { needs }),
    ...(shares === null ? {} : { shares }),
    ...(givings.length === 0 ? {} : { givings }),
    ...(departures.length === 0 ? {} : { departures }),
  };
}

const query = (kind: "SelectStmt" | "InsertStmt" | "UpdateStmt" | "DeleteStmt" | "MergeStmt") => {
  return (node: object, lowering: Lowering): Statement =>
    lowerQueryStatement({ [kind]: node } as unknown as Node, wholeRegion(lowering.source), "none", lowering);
};

const statementKinds: Dispatch<Lowering, Statement> = {
  CreateStmt: (node, lowering) => lowerCreateTable(node, lowering),
  CreateForeignTableStmt: lowerCreateForeignTable,
  CreateTableAsStmt: lowerCreateTableAs,
  AlterTableStmt: lowerAlterTable,
  RenameStmt: lowerRename,
  AlterObjectSchemaStmt: lowerSetSchema,
  IndexStmt: lowerCreateIndex,
  DropStmt: lowerDrop,
  CreateSchemaStmt: (node, lowering) =>
    lowerCreateSchema(node, lowering, (element) => lowerStatement(element, lowering)),
  CompositeTypeStmt: lowerCompositeType,
  DefineStmt: (node, lowering) => lowerDefineType(node, lowering) ?? lowerOther({ DefineStmt: node }, lowering),
  CreateEnumStmt: lowerCreateEnum,
  CreateRangeStmt: lowerCreateRange,
  CreateDomainStmt: lowerCreateDomain,
  AlterEnumStmt: lowerAlterEnum,
  ViewStmt: lowerCreateView,
  AlterSeqStmt: lowerAlterSequence,
  CreateSeqStmt: lowerCreateSequence,
  CreateFunctionStmt: lowerCreateFunction,
  CreateTrigStmt: lowerCreateTrigger,
  RuleStmt: lowerCreateRule,
  CreateExtensionStmt: lowerCreateExtension,
  CreateOpClassStmt: lowerCreateOperatorClass,
  DoStmt: lowerDo,
  VariableSetStmt: lowerSetVariable,
  TransactionStmt: lowerTransaction,
  TruncateStmt: lowerTruncate,
  CopyStmt: lowerCopy,
  AlterDomainStmt: lowerAlterDomain,
  CallStmt: lowerCall,
  CommentStmt: lowerComment,
  ClusterStmt: lowerCluster,
  SelectStmt: query("SelectStmt"),
  InsertStmt: query("InsertStmt"),
  UpdateStmt: query("UpdateStmt"),
  DeleteStmt: query("DeleteStmt"),
  MergeStmt: query("MergeStmt"),
  ExplainStmt: lowerExplain,
  PrepareStmt: lowerPrepare,
  ExecuteStmt: (node, lowering) => lowerExecute(node, "none", lowering),
  DeallocateStmt: lowerDeallocate,
  DeclareCursorStmt: lowerDeclareCursor,
};

function lowerOther(node: Node, { source }: Lowering): Other {
  const tag = kindOf(node);
  const relations = relationsInside(as(node, tag)).map((relation) => relationName(relation, source, "never-only"));
  const object = codeObject(node);
  const outsideOnly = commandOutside(node);
  return {
    kind: "other",
    tag,
    relations,
    ...(object === null ? {} : { object }),
    ...(outsideOnly === null ? {} : { outsideOnly }),
  };
}

/** Relations that the statement names at its top: `relation`, `table`, or the items of a list. */
function relationsInside(content: unknown): readonly RangeVar[] {
  if (typeof content !== "object" || content === null) return [];
  return Object.entries(content).flatMap(([key, value]): readonly RangeVar[] => {
    if (Array.isArray(value)) return value.flatMap(relationsInside);
    if (wrappers.has(key)) {
      return isRelation(value) ? [value] : relationsInside(value);
    }
    return [];
  });
}

const wrappers: ReadonlySet<string> = new Set([
  "PublicationObjSpec",
  "RangeVar",
  "VacuumRelation",
  "pubtable",
  "relation",
  "table",
]);

function isRelation(value: unknown): value is RangeVar {
  return typeof value === "object" && value !== null && "relname" in value;
}
