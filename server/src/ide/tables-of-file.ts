/** What a file has to do with tables: which it makes, and which it uses and takes for granted. */

import type { Document } from "../syntax/document.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { RelationName } from "../syntax/names.ts";
import type { AlterAction, PlacedStatement, ReadStatement, Statement } from "../syntax/statement.ts";
import { commonEnds } from "../text/common-ends.ts";
import type { Turns } from "../text/turns.ts";
import { relationsOfQuery } from "./statement-relations.ts";

/** What a file has to do with tables. */
export interface TablesOfFile {
  /** The relations that it names and does not make, each name once. */
  readonly used: readonly RelationName[];
  /** The names, without schema, of the tables and views that it makes. */
  readonly created: ReadonlySet<string>;
  /** Whether it stands on tables of others, and creates none of those that it uses. */
  readonly restsOnOthers: boolean;
}

/** What one statement has to do with them. */
interface TablesOfStatement {
  /** Without schema. */
  readonly created: string | null;
  readonly used: readonly RelationName[];
  readonly joined: readonly { readonly parent: string; readonly child: string }[];
  /** The table that it changes, which is of others unless the file makes it. */
  readonly changed: string | null;
}

/** What was found in the latest version of a file of which it was asked. */
interface Known {
  readonly statements: Document["read"];
  readonly tables: TablesOfFile;
}

const byDocument = new WeakMap<Document, TablesOfFile>();
const byFile = new WeakMap<Document["lineage"], Known>();
const byStatement = new WeakMap<Statement, TablesOfStatement>();

/** Kept with the document; an edit that changes nothing of it costs no second look at the other statements. */
export function tablesOf(document: Document): TablesOfFile {
  const known = byDocument.get(document);
  if (known !== undefined) return known;
  const { lineage, read: statements } = document;
  const earlier = byFile.get(lineage);
  const isTheSame = earlier !== undefined && nameTheSame(earlier.statements, statements);
  const tables = isTheSame ? earlier.tables : readTables(statements);
  byDocument.set(document, tables);
  byFile.set(lineage, { statements, tables });
  return tables;
}

/** Looks at the statements, pausing now and then, so that `tablesOf` has less to do. */
export function* lookAtTables(document: Document): Turns<void> {
  if (byDocument.has(document)) return;
  let looked = 0;
  for (const { statement } of document.read) {
    if (looked++ % statementsBetweenPauses === 0) yield;
    tablesOfStatement(statement);
  }
}

const statementsBetweenPauses = 256;

/** Whether both versions have to do with the same tables in the same order: what is between their common beginning and end tells. */
function nameTheSame(before: Document["read"], after: Document["read"]): boolean {
  const { first, last } = commonEnds(before, after);
  return (
    before === after ||
    spell(before.slice(first, before.length - last)) === spell(after.slice(first, after.length - last))
  );
}

function spell(statements: readonly ReadStatement[]): string {
  const lines = statements.map(({ statement }) => {
    const { created, used, joined, changed } = tablesOfStatement(statement);
    const names = used.map(({ schema, name }) => [schema, name]);
    const isNothing = created === null && changed === null && names.length === 0 && joined.length === 0;
    return isNothing ? "" : JSON.stringify([created, names, joined, changed]);
  });
  return lines.join("");
}

function tablesOfStatement(statement: Statement): TablesOfStatement {
  const known = byStatement.get(statement);
  if (known !== undefined) return known;
  const own = createdBy(statement);
  const found = {
    created: own?.name ?? null,
    used: usedBy(statement).filter((name) => name !== own),
    joined: joinedBy(statement),
    changed: changedTable(statement),
  };
  byStatement.set(statement, found);
  return found;
}

function readTables(statements: Document["read"]): TablesOfFile {
  const created = new Set<string>();
  /** Those that become partitions of a table that the file does not make are made for what is there already. */
  const joined = new Set<string>();
  const used = new Map<string, RelationName>();
  let changes = false;
  for (const { statement } of statements) {
    const own = tablesOfStatement(statement);
    if (own.created !== null) created.add(own.created);
    for (const name of own.used) used.set(`${name.schema ?? ""}.${name.name}`, name);
    for (const { parent, child } of own.joined) if (!created.has(parent)) joined.add(child);
    changes ||= own.changed !== null && !created.has(own.changed);
  }
  const others = [...used.values()].filter(({ schema, name }) => !created.has(name) && !isSystem(schema, name));
  const makesItsOwn = [...used.values()].some(({ name }) => created.has(name) && !joined.has(name));
  return { used: others, created, restsOnOthers: others.length > 0 && !makesItsOwn && !changes };
}

/** What a statement makes for good; temporary tables hold what was there before. */
function createdBy(statement: Statement): RelationName | null {
  switch (statement.kind) {
    case "create-table":
    case "create-table-as":
    case "create-view":
      return statement.name;
    default:
      return null;
  }
}

function usedBy(statement: Statement): readonly RelationName[] {
  if (statement.kind === "do")
    return statement.body.statements.flatMap(({ statement: inner }: PlacedStatement) => usedBy(inner));
  return namesUsedBy(statement);
}

/** The relations that a statement itself names, those that it makes among them; their ranges count from its start. */
export function namesUsedBy(statement: Statement): readonly RelationName[] {
  const query = "query" in statement ? statement.query : null;
  return [
    ...relationsNamed(statement),
    ...(query === null ? [] : relationsOfQuery(query)),
    ...(statement.kind === "copy" && statement.relation !== null ? [statement.relation] : []),
  ];
}

function joinedBy(statement: Statement): readonly { readonly parent: string; readonly child: string }[] {
  if (statement.kind === "create-table-as" || statement.kind === "create-view")
    return [{ parent: "", child: statement.name.name }];
  if (statement.kind === "create-table") {
    if (statement.persistence === "temporary") return [{ parent: "", child: statement.name.name }];
    const parents = [statement.partitionOf?.parent, ...statement.inherits];
    return parents.flatMap((parent) =>
      parent === undefined ? [] : [{ parent: parent.name, child: statement.name.name }],
    );
  }
  if (statement.kind !== "alter-table") return [];
  const { relation, actions } = statement;
  return actions.flatMap((action) => {
    if (action.kind === "attach-partition") return [{ parent: relation.name, child: action.partition.name }];
    return action.kind === "inherit" ? [{ parent: action.parent.name, child: relation.name }] : [];
  });
}

/**
 * The table of which the statement changes what it is. Nobody knows when a file runs that does this to a table of others, or whether
 * it did: it is not held against what a chain leaves.
 */
function changedTable(statement: Statement): string | null {
  switch (statement.kind) {
    case "rename":
    case "set-schema":
      return statement.relation.name;
    case "alter-table":
      return statement.actions.some(({ kind }) => !partitionActions.has(kind)) ? statement.relation.name : null;
    default:
      return null;
  }
}

const partitionActions: ReadonlySet<AlterAction["kind"]> = new Set([
  "attach-partition",
  "detach-partition",
  "attach-index",
  "split-partition",
  "merge-partitions",
  "inherit",
  "no-inherit",
] as const);

function isSystem(schema: string | null, name: string): boolean {
  return schema === "pg_catalog" || schema === "information_schema" || (schema === null && name.startsWith("pg_"));
}
