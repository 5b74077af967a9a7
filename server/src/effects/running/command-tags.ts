/** The tags by which event triggers know commands, and which commands fire event triggers at all. */

import type { ObjectType, Statement } from "../../syntax/statement.ts";

/**
 * The command tag of a statement of DDL, `""` where it is one whose tag is not worked out; null where no event trigger is
 * fired (event triggers, roles, databases and tablespaces are nobody's business).
 */
export function commandTag(statement: Statement, text: string | undefined): string | null {
  // What is dropped, renamed or changed besides tables and the like is told by its words alone.
  if (/^\s*(?:drop|alter|comment\s+on)\s+event\s+trigger\b/i.test(text ?? "")) return null;
  switch (statement.kind) {
    case "create-table":
      return statement.foreignServer === null ? "CREATE TABLE" : "CREATE FOREIGN TABLE";
    case "create-table-as":
      return statement.materializedView ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS";
    case "alter-table":
      return `ALTER ${words(statement.objectType)}`;
    case "create-index":
      return "CREATE INDEX";
    case "drop":
      return tagOn("DROP", statement.objectType);
    case "rename":
    case "set-schema":
      return tagOn("ALTER", statement.objectType);
    case "create-schema":
      return "CREATE SCHEMA";
    case "create-type":
      return statement.definition.kind === "domain" ? "CREATE DOMAIN" : "CREATE TYPE";
    case "alter-enum":
      return "ALTER TYPE";
    case "create-view":
      return "CREATE VIEW";
    case "create-sequence":
      return "CREATE SEQUENCE";
    case "create-function":
      return statement.procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
    case "create-operator-class":
      return "CREATE OPERATOR CLASS";
    case "create-trigger":
      return "CREATE TRIGGER";
    case "create-rule":
      return "CREATE RULE";
    case "create-extension":
      return "CREATE EXTENSION";
    case "query":
      return statement.query.kind === "select" && statement.query.into !== null ? "SELECT INTO" : null;
    case "other":
      return firing.test(statement.tag) ? "" : null;
    default:
      return null;
  }
}

function words(type: ObjectType): string {
  return type.replaceAll("-", " ").toUpperCase();
}

function tagOn(verb: string, type: ObjectType): string | null {
  if (type === "role" || type === "database") return null;
  return type === "other" || type === "function" ? "" : `${verb} ${words(type)}`;
}

/** Parse nodes of other commands that fire event triggers. */
const firing =
  /^(?:Alter(?!Role|Database|System|TableSpace|EventTrig)|Create(?!Role|db|TableSpace|EventTrig|Subscription)|Comment|Define|Grant(?!Role)|RefreshMatView|SecLabel|Rule|View|ImportForeignSchema|DropOwned|ReassignOwned|Drop(?!Role|db|TableSpace|Subscription|UserMapping$))/;
