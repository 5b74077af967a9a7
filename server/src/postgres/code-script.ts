/** From the functions, triggers, rules and the like of a database to the statements that would make the same. */

import { type Catalog, findRelation, withRelation } from "../catalog/catalog.ts";
import { unreadCode } from "../syntax/body-code.ts";
import { quoteQualifiedName } from "../syntax/names.ts";
import { mostCode, mostFunctions } from "./code-queries.ts";
import type { Row } from "./connection.ts";

/** A piece of code as rows of the system catalogs tell it. */
export interface CodeRow {
  readonly kind: string;
  /** What it belongs to: the table of a trigger. */
  readonly holder: { readonly schema: string; readonly name: string } | null;
  readonly name: string;
  readonly statement: string;
}

/** Those that tables and views need when they are made, and those that need tables and views; in order. */
export function codeRows(rows: readonly Row[]): {
  readonly before: readonly CodeRow[];
  readonly after: readonly CodeRow[];
} {
  const all = rows.map(codeRow);
  const isBefore = ({ kind }: CodeRow): boolean => kind !== "event-trigger" && kind !== "trigger" && !belongs.has(kind);
  return {
    before: all.filter(isBefore),
    after: all.filter((row) => !isBefore(row)),
  };
}

const belongs: ReadonlySet<string> = new Set(["policy", "rule"]);

function codeRow(row: Row): CodeRow {
  const { schema, relation, kind, name, statement } = row;
  return {
    kind: String(kind),
    holder: typeof schema === "string" && typeof relation === "string" ? { schema, name: relation } : null,
    name: typeof name === "string" ? name : "",
    statement: typeof statement === "string" ? statement : "",
  };
}

/**
 * CREATE FUNCTION or CREATE PROCEDURE with its body. Where that was not fetched, one of which nothing is known but its name,
 * what it returns, and how volatile it is.
 */
export function functionStatement(row: Row): string {
  const { definition } = row;
  // Each is one more, beside others of its name.
  if (typeof definition === "string") return definition.replace(/^CREATE OR REPLACE /, "CREATE ");
  const volatility = row["volatility"] === "i" ? "IMMUTABLE" : row["volatility"] === "s" ? "STABLE" : "VOLATILE";
  const name = quoteQualifiedName(String(row["schema"]), String(row["name"]));
  const head = `${name}(${String(row["arguments"])})`;
  return row["procedure"] === true
    ? `CREATE PROCEDURE ${head} LANGUAGE c AS 'not fetched', 'not fetched'`
    : `CREATE FUNCTION ${head} RETURNS ${String(row["returns"])} LANGUAGE c ${volatility} AS 'not fetched', 'not fetched'`;
}

/** Whether there was more than is read. */
export function isCodeCut(functions: readonly Row[], code: readonly Row[]): boolean {
  return functions.length > mostFunctions || code.length > mostCode;
}

/** The catalog in which whatever is run may do anything. */
function withUnknownCode(catalog: Catalog): Catalog {
  return { ...catalog, code: catalog.code.with("ambient", [{ signature: "", code: unreadCode }], true) };
}

/** The same where not all of a database's code was read: there may be functions and operators that nobody shows. */
export function withUnreadCode(catalog: Catalog): Catalog {
  return { ...withUnknownCode(catalog), hasUnkeptObjects: true };
}

/** The catalog in which code is there that its statement does not tell: what it belongs to may do anything when it is used. */
export function withUntoldCode(catalog: Catalog, { kind, holder, name }: CodeRow): Catalog {
  if (holder !== null) {
    const relation = findRelation(catalog, holder);
    return relation === null ? catalog : withRelation(catalog, { ...relation, touched: true });
  }
  const key = kind === "aggregate" ? `function ${name}` : `${kind} ${name}`;
  if (kind === "cast" || kind === "operator-class") return withUnknownCode(catalog);
  return { ...catalog, code: catalog.code.with(key, [{ signature: "", code: unreadCode }], true) };
}
