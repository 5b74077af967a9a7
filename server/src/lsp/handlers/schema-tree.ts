/** `partitionLens/schemaTree`: the partitions of the workspace's schemas, or of the connected database, level by level. */

import type { Origin } from "../../catalog/relation.ts";
import { sizesUnknown } from "../../ide/relation-sizes.ts";
import { problemsOf, rootRows, rowsBelow, type SchemaRow, type SchemaTreeContext } from "../../ide/schema-tree.ts";
import { counted } from "../../ide/spelling.ts";
import { titleText } from "../../text/foreign-text.ts";
import { addAll } from "../../text/long-lists.ts";
import type { DefinitionPlace, SchemaTreeParams, SchemaTreeResult, SchemaTreeRow } from "../protocol.ts";
import { numberOf } from "../remembered.ts";
import { definitionOf, type Session } from "../session.ts";
import { type ShownSchema, shownSchemas } from "../shown-schemas.ts";

export async function schemaTree(session: Session, { of, filter = "" }: SchemaTreeParams): Promise<SchemaTreeResult> {
  const all = await shownSchemas(session);
  const sizeOf = session.database.current()?.sizes() ?? sizesUnknown;
  const contextOf = async ({ catalog, refused }: ShownSchema): Promise<SchemaTreeContext<DefinitionPlace>> => ({
    catalog,
    definitionOf: (origin: Origin) => definitionOf(session, origin),
    sizeOf,
    refused: await refused(),
    filter: filter.trim().slice(0, longestFilter),
  });
  const rowsOf = async (schema: ShownSchema): Promise<readonly SchemaTreeRow[]> => {
    const table = of?.source === schema.key ? of.table : undefined;
    const context = await contextOf(schema);
    return (table === undefined ? rootRows(context) : rowsBelow(context, table)).map((row) => toRow(row, schema.key));
  };
  const [only, ...others] = all;
  const answer = (rows: readonly SchemaTreeRow[]): SchemaTreeResult => ({
    rows,
    label: only === undefined || others.length > 0 ? null : only.label,
    problems: all.reduce((sum, { catalog }) => sum + problemsOf(catalog), 0),
    revision: JSON.stringify([
      ...all.map(({ key, label, catalog }) => [key, label, numberOf(catalog)]),
      numberOf(sizeOf),
    ]),
  });
  if (of !== undefined) {
    const schema = all.find(({ key }) => key === of.source);
    return answer(schema === undefined ? [] : await rowsOf(schema));
  }
  if (only === undefined || others.length === 0) return answer(only === undefined ? [] : await rowsOf(only));
  const rows: SchemaTreeRow[] = [];
  for (const schema of all) addAll(rows, sourceRows(schema, await rowsOf(schema)));
  return answer(rows);
}

/** Longer filters are cut. */
const longestFilter = 200;

/** A row for one of several schemas; one with a single table is that table's own row. */
function sourceRows({ key, label, catalog }: ShownSchema, tables: readonly SchemaTreeRow[]): readonly SchemaTreeRow[] {
  const [first, ...others] = tables;
  if (first === undefined) return [];
  if (others.length === 0) return [{ ...first, description: `${first.description} · ${titleText(label)}` }];
  const problems = problemsOf(catalog);
  const description = [counted(tables.length, "table"), ...(problems === 0 ? [] : [counted(problems, "problem")])];
  return [
    {
      kind: "source",
      id: key,
      source: key,
      label: titleText(label),
      description: description.join(" · "),
      tooltip: titleText(label),
      table: "",
      definition: null,
      problems,
      children: { source: key },
    },
  ];
}

function toRow({ children, id, generate, ...row }: SchemaRow<DefinitionPlace>, source: string): SchemaTreeRow {
  return {
    ...row,
    id: `${source} ${id}`,
    source,
    children: children === null ? null : { source, table: children },
    generate: generate === undefined ? undefined : { ...generate, source },
  };
}
