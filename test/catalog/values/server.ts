/** What tests of values share: types and contexts by name, and what a real server makes of a text or an expression. */

import type { Client } from "pg";
import { type Catalog, emptyCatalog, withSettings } from "../../../server/src/catalog/catalog.ts";
import type { DataType } from "../../../server/src/catalog/data-type.ts";
import { printValue } from "../../../server/src/catalog/values/print.ts";
import type { NoCast, ValueContext, ValueResult } from "../../../server/src/catalog/values/result.ts";
import { resolveType } from "../../../server/src/catalog/values/types.ts";
import { parseDocument } from "../../../server/src/syntax/document.ts";
import type { Expression, TypeName } from "../../../server/src/syntax/expression.ts";
import { readingForTests } from "../../support/parser.ts";

export type DateOrder = "MDY" | "DMY" | "YMD";

export const moods = ["sad", "ok", "happy"] as const;

/** A context with the enum `mood`, under the settings that the server is given with `applySettings`. */
export function contextFor(version: number, timeZone = "UTC", order: DateOrder = "MDY"): ValueContext {
  const empty = withSettings(emptyCatalog({ complete: true, timeZone }), { dateStyle: { output: "ISO", order } });
  const mood: DataType = { kind: "enum", schema: "public", name: "mood", labels: moods };
  const catalog: Catalog = { ...empty, types: empty.types.with("public\0mood", mood) };
  return { settings: catalog.settings, version, catalog };
}

export async function applySettings(client: Client, { settings }: ValueContext): Promise<void> {
  await client.query(`SET TimeZone = '${settings.timeZone}'; SET DateStyle = 'ISO, ${settings.dateStyle.order}'`);
}

export async function createMood(client: Client): Promise<void> {
  await client.query(`CREATE TYPE mood AS ENUM (${moods.map((label) => `'${label}'`).join(", ")})`);
}

/** Reads expressions with PostgreSQL's grammar. */
export async function expressionReader(): Promise<(sql: string) => Expression> {
  const reading = await readingForTests();
  return (sql) => {
    const statement = parseDocument(`SELECT ${sql}`, reading).statements[0]?.statement;
    const query = statement?.kind === "query" ? statement.query : null;
    const expression = query?.kind === "select" ? query.targets[0]?.expression : undefined;
    if (expression === undefined) throw new Error(`no expression: ${sql}`);
    return expression;
  };
}

/** Types by their SQL names. */
export async function typeReader(): Promise<(name: string) => DataType> {
  const read = await expressionReader();
  const { catalog } = contextFor(18);
  return (name) => {
    const expression = read(`NULL::${name}`);
    const typeName: TypeName | null = expression.kind === "cast" ? expression.type : null;
    if (typeName === null) throw new Error(`no type: ${name}`);
    return resolveType(catalog, typeName);
  };
}

/** An outcome in one line: the value as text, or the error with its detail and hint. */
export function outcomeText(result: ValueResult | NoCast, type: DataType, context: ValueContext): string {
  switch (result.kind) {
    case "value":
      return `value ${printValue(result.value, type, context.settings)}`;
    case "null":
      return "NULL";
    case "problem":
      return ["error", result.sqlstate, result.message, result.detail ?? "", result.hint ?? ""].join("|");
    case "declined":
      return "declined";
    case "no-cast":
      return "no cast";
  }
}

/**
 * What the server makes of expressions on the way into a column of the type, in the notation of `outcomeText`: each in a
 * block of its own, so that its error ends nothing else.
 */
export async function serverOutcomes(
  client: Client,
  type: string,
  expressions: readonly string[],
): Promise<readonly string[]> {
  // `format` prints by the output function, where a cast to text may do something else.
  await client.query(`
    DROP TABLE IF EXISTS probe;
    CREATE TEMP TABLE probe (v ${type});
    CREATE OR REPLACE FUNCTION pg_temp.try (expression text) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE outcome text; message text; detail text; hint text;
    BEGIN
      EXECUTE 'INSERT INTO probe VALUES (' || expression || ')
               RETURNING CASE WHEN v IS NULL THEN ''NULL'' ELSE format(''value %s'', v) END' INTO outcome;
      RETURN outcome;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
      RETURN concat_ws('|', 'error', SQLSTATE, message, detail, hint);
    END $$`);
  const { rows } = await client.query<{ outcome: string }>(
    "SELECT pg_temp.try(e) AS outcome FROM unnest($1::text[]) WITH ORDINALITY AS given (e, o) ORDER BY o",
    [expressions],
  );
  return rows.map(({ outcome }) => outcome);
}

/** Compares outcomes one by one; gives the disagreements with what they are about. What we decline agrees with anything. */
export function disagreements(
  subjects: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): readonly string[] {
  return subjects.flatMap((subject, index) =>
    ours[index] === "declined" || ours[index] === theirs[index]
      ? []
      : [`${subject}\n  ours   ${ours[index]}\n  theirs ${theirs[index]}`],
  );
}

/** A string constant. */
export function literal(text: string): string {
  return text.includes("\\")
    ? `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
