/** A connected database as the world of files: what no file creates is there already. */

import { type Catalog, findRelation, relationById, withSettings } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import { defaultSettings, type Settings } from "../config.ts";
import { finalCatalog, type ReplayOptions, replay } from "../replay/replay.ts";
import { type Document, parseDocument } from "../syntax/document.ts";
import { quoteIdentifier, quoteQualifiedName, type RelationName } from "../syntax/names.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { Statement } from "../syntax/statement.ts";
import { registrationsIn, withoutLostManagers, withoutRegistrations } from "./registrations.ts";

/** The database as a session of the files finds it: settings that somebody has chosen come before the database's. */
export function databaseStart(database: Catalog, settings: Settings): Catalog {
  const chosen = <Name extends keyof Settings>(name: Name): Settings[Name] | null =>
    JSON.stringify(settings[name]) === JSON.stringify(defaultSettings[name]) ? null : settings[name];
  const timeZone = chosen("timeZone") ?? database.settings.timeZone;
  const searchPath = chosen("schema.searchPath") ?? database.settings.searchPath;
  return {
    ...withSettings(database, { timeZone, initialTimeZone: timeZone, searchPath, initialSearchPath: searchPath }),
    complete: settings["schema.complete"],
    database,
  };
}

/**
 * Takes away what the documents create or attach: the database may have it because they have been run, and the script is to
 * meet it as new. `removals` are those of `removalsFrom`; equal ones give equal catalogs.
 */
export function withoutCreated(start: Catalog, removals: string, reading: Reading, options: ReplayOptions): Catalog {
  if (removals === "") return start;
  const { statements } = parseDocument(removals, reading);
  const unregistered = withoutRegistrations(start, removals);
  const steps = replay({
    file: "",
    statements,
    start: unregistered,
    options: { ...options, describes: true },
    previous: [],
  });
  // That something is gone is no news to the script that creates it.
  const after = withoutLostManagers(start, finalCatalog(unregistered, steps));
  return { ...after, knownAbsent: start.knownAbsent, settings: start.settings };
}

/** The statements that take away from the database what the documents create or attach; empty where there is nothing. */
export function removalsFrom(start: Catalog, documents: readonly Document[]): string {
  const removals = new Set<string>();
  for (const { statements, text } of documents) {
    for (const removal of registrationsIn(text, start)) removals.add(removal);
    // The search path that the script sets decides where its unqualified names are.
    let catalog = start;
    for (const { statement } of statements) {
      if (statement.kind === "set" && statement.name === "search_path")
        catalog = withSettings(start, { searchPath: statement.values ?? start.settings.searchPath });
      for (const removal of removalsOf(statement, catalog)) removals.add(removal);
    }
  }
  return [...removals].join("\n");
}

function removalsOf(statement: Statement, catalog: Catalog): readonly string[] {
  switch (statement.kind) {
    case "create-table":
    case "create-table-as":
    case "create-view":
    case "create-sequence":
      return dropOf(catalog, statement.name);
    case "create-index":
      return statement.name === null
        ? []
        : dropOf(catalog, { schema: statement.relation.schema, name: statement.name.name });
    case "create-type":
      return [`DROP TYPE IF EXISTS ${quoteQualifiedName(statement.name.schema, statement.name.name)} CASCADE;`];
    case "create-trigger":
      return triggerOf(catalog, statement.relation, statement.name.name);
    case "alter-table":
      return statement.actions.flatMap((action) =>
        action.kind === "attach-partition" ? detachOf(catalog, action.partition) : [],
      );
    default:
      return [];
  }
}

function dropOf(catalog: Catalog, name: Pick<RelationName, "schema" | "name">): readonly string[] {
  const relation = findRelation(catalog, name);
  const words = relation === null ? undefined : dropWords[relation.kind];
  if (relation === null || words === undefined) return [];
  return [`DROP ${words} ${quoteQualifiedName(relation.schema, relation.name)} CASCADE;`];
}

const dropWords: Readonly<Partial<Record<Relation["kind"], string>>> = {
  table: "TABLE",
  "partitioned-table": "TABLE",
  "foreign-table": "FOREIGN TABLE",
  view: "VIEW",
  "materialized-view": "MATERIALIZED VIEW",
  sequence: "SEQUENCE",
  index: "INDEX",
  "partitioned-index": "INDEX",
};

function triggerOf(catalog: Catalog, table: RelationName, name: string): readonly string[] {
  const relation = findRelation(catalog, table);
  if (relation === null || !relation.triggers.some((trigger) => trigger.name === name)) return [];
  return [`DROP TRIGGER ${quoteIdentifier(name)} ON ${quoteQualifiedName(relation.schema, relation.name)};`];
}

function detachOf(catalog: Catalog, name: RelationName): readonly string[] {
  const partition = findRelation(catalog, name);
  const parent = partition?.partitionOf == null ? null : relationById(catalog, partition.partitionOf.parent);
  if (partition === null || parent === null) return [];
  const [table, child] = [parent, partition].map(({ schema, name: own }) => quoteQualifiedName(schema, own));
  return [`ALTER TABLE ${table} DETACH PARTITION ${child};`];
}
