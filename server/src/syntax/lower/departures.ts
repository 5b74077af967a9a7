/** Reads which names a statement makes mean something else: by RENAME, SET SCHEMA, and DROP … CASCADE. */

import type { Node, ObjectType } from "@pgsql/types";
import type { Departure } from "../belonging.ts";
import { allOf, as, type Dispatch, items, kindOf, strings } from "./node.ts";

/** What is called otherwise behind the statement of the node, or is gone with what rests on it; nothing for most. */
export function departuresOf(node: Node): readonly Departure[] {
  const read = readers[kindOf(node)] as ((content: unknown) => readonly Departure[]) | undefined;
  return read === undefined ? [] : read(as(node, kindOf(node)));
}

/** No text that is kept can name one of these. */
const unnamed: ReadonlySet<ObjectType | undefined> = new Set<ObjectType>([
  "OBJECT_POLICY",
  "OBJECT_TRIGGER",
  "OBJECT_RULE",
  "OBJECT_DATABASE",
  "OBJECT_DOMCONSTRAINT",
  "OBJECT_EVENT_TRIGGER",
]);

const readers: Dispatch<void, readonly Departure[]> = {
  RenameStmt: ({ renameType, relation, object, subname = "", newname: renamed }) => {
    if (unnamed.has(renameType)) return [];
    switch (renameType) {
      case "OBJECT_COLUMN":
        return [{ of: "column", name: subname, table: tableOf(relation), renamed }];
      case "OBJECT_ATTRIBUTE":
        return [{ of: "object", name: subname, renamed }];
      case "OBJECT_TABCONSTRAINT":
        return [{ of: "index", name: subname, renamed }];
      case "OBJECT_SCHEMA":
        return [{ of: "schema", name: subname, renamed }];
      case "OBJECT_ROLE":
        return [{ of: "role", name: subname, renamed }];
      default: {
        const name = relation?.relname ?? (object === undefined ? subname : lastName(object));
        // ALTER TABLE renames indexes too.
        const index: Departure = { of: "index", name, renamed };
        return [{ of: "object", name, renamed }, ...(relation === undefined ? [] : [index])];
      }
    }
  },
  AlterObjectSchemaStmt: ({ objectType, relation, object }) => {
    if (objectType === "OBJECT_EXTENSION") return [{ of: "anything", name: "" }];
    return [{ of: "object", name: relation?.relname ?? (object === undefined ? "" : lastName(object)) }];
  },
  // A label of an enum is written as a string.
  AlterEnumStmt: ({ oldVal }) => (oldVal === undefined || oldVal === "" ? [] : [{ of: "object", name: oldVal }]),
  // Without CASCADE nothing names it, or PostgreSQL refuses.
  DropStmt: ({ removeType, objects, behavior }) => {
    if (behavior !== "DROP_CASCADE" || unnamed.has(removeType)) return [];
    if (removeType === "OBJECT_EXTENSION") return [{ of: "anything", name: "" }];
    const of = removeType === "OBJECT_SCHEMA" ? "schema" : "object";
    return (objects ?? []).map((object): Departure => ({ of, name: lastName(object) }));
  },
  DropOwnedStmt: ({ roles }) =>
    allOf(roles, "RoleSpec").flatMap(({ rolename }): readonly Departure[] =>
      rolename === undefined ? [{ of: "anything", name: "" }] : [{ of: "role", name: rolename }],
    ),
  AlterTableStmt: ({ relation, cmds }) =>
    allOf(cmds, "AlterTableCmd").flatMap(({ subtype, name = "", behavior }): readonly Departure[] =>
      subtype === "AT_DropColumn" && behavior === "DROP_CASCADE"
        ? [{ of: "column", name, table: tableOf(relation) }]
        : [],
    ),
};

function tableOf(
  relation: { readonly schemaname?: string; readonly relname?: string } | undefined,
): NonNullable<Departure["table"]> {
  return { schema: relation?.schemaname ?? null, name: relation?.relname ?? "" };
}

/** The name without schema, in whichever node the grammar puts it. */
function lastName(node: Node): string {
  const own = as(node, "String")?.sval;
  if (own !== undefined) return own;
  const path =
    as(node, "ObjectWithArgs")?.objname ?? as(node, "TypeName")?.names ?? (kindOf(node) === "List" ? items(node) : []);
  const names = strings(path);
  if (names.length > 0) return names.at(-1) ?? "";
  // CASTs and the like are lists of other nodes.
  const [first] = path;
  return first === undefined || first === node ? "" : (strings(as(first, "TypeName")?.names).at(-1) ?? "");
}
