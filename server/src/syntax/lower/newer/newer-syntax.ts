/** Finds in a parse tree of PostgreSQL 18 what the grammars of older majors do not know, and where their parsers stop. */

import type { Node } from "@pgsql/types";
import type { NewerSyntax } from "../../statement.ts";
import type { Dispatch, NodeKind } from "../node.ts";
import { isWord, type Source } from "../source.ts";
import { newerInCommands } from "./commands.ts";
import { newerNumbers } from "./numbers.ts";
import { newerInQueries } from "./queries.ts";
import { newerInRoutines } from "./routines.ts";
import { createStops, findPattern, type Stops } from "./stops.ts";
import { findInValues, newerInTables } from "./tables.ts";

/**
 * In the order of the text, which is the order in which a parser meets them. The first whose `since` is above a major is
 * what that major says of the statement.
 */
export function findNewerSyntax(node: Node, source: Source): readonly NewerSyntax[] {
  const found: NewerSyntax[] = [];
  const stops = createStops(source, found);
  visit(node, stops);
  newerNumbers(stops);
  return found.length < 2 ? found : found.sort((a, b) => a.range.start - b.range.start);
}

/** What a statement that the grammar of 18 refuses at an offset shows of newer syntax up to there, by its words alone. */
export function findNewerWords(source: Source, offset: number): readonly NewerSyntax[] {
  const found: NewerSyntax[] = [];
  const stops = createStops(source, found);
  stops.words(11, "for values ^with (");
  const list = findPattern(source, "for values in ^(", 0);
  const from = findPattern(source, "for values from ^(", 0);
  if (list >= 0) findInValues(source, list, stops);
  if (from >= 0) findInValues(source, from, stops);
  if (isWord(source, 0, "merge")) stops.token(15, 0);
  if (isWord(source, 0, "call")) stops.token(11, 0);
  return found.filter(({ range }) => range.start <= offset);
}

type Find = (node: unknown, stops: Stops) => void;

const all: Dispatch<Stops, void> = { ...newerInTables, ...newerInRoutines, ...newerInCommands, ...newerInQueries };
const finders = new Map(Object.entries(all) as [string, Find][]);

/** Fields whose node stands there without its kind. */
const kindOfField = new Map<string, NodeKind>([
  ["partbound", "PartitionBoundSpec"],
  ["bound", "PartitionBoundSpec"],
  ["into", "IntoClause"],
  ["over", "WindowDef"],
  ["larg", "SelectStmt"],
  ["rarg", "SelectStmt"],
  ["returningClause", "ReturningClause"],
  // ALTER DEFAULT PRIVILEGES has the GRANT in it.
  ["action", "GrantStmt"],
  ["grantor", "RoleSpec"],
  ["newowner", "RoleSpec"],
  ["authrole", "RoleSpec"],
  // JSON_OBJECTAGG and JSON_ARRAYAGG hold what the constructors of single values have.
  ["constructor", "JsonArrayConstructor"],
]);

function visit(value: unknown, stops: Stops): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) visit(item, stops);
    return;
  }
  // Without a list of the entries: every node of every statement is looked at.
  for (const key in value) {
    const inner = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof inner !== "object" || inner === null) continue;
    if (!Array.isArray(inner)) finders.get(kindOfField.get(key) ?? key)?.(inner, stops);
    visit(inner, stops);
  }
}
