/** Collects what a definition needs besides relations, types and functions, and which statements make and drop such objects. */

import type { Node } from "@pgsql/types";
import { unquoteIdentifier } from "../names.ts";
import type { SharedObject, Statement } from "../statement.ts";
import { as, items, kindOf, type NodeKind, type NodeOf, options, strings } from "./node.ts";

/** Of a statement that creates or changes relations, types or schemas; none for any other, and each once. */
export function objectsNeeded(node: Node): readonly SharedObject[] {
  const kind = kindOf(node);
  if (!defining.has(kind)) return [];
  const needed = new Map<string, SharedObject>();
  const need = (object: SharedObject): void =>
    void needed.set(`${object.kind} ${object.schema ?? ""}.${object.name}`, object);
  // Lists and no recursion: trees may be deeper than the stack.
  const [kinds, contents]: [string[], unknown[]] = [[kind], [as(node, kind)]];
  for (let next = kinds.pop(); next !== undefined; next = kinds.pop()) {
    const content = contents.pop() as Readonly<Record<string, unknown>>;
    const look = looks[next as NodeKind] as ((content: unknown, need: Need) => void) | undefined;
    look?.(content, need);
    for (const key in content) {
      const value = content[key];
      if (typeof value !== "object" || value === null) continue;
      kinds.push(kindOfField[key] ?? key);
      contents.push(value);
    }
  }
  return [...needed.values()];
}

/** What the statement makes or drops of the kind that others need; null for any other statement. */
export function objectsShared(node: Node): NonNullable<Statement["shares"]> | null {
  const kind = kindOf(node);
  const change = changes[kind] as ((content: unknown) => readonly SharedObject[]) | undefined;
  if (change === undefined) return null;
  const objects = change(as(node, kind));
  return objects.length === 0 ? null : { change: kind.startsWith("Drop") ? "drop" : "create", objects };
}

type Need = (object: SharedObject) => void;

const defining: ReadonlySet<NodeKind> = new Set([
  "AlterObjectSchemaStmt",
  "AlterTableStmt",
  "CompositeTypeStmt",
  "CreateDomainStmt",
  "CreateForeignTableStmt",
  "CreateRangeStmt",
  "CreateSchemaStmt",
  "CreateSeqStmt",
  "CreateStmt",
  "CreateTableAsStmt",
  "IndexStmt",
  "ViewStmt",
]);

const looks: { readonly [Kind in NodeKind]?: (content: NodeOf<Kind>, need: Need) => void } = {
  CreateStmt: ({ tablespacename }, need) => needTablespace(tablespacename, need),
  IndexStmt: ({ tableSpace, options: parameters }, need) => {
    needTablespace(tableSpace, need);
    for (const name of options(parameters).keys()) need({ kind: "index parameter", name });
  },
  IntoClause: ({ tableSpaceName }, need) => needTablespace(tableSpaceName, need),
  Constraint: ({ indexspace }, need) => needTablespace(indexspace, need),
  AlterTableCmd: ({ subtype, name }, need) => {
    if (subtype === "AT_SetTableSpace") needTablespace(name, need);
    if (subtype === "AT_SetAccessMethod" && name !== undefined) need({ kind: "access method", name });
  },
  AlterObjectSchemaStmt: ({ newschema }, need) => need({ kind: "schema", name: newschema ?? "" }),
  CollateClause: ({ collname }, need) => need({ kind: "collation", name: strings(collname).at(-1) ?? "" }),
  IndexElem: ({ opclass, collation }, need) => needOfKey(opclass, collation, need),
  PartitionElem: ({ opclass, collation }, need) => needOfKey(opclass, collation, need),
  RoleSpec: ({ roletype, rolename }, need) => {
    if (roletype === "ROLESPEC_CSTRING" && rolename !== undefined) need({ kind: "role", name: rolename });
  },
  CreateSeqStmt: ({ options: written }, need) => {
    // The last name is the column's; NONE stands alone.
    const [name, schema] = strings(items(options(written).get("owned_by")))
      .slice(0, -1)
      .reverse();
    if (name !== undefined) need({ kind: "relation", name, ...(schema === undefined ? {} : { schema }) });
  },
  FuncCall: ({ funcname, args }, need) => {
    const [first, second] = args ?? [];
    const name = strings(funcname).at(-1) ?? "";
    if (name === "nextval") needRelation(textOf(first), need);
    if (second !== undefined && searching.has(name)) needConfiguration(textOf(first), need);
  },
  TypeCast: ({ arg, typeName }, need) => {
    const type = strings(typeName?.names).at(-1);
    if (type === "regclass") needRelation(textOf(arg), need);
    if (type === "regconfig") needConfiguration(textOf(arg), need);
  },
};

/** Fields whose node stands there without its kind. */
const kindOfField: Readonly<Record<string, NodeKind>> = {
  authrole: "RoleSpec",
  newowner: "RoleSpec",
  collClause: "CollateClause",
  into: "IntoClause",
  base: "CreateStmt",
  funccall: "FuncCall",
};

/** The functions whose first argument of two or more is a text search configuration. */
const searching: ReadonlySet<string> = new Set([
  "phraseto_tsquery",
  "plainto_tsquery",
  "to_tsquery",
  "to_tsvector",
  "websearch_to_tsquery",
]);

function needTablespace(name: string | undefined, need: Need): void {
  if (name !== undefined && name !== "") need({ kind: "tablespace", name });
}

function needOfKey(opclass: readonly Node[] | undefined, collation: readonly Node[] | undefined, need: Need): void {
  for (const name of strings(opclass).slice(-1)) need({ kind: "operator class", name });
  for (const name of strings(collation).slice(-1)) need({ kind: "collation", name });
}

function needConfiguration(text: string | undefined, need: Need): void {
  const name = text === undefined ? undefined : /^(?:[a-z_][\w$]*\.)?([a-z_][\w$]*)$/i.exec(text)?.[1];
  if (name !== undefined) need({ kind: "text search configuration", name: name.toLowerCase() });
}

function needRelation(text: string | undefined, need: Need): void {
  const part = String.raw`"(?:[^"]|"")+"|[^\s".()]+`;
  const [whole, schema, name] = new RegExp(`^\\s*(?:(${part})\\s*\\.\\s*)?(${part})\\s*$`).exec(text ?? "") ?? [];
  // Digits alone are an OID.
  if (name === undefined || /^\s*\d+\s*$/.test(whole ?? "")) return;
  const own = { kind: "relation", name: unquoteIdentifier(name) } as const;
  need(schema === undefined ? own : { ...own, schema: unquoteIdentifier(schema) });
}

function textOf(node: Node | undefined): string | undefined {
  return as(node, "A_Const")?.sval?.sval;
}

const kindOfDropped: Readonly<Record<string, SharedObject["kind"]>> = {
  OBJECT_ACCESS_METHOD: "access method",
  OBJECT_COLLATION: "collation",
  OBJECT_FOREIGN_SERVER: "server",
  OBJECT_PUBLICATION: "publication",
  OBJECT_TSCONFIGURATION: "text search configuration",
};

const changes: { readonly [Kind in NodeKind]?: (content: NodeOf<Kind>) => readonly SharedObject[] } = {
  CreateTableSpaceStmt: ({ tablespacename }) => [{ kind: "tablespace", name: tablespacename ?? "" }],
  DropTableSpaceStmt: ({ tablespacename }) => [{ kind: "tablespace", name: tablespacename ?? "" }],
  CreateRoleStmt: ({ role }) => [{ kind: "role", name: role ?? "" }],
  DropRoleStmt: ({ roles }) =>
    (roles ?? []).flatMap((role) => {
      const name = as(role, "RoleSpec")?.rolename;
      return name === undefined ? [] : [{ kind: "role", name }];
    }),
  CreateForeignServerStmt: ({ servername }) => [{ kind: "server", name: servername ?? "" }],
  CreatePublicationStmt: ({ pubname }) => [{ kind: "publication", name: pubname ?? "" }],
  CreateAmStmt: ({ amname }) => [{ kind: "access method", name: amname ?? "" }],
  DropStmt: ({ removeType, objects }) => {
    const kind = removeType === undefined ? undefined : kindOfDropped[removeType];
    if (kind === undefined) return [];
    return (objects ?? []).map((object) => {
      const name = as(object, "String")?.sval ?? strings(items(object)).at(-1) ?? "";
      return { kind, name };
    });
  },
  DefineStmt: ({ kind, defnames }) => {
    const name = strings(defnames).at(-1) ?? "";
    if (kind === "OBJECT_COLLATION") return [{ kind: "collation", name }];
    return kind === "OBJECT_TSCONFIGURATION" ? [{ kind: "text search configuration", name }] : [];
  },
};
