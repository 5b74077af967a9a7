/** Indexes, schemas, types, views, triggers, rules, extensions: what a catalog holds besides tables. */

import type {
  AlterEnumStmt,
  CompositeTypeStmt,
  CreateDomainStmt,
  CreateEnumStmt,
  CreateExtensionStmt,
  CreateOpClassStmt,
  CreateRangeStmt,
  CreateSchemaStmt,
  CreateTrigStmt,
  DefineStmt,
  IndexStmt,
  Node,
  RuleStmt,
  ViewStmt,
} from "@pgsql/types";
import { insideOut } from "../expression-walk.ts";
import type {
  AlterEnum,
  CreateExtension,
  CreateIndex,
  CreateOperatorClass,
  CreateRule,
  CreateSchema,
  CreateTrigger,
  CreateType,
  CreateView,
  Other,
  Statement,
} from "../statement.ts";
import { lowerColumnConstraints } from "./constraints.ts";
import { lowerExpression } from "./expressions.ts";
import { lowerIndexElements } from "./index-elements.ts";
import type { Lowering } from "./lowering.ts";
import { identifierNamed, identifiersInParentheses, relationName, relationNameOfStrings } from "./names.ts";
import { allOf, as, options, optionText, strings } from "./node.ts";
import { lowerQuery } from "./queries.ts";
import {
  closing,
  findWord,
  insideParentheses,
  isWord,
  type Region,
  type Source,
  splitByCommas,
  tokenIndexAt,
  wholeRegion,
} from "./source.ts";
import { lowerColumn } from "./tables.ts";
import { lowerTypeName } from "./types.ts";

export function lowerCreateIndex(node: IndexStmt, lowering: Lowering): CreateIndex {
  const { source } = lowering;
  const relation = relationName(node.relation ?? {}, source, "may-be-only");
  const list = findWord(source, after(source, tokenIndexAt(source, relation.range.end)), "(");
  // CREATE [UNIQUE] INDEX [CONCURRENTLY] [IF NOT EXISTS] name ON
  const on = findWord(source, wholeRegion(source), "on");
  return {
    kind: "create-index",
    name: node.idxname === undefined ? null : identifierNamed(node.idxname, source, on - 1),
    relation,
    unique: node.unique === true,
    concurrently: node.concurrent === true,
    ifNotExists: node.if_not_exists === true,
    // PostgreSQL itself takes the old name for the method that has replaced it.
    method: node.accessMethod === "rtree" ? "gist" : (node.accessMethod ?? "btree"),
    columns: lowerIndexElements(node.indexParams, list, lowering),
    include: node.indexIncludingParams === undefined ? [] : identifiersInParentheses(source, closing(source, list) + 2),
    where: node.whereClause === undefined ? null : lowerExpression(node.whereClause, lowering),
    nullsNotDistinct: node.nulls_not_distinct === true,
    tablespace: node.tableSpace ?? null,
  };
}

/** `lowerElement` lowers a statement inside CREATE SCHEMA. */
export function lowerCreateSchema(
  node: CreateSchemaStmt,
  lowering: Lowering,
  lowerElement: (node: Node) => Statement,
): CreateSchema {
  const { source } = lowering;
  // CREATE SCHEMA [IF NOT EXISTS] name | AUTHORIZATION role
  const first = node.if_not_exists === true ? 5 : 2;
  const isNamed = !isWord(source, first, "authorization");
  const role = node.authrole?.rolename ?? "";
  return {
    kind: "create-schema",
    name: identifierNamed(node.schemaname ?? role, source, isNamed ? first : first + 1),
    ifNotExists: node.if_not_exists === true,
    elements: (node.schemaElts ?? []).map(lowerElement),
  };
}

export function lowerCompositeType(node: CompositeTypeStmt, lowering: Lowering): CreateType {
  const { source } = lowering;
  const name = relationName(node.typevar ?? {}, source, "never-only");
  const list = findWord(source, after(source, tokenIndexAt(source, name.range.end)), "(");
  const regions = splitByCommas(source, insideParentheses(source, list));
  const columns = allOf(node.coldeflist, "ColumnDef").flatMap((column, index) => {
    const region = regions[index];
    return region === undefined ? [] : lowerColumn(column, region, lowering);
  });
  return { kind: "create-type", name, definition: { kind: "composite", columns } };
}

/** The name of a type stands after CREATE TYPE or CREATE DOMAIN. */
const typeNameIndex = 2;

export function lowerCreateEnum(node: CreateEnumStmt, { source }: Lowering): CreateType {
  const name = relationNameOfStrings(strings(node.typeName), source, typeNameIndex);
  return { kind: "create-type", name, definition: { kind: "enum", labels: strings(node.vals) } };
}

export function lowerCreateRange(node: CreateRangeStmt, { source }: Lowering): CreateType {
  const name = relationNameOfStrings(strings(node.typeName), source, typeNameIndex);
  const subtype = as(options(node.params).get("subtype"), "TypeName");
  const lowered = subtype === undefined ? null : lowerTypeName(subtype, source);
  const namesMultirange = options(node.params).has("multirange_type_name");
  return { kind: "create-type", name, definition: { kind: "range", subtype: lowered, namesMultirange } };
}

/** `CREATE TYPE t` and `CREATE TYPE t (INPUT = …)`; null where something else than a type is defined. */
export function lowerDefineType(node: DefineStmt, { source }: Lowering): CreateType | null {
  if (node.kind !== "OBJECT_TYPE") return null;
  const name = relationNameOfStrings(strings(node.defnames), source, typeNameIndex);
  return { kind: "create-type", name, definition: { kind: (node.definition ?? []).length === 0 ? "shell" : "other" } };
}

export function lowerCreateDomain(node: CreateDomainStmt, lowering: Lowering): CreateType {
  const { source } = lowering;
  const name = relationNameOfStrings(strings(node.domainname), source, typeNameIndex);
  return {
    kind: "create-type",
    name,
    definition: {
      kind: "domain",
      base: lowerTypeName(node.typeName ?? {}, source),
      collation: node.collClause === undefined ? null : strings(node.collClause.collname),
      constraints: lowerColumnConstraints(node.constraints, wholeRegion(source), lowering),
      statesEnforcement: allOf(node.constraints, "Constraint").some(
        ({ contype }) => contype?.endsWith("_ENFORCED") === true,
      ),
    },
  };
}

export function lowerAlterEnum(node: AlterEnumStmt, { source }: Lowering): AlterEnum {
  return {
    kind: "alter-enum",
    name: relationNameOfStrings(strings(node.typeName), source, typeNameIndex),
    oldLabel: node.oldVal ?? null,
    newLabel: node.newVal ?? "",
    neighbour: node.newValNeighbor ?? null,
    after: node.newValIsAfter === true,
    ifNotExists: node.skipIfNewValExists === true,
  };
}

export function lowerCreateView(node: ViewStmt, lowering: Lowering): CreateView | Other {
  const { source } = lowering;
  const name = relationName(node.view ?? {}, source, "never-only");
  const first = findWord(source, after(source, tokenIndexAt(source, name.range.end)), "as") + 1;
  const query = lowerQuery(node.query, { first, last: endOfViewQuery(source, first) }, lowering);
  if (query === null) return { kind: "other", tag: "ViewStmt", relations: [name] };
  return {
    kind: "create-view",
    name,
    replace: node.replace === true,
    temporary: node.view?.relpersistence === "t",
    columns: strings(node.aliases),
    query,
  };
}

/** `WITH [LOCAL | CASCADED] CHECK OPTION` follows the query. */
function endOfViewQuery(source: Source, first: number): number {
  const last = source.tokens.length - 1;
  if (!isWord(source, last, "option") || !isWord(source, last - 1, "check")) return last;
  const with_ = isWord(source, last - 2, "with") ? last - 2 : last - 3;
  return Math.max(first, with_ - 1);
}

/** The bits of pg_trigger.h. */
const triggerBits = { row: 1, before: 2, insert: 4, delete: 8, update: 16, truncate: 32, insteadOf: 64 } as const;

export function lowerCreateTrigger(node: CreateTrigStmt, lowering: Lowering): CreateTrigger {
  const { source } = lowering;
  const events = node.events ?? 0;
  const timing = node.timing ?? 0;
  const trigger = findWord(source, wholeRegion(source), "trigger");
  const execute = findWord(source, wholeRegion(source), "execute");
  return {
    kind: "create-trigger",
    name: identifierNamed(node.trigname ?? "", source, trigger + 1),
    relation: relationName(node.relation ?? {}, source, "never-only"),
    replace: node.replace === true,
    constraint: node.isconstraint === true,
    timing: timing & triggerBits.before ? "before" : timing & triggerBits.insteadOf ? "instead-of" : "after",
    row: node.row === true,
    events: (["insert", "update", "delete", "truncate"] as const).filter(
      (event) => (events & triggerBits[event]) !== 0,
    ),
    transitionTables: node.transitionRels !== undefined,
    transitions: allOf(node.transitionRels, "TriggerTransition").map(({ isNew }) => (isNew === true ? "new" : "old")),
    ...(node.transitionRels === undefined
      ? {}
      : { transitionNames: allOf(node.transitionRels, "TriggerTransition").map(({ name }) => name ?? "") }),
    ...(node.deferrable === true ? { deferrable: true as const } : {}),
    columns: strings(node.columns),
    when: node.whenClause === undefined ? null : lowerExpression(node.whenClause, lowering),
    mentions: [...strings(node.columns), ...columnsOf(node.whenClause, lowering)],
    function: relationNameOfStrings(strings(node.funcname), source, execute + 2),
  };
}

/** `NEW.a`, `OLD.a` */
function columnsOf(condition: Node | undefined, lowering: Lowering): readonly string[] {
  if (condition === undefined) return [];
  const parts = [...insideOut(lowerExpression(condition, lowering))];
  return parts.flatMap((part) => (part.kind === "column" && part.names.length > 1 ? part.names.slice(-1) : []));
}

export function lowerCreateRule(node: RuleStmt, { source }: Lowering): CreateRule {
  // CREATE [OR REPLACE] RULE name
  const rule = findWord(source, wholeRegion(source), "rule");
  return {
    kind: "create-rule",
    name: identifierNamed(node.rulename ?? "", source, rule + 1),
    relation: relationName(node.relation ?? {}, source, "never-only"),
    event: ruleEvent(node),
    instead: node.instead === true,
    returning: (node.actions ?? []).some(hasReturning),
  };
}

function hasReturning(action: Node): boolean {
  const [query] = Object.values(action) as readonly { readonly returningClause?: unknown }[];
  return query?.returningClause !== undefined;
}

function ruleEvent({ event }: RuleStmt): CreateRule["event"] {
  switch (event) {
    case "CMD_INSERT":
      return "insert";
    case "CMD_UPDATE":
      return "update";
    case "CMD_DELETE":
      return "delete";
    default:
      return "select";
  }
}

export function lowerCreateOperatorClass(node: CreateOpClassStmt, { source }: Lowering): CreateOperatorClass {
  // CREATE OPERATOR CLASS name
  return {
    kind: "create-operator-class",
    name: relationNameOfStrings(strings(node.opclassname), source, 3),
    method: node.amname ?? "",
    isDefault: node.isDefault === true,
  };
}

export function lowerCreateExtension(node: CreateExtensionStmt, { source }: Lowering): CreateExtension {
  const chosen = options(node.options);
  // CREATE EXTENSION [IF NOT EXISTS] name
  const name = node.if_not_exists === true ? 5 : 2;
  return {
    kind: "create-extension",
    name: identifierNamed(node.extname ?? "", source, name),
    schema: chosen.has("schema") ? optionText(chosen.get("schema")) : null,
    version: chosen.has("new_version") ? optionText(chosen.get("new_version")) : null,
    ifNotExists: node.if_not_exists === true,
  };
}

function after(source: Source, first: number): Region {
  return { first, last: source.tokens.length - 1 };
}
