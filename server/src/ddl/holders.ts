/** What goes by a table's identity and not by its name: known, it is refused before a table takes the place of another; unknown, the script stops. */

import type { Relation } from "../catalog/relation.ts";
import { isBuiltinType } from "../catalog/values/builtins.ts";
import { functionsNeeding } from "../effects/relations/functions.ts";
import { usersOfRowType } from "../effects/relations/row-types.ts";
import { quoteBody, quoteLiteral } from "../syntax/literals.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { Named } from "./ahead-names.ts";
import { viewsOn } from "./declarative/carry-over.ts";
import { listed } from "./hand-over-notes.ts";
import type { ScriptStep } from "./script.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** Why no other table can take the place of this one: what depends on it would go on with it under another name; null where nothing does that is known. */
export function holdersOf(table: Relation, context: WriterContext): string | null {
  const found = [
    ...viewsOn(table, context.catalog).map((view) => `the view ${writeName(context.catalog, view)}`),
    ...rowUsersOf(table, context),
  ];
  const [it, depend] = found.length === 1 ? ["it", "depends"] : ["them", "depend"];
  return found.length === 0
    ? null
    : `${listed(found)} ${depend} on ${writeName(context.catalog, table)} and would go on with the table that it is now: drop ${it} first, and create ${it} again afterwards`;
}

/** In words: columns of a table's row type, and functions that take or give its rows, or read it in a body of SQL. */
export function rowUsersOf(table: Relation, context: WriterContext): readonly string[] {
  const { catalog } = context;
  return [
    ...usersOfRowType(catalog, table).map(
      ({ relation, column }) => `the column ${quoteIdentifier(column.name)} of ${writeName(catalog, relation)}`,
    ),
    ...functionsOf(table, context).map((own) => `the function ${quoteIdentifier(own)}`),
  ];
}

/** Only where no other relation or type can be meant by the name. */
function functionsOf({ name }: Relation, { catalog }: WriterContext): readonly string[] {
  const found = functionsNeeding(catalog, name);
  if (found.length === 0 || isBuiltinType(name)) return [];
  let namesakes = 0;
  for (const each of catalog.relations.values()) namesakes += each.name === name ? 1 : 0;
  for (const type of catalog.types.keys()) namesakes += type.endsWith(`\0${name}`) ? 1 : 0;
  return namesakes === 1 && !catalog.functions.has(name) ? found : [];
}

/**
 * Raises an error, while nothing has changed yet, where anything depends on one of the tables that is not a part of it: also what
 * nobody has shown. To be run under a lock that keeps others from adding more.
 */
export function checkHolders(tables: readonly Named[], { catalog }: WriterContext): ScriptStep {
  const names = tables.map((table) => quoteLiteral(writeName(catalog, table)));
  const [only = ""] = names;
  const own = "SELECT FROM pg_depend AS own WHERE own.classid = d.classid AND own.objid = d.objid";
  const body = [
    "DECLARE",
    "  found text;",
    "BEGIN",
    // Of a view it is the rule that depends on the table.
    "  SELECT string_agg(DISTINCT regexp_replace(pg_describe_object(d.classid, d.objid, d.objsubid), '^rule \"?_RETURN\"? on ', ''), ', ') INTO found",
    "  FROM pg_class AS c JOIN pg_type AS r ON r.oid = c.reltype",
    "    CROSS JOIN LATERAL (VALUES ('pg_class'::regclass, c.oid), ('pg_type'::regclass, r.oid), ('pg_type'::regclass, r.typarray)) AS o (class, id)",
    "    JOIN pg_depend AS d ON d.refclassid = o.class AND d.refobjid = o.id AND d.deptype = 'n'",
    `  WHERE c.oid ${names.length === 1 ? `= ${only}::regclass` : `IN (${names.map((name) => `${name}::regclass`).join(", ")})`}`,
    `    AND NOT EXISTS (${own}`,
    "      AND own.refclassid = 'pg_class'::regclass AND own.refobjid = c.oid AND own.deptype <> 'n');",
    "  IF found IS NOT NULL THEN",
    `    RAISE EXCEPTION '% still in use: %', ${quoteLiteral(listed(tables.map((table) => writeName(catalog, table))))}, left(found, 2000)`,
    "      USING ERRCODE = '2BP01', HINT = 'Drop what is named, run the script, and create it again.';",
    "  END IF;",
    "END",
  ].join("\n");
  return { sql: `DO ${quoteBody(body)}`, locks: [], transaction: "inside" };
}
