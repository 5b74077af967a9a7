/** Collects from a parse tree what the statement names whose use may run code: functions, operators, types, relations. */

import type { Node } from "@pgsql/types";
import { anySetting, changeOf, type SessionChange } from "../session-changes.ts";
import { createUsesCollector, type Uses, type UsesCollector, type WriteEvent } from "../uses.ts";
import { as, kindOf, type NodeKind, type NodeOf, strings } from "./node.ts";

/**
 * What the statement runs, or stores to be run: a view its query, a rule its actions, a trigger its condition. Of the
 * definitions of tables only the bound of a partition counts, for their expressions are kept with their columns. null where
 * it names nothing.
 */
export function usesOf(node: Node): Uses | null {
  const walk: Walk = { ...createUsesCollector(), pending: [] };
  const kind = kindOf(node);
  const content = as(node, kind);
  const own = ownWays[kind] as ((content: unknown, walk: Walk) => void) | undefined;
  if (own !== undefined) own(content, walk);
  else visitNode(kind, content, noTables, walk);
  // A list and no recursion: trees may be deeper than the stack.
  for (let next = walk.pending.pop(); next !== undefined; next = walk.pending.pop()) {
    visitParts(next.value, next.scope, walk);
  }
  return walk.collected();
}

/** What is collected, and what is still to be looked at. */
interface Walk extends UsesCollector {
  readonly pending: { readonly value: object; readonly scope: Scope }[];
}

type OwnWays = { readonly [Kind in NodeKind]?: (content: NodeOf<Kind>, walk: Walk) => void };

/** The statements in which not everything counts, or some things count for something else. */
const ownWays: OwnWays = {
  CreateStmt: ({ partbound }, walk) => visit(partbound, noTables, walk),
  CreateForeignTableStmt: ({ base }, walk) => visit(base?.partbound, noTables, walk),
  CreateTableAsStmt: (create, walk) => {
    if (create.into?.skipData !== true) visit(create.query, noTables, walk);
    else if (create.objtype === "OBJECT_MATVIEW") visit(create.query, noTables, walk);
  },
  AlterTableStmt: ({ cmds }, walk) => {
    for (const cmd of cmds ?? []) {
      // A default is only stored.
      const { subtype, def } = as(cmd, "AlterTableCmd") ?? {};
      if (subtype !== "AT_ColumnDefault") visit(def, noTables, walk);
    }
  },
  CreateFunctionStmt: ({ parameters }, walk) => {
    for (const parameter of parameters ?? []) visit(as(parameter, "FunctionParameter")?.defexpr, noTables, walk);
  },
  DoStmt: () => undefined,
  CreateSchemaStmt: () => undefined,
  DropStmt: () => undefined,
  CreateTrigStmt: ({ whenClause }, walk) => visit(whenClause, noTables, walk),
  RuleStmt: ({ whereClause, actions }, walk) => visit([whereClause, actions], noTables, walk),
  CreateDomainStmt: ({ constraints }, walk) => visit(constraints, noTables, walk),
  AlterDomainStmt: ({ def }, walk) => visit(def, noTables, walk),
  CreateEventTrigStmt: ({ funcname }, walk) => walk.call(strings(funcname)),
  CreateCastStmt: ({ func }, walk) => {
    if (func !== undefined) walk.call(strings(func.objname));
  },
  CreateOpClassStmt: ({ items }, walk) => {
    for (const item of items ?? []) {
      const { itemtype, name } = as(item, "CreateOpClassItem") ?? {};
      if (itemtype === 2) walk.call(strings(name?.objname));
    }
  },
  // The functions of an aggregate, an operator or a type are written as if they were types.
  DefineStmt: ({ definition }, walk) => callsOfDefinition(definition, walk),
  CreateRangeStmt: ({ params }, walk) => callsOfDefinition(params, walk),
  ExecuteStmt: ({ name, params }, walk) => {
    walk.execute(`prepared ${name ?? ""}`);
    visit(params, noTables, walk);
  },
  FetchStmt: ({ portalname }, walk) => walk.execute(`cursor ${portalname ?? ""}`),
  CopyStmt: ({ relation, query, whereClause, is_from }, walk) => {
    visit([query, whereClause], noTables, walk);
    if (relation === undefined) return;
    if (is_from === true) walk.write(nameOf(relation), "insert");
    else walk.read(nameOf(relation));
  },
  TruncateStmt: ({ relations }, walk) => {
    for (const relation of relations ?? []) {
      const named = as(relation, "RangeVar");
      if (named !== undefined) walk.write(nameOf(named), "truncate");
    }
  },
  RefreshMatViewStmt: ({ relation, skipData }, walk) => {
    if (relation !== undefined && skipData !== true) walk.read(nameOf(relation));
  },
};

function callsOfDefinition(definition: readonly Node[] | undefined, walk: Walk): void {
  for (const each of definition ?? []) {
    const named = as(as(each, "DefElem")?.arg, "TypeName")?.names;
    if (named !== undefined && strings(named)[0] !== "pg_catalog") walk.call(strings(named));
  }
}

/** Names of common table expressions that are visible. */
type Scope = ReadonlySet<string>;

const noTables: Scope = new Set();

function visit(value: unknown, scope: Scope, walk: Walk): void {
  if (typeof value === "object" && value !== null) walk.pending.push({ value, scope });
}

function visitParts(value: object, scope: Scope, walk: Walk): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, scope, walk);
    return;
  }
  for (const key in value) {
    const inner: unknown = (value as Record<string, unknown>)[key];
    if (typeof inner === "object" && inner !== null) {
      visitNode((kindOfField[key] ?? key) as NodeKind, inner, scope, walk);
    }
  }
}

/** Fields whose node stands there without its kind. */
const kindOfField: Readonly<Record<string, NodeKind>> = {
  funccall: "FuncCall",
  larg: "SelectStmt",
  rarg: "SelectStmt",
  typeName: "TypeName",
  argType: "TypeName",
};

function visitNode(kind: NodeKind, content: unknown, scope: Scope, walk: Walk): void {
  const node = content as Record<string, unknown>;
  switch (kind) {
    case "SelectStmt":
    case "InsertStmt":
    case "UpdateStmt":
    case "DeleteStmt":
    case "MergeStmt":
      visitQuery(kind, node, scope, walk);
      return;
    case "FuncCall":
      visitCall(content as NodeOf<"FuncCall">, walk);
      break;
    case "A_Expr":
      visitOperator(content as NodeOf<"A_Expr">, walk);
      break;
    case "SubLink":
      for (const name of strings((content as NodeOf<"SubLink">).operName).slice(-1)) walk.operator(name);
      break;
    case "TypeName": {
      const names = strings((content as NodeOf<"TypeName">).names);
      if (names[0] !== "pg_catalog") for (const name of names.slice(-1)) walk.type(name);
      return;
    }
    case "RangeVar": {
      const relation = content as NodeOf<"RangeVar">;
      if (relation.schemaname !== undefined || !scope.has(relation.relname ?? "")) walk.read(nameOf(relation));
      return;
    }
    case "RangeTableSample":
    case "ExecuteStmt":
      if (kind === "ExecuteStmt") walk.execute(`prepared ${(content as NodeOf<"ExecuteStmt">).name ?? ""}`);
      break;
    default:
      break;
  }
  visit(content, scope, walk);
}

function visitCall({ funcname, args }: NodeOf<"FuncCall">, walk: Walk): void {
  walk.call(strings(funcname));
  if (strings(funcname).at(-1) === "set_config") for (const change of changesOf(args ?? [])) walk.setting(change);
  for (const argument of args ?? []) {
    const text = as(argument, "A_Const")?.sval?.sval;
    if (text?.includes(" ") === true) walk.text(text);
  }
}

/** What a call of `set_config` changes: its name and its last argument are constants, or may be anything. */
function changesOf(args: readonly Node[]): readonly SessionChange[] {
  const [name, , local] = args.map((argument) => as(argument, "A_Const"));
  const written = name?.sval?.sval;
  return written === undefined ? [anySetting] : changeOf(written, local?.boolval?.boolval === true);
}

function visitOperator({ kind, name }: NodeOf<"A_Expr">, walk: Walk): void {
  if (kind?.includes("BETWEEN") === true) {
    walk.operator("<=");
    walk.operator(">=");
  } else {
    for (const operator of strings(name).slice(-1)) walk.operator(operator);
  }
}

function visitQuery(kind: NodeKind, node: Record<string, unknown>, outer: Scope, walk: Walk): void {
  const { withClause, relation, into: _into, ...rest } = node;
  const scope = withTables(withClause as NodeOf<"WithClause"> | undefined, outer, walk);
  if (relation !== undefined) walk.write(nameOf(relation as NodeOf<"RangeVar">), ...eventsOf(kind, node));
  visit(rest, scope, walk);
}

function withTables(node: NodeOf<"WithClause"> | undefined, outer: Scope, walk: Walk): Scope {
  if (node === undefined) return outer;
  const scope = new Set(outer);
  const tables = (node.ctes ?? []).map((each) => as(each, "CommonTableExpr"));
  // Under WITH RECURSIVE each of them sees all others.
  if (node.recursive === true) for (const table of tables) scope.add(table?.ctename ?? "");
  for (const table of tables) {
    visit(table?.ctequery, new Set(scope), walk);
    scope.add(table?.ctename ?? "");
  }
  return scope;
}

function eventsOf(kind: NodeKind, node: Record<string, unknown>): readonly WriteEvent[] {
  switch (kind) {
    case "InsertStmt": {
      const conflict = (node as NodeOf<"InsertStmt">).onConflictClause;
      return conflict?.action === "ONCONFLICT_UPDATE" ? ["insert", "update"] : ["insert"];
    }
    case "UpdateStmt":
      return ["update"];
    case "DeleteStmt":
      return ["delete"];
    default:
      return ["insert", "update", "delete"];
  }
}

function nameOf({ schemaname, relname }: NodeOf<"RangeVar">): {
  readonly schema: string | null;
  readonly name: string;
} {
  return { schema: schemaname ?? null, name: relname ?? "" };
}
