/** RENAME, SET SCHEMA and DROP: statements that name objects of many kinds, mostly without a place in the tree. */

import type { AlterObjectSchemaStmt, DropStmt, ObjectType as NodeObjectType, RenameStmt } from "@pgsql/types";
import type { RelationName } from "../names.ts";
import type { Drop, ObjectType, Other, Rename, SetSchema } from "../statement.ts";
import type { Lowering } from "./lowering.ts";
import {
  type Cursor,
  identifierAt,
  identifierNamed,
  relationName,
  relationNameOfStrings,
  take,
  takeRelationName,
} from "./names.ts";
import { allOf, as, strings } from "./node.ts";
import { endOfName, isWord, type Source, splitByCommas, word } from "./source.ts";
import { lowerTypeName } from "./types.ts";

const objectTypes: Readonly<Partial<Record<NodeObjectType, ObjectType>>> = {
  OBJECT_TABLE: "table",
  OBJECT_FOREIGN_TABLE: "foreign-table",
  OBJECT_INDEX: "index",
  OBJECT_VIEW: "view",
  OBJECT_MATVIEW: "materialized-view",
  OBJECT_SEQUENCE: "sequence",
  OBJECT_SCHEMA: "schema",
  OBJECT_TYPE: "type",
  OBJECT_DOMAIN: "domain",
  OBJECT_TRIGGER: "trigger",
  OBJECT_FUNCTION: "function",
  OBJECT_PROCEDURE: "function",
  OBJECT_ROUTINE: "function",
  OBJECT_AGGREGATE: "function",
  OBJECT_RULE: "rule",
  OBJECT_EXTENSION: "extension",
  OBJECT_ROLE: "role",
  OBJECT_DATABASE: "database",
  OBJECT_TABCONSTRAINT: "table",
  OBJECT_DOMCONSTRAINT: "domain",
};

/** The words that ALTER and DROP put in front of a name. */
const objectWords = new Set([
  "aggregate",
  "collation",
  "conversion",
  "database",
  "domain",
  "extension",
  "foreign",
  "function",
  "index",
  "materialized",
  "policy",
  "procedure",
  "role",
  "routine",
  "rule",
  "schema",
  "sequence",
  "table",
  "trigger",
  "type",
  "view",
]);

export function lowerRename(node: RenameStmt, lowering: Lowering): Rename {
  const { source } = lowering;
  const last = source.tokens.length - 1;
  const isMember = node.renameType === "OBJECT_COLUMN" || node.renameType === "OBJECT_ATTRIBUTE";
  const isConstraint = node.renameType === "OBJECT_TABCONSTRAINT" || node.renameType === "OBJECT_DOMCONSTRAINT";
  const target = isMember ? "column" : isConstraint ? "constraint" : "object";
  const holder = isMember ? (node.relationType ?? "OBJECT_TABLE") : (node.renameType ?? "OBJECT_TABLE");
  const isOnTable = holder === "OBJECT_TRIGGER" || holder === "OBJECT_RULE" || holder === "OBJECT_POLICY";
  return {
    kind: "rename",
    objectType: objectTypes[holder] ?? "other",
    relation: relationOf(node, lowering),
    target,
    // … RENAME [COLUMN] member TO new; ALTER TRIGGER member ON t RENAME TO new
    member:
      target !== "object"
        ? identifierNamed(node.subname ?? "", source, last - 2)
        : isOnTable
          ? identifierNamed(node.subname ?? "", source, 2)
          : null,
    newName: identifierNamed(node.newname ?? "", source, last - (isWord(source, last, "cascade", "restrict") ? 1 : 0)),
    ifExists: node.missing_ok === true,
  };
}

export function lowerSetSchema(node: AlterObjectSchemaStmt, lowering: Lowering): SetSchema {
  const { source } = lowering;
  return {
    kind: "set-schema",
    objectType: objectTypes[node.objectType ?? "OBJECT_TABLE"] ?? "other",
    relation: relationOf(node, lowering),
    schema: identifierNamed(node.newschema ?? "", source, source.tokens.length - 1),
    ifExists: node.missing_ok === true,
  };
}

/** The object that an ALTER names: a relation with its place, or the name after ALTER and the object's words. */
function relationOf(node: RenameStmt | AlterObjectSchemaStmt, { source }: Lowering): RelationName {
  if (node.relation !== undefined) return relationName(node.relation, source, "may-be-only");
  const cursor = afterObjectWords(source, 1);
  return takeRelationName(cursor) ?? relationNameOfStrings([], source, cursor.index);
}

function afterObjectWords(source: Source, index: number): Cursor {
  const cursor: Cursor = { source, index };
  while (objectWords.has(word(source, cursor.index))) cursor.index++;
  take(cursor, "concurrently");
  take(cursor, "if", "exists");
  return cursor;
}

export function lowerDrop(node: DropStmt, { source }: Lowering): Drop | Other {
  const objectType = objectTypes[node.removeType ?? "OBJECT_TABLE"] ?? "other";
  const { index: first } = afterObjectWords(source, 1);
  const last = source.tokens.length - (isWord(source, source.tokens.length - 1, "cascade", "restrict") ? 2 : 1);
  const regions = splitByCommas(source, { first, last });
  const isOnTable = ["OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY"].includes(node.removeType ?? "");
  const names = (node.objects ?? []).flatMap((object, index) => {
    const region = regions[index];
    if (region === undefined) return [];
    const list = strings(as(object, "List")?.items);
    // DROP TRIGGER name ON t
    if (isOnTable) return relationNameOfStrings(list.slice(0, -1), source, endOfName(source, region.first) + 2);
    if (list.length > 0) return relationNameOfStrings(list, source, region.first);
    return takeRelationName({ source, index: region.first }) ?? [];
  });
  const signatures = (node.objects ?? []).map((object) => {
    const { objargs, args_unspecified: unspecified } = as(object, "ObjectWithArgs") ?? {};
    return unspecified === true ? null : allOf(objargs, "TypeName").map((type) => lowerTypeName(type, source));
  });
  return {
    ...(objectType === "function" && node.missing_ok === true ? { signatures } : {}),
    kind: "drop",
    objectType,
    names,
    member: isOnTable ? identifierAt(source, first) : null,
    ifExists: node.missing_ok === true,
    cascade: node.behavior === "DROP_CASCADE",
    concurrently: node.concurrent === true,
  };
}
