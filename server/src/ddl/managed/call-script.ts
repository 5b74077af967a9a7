/** Scripts that are calls of the extension which manages the table: what they have in common. */

import type { PartitionKey } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { formatType } from "../../catalog/values/types.ts";
import { spellDatum } from "../../catalog/written-bound.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { assembleScript } from "../print.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { type WriterContext, writeName } from "../writer.ts";

export interface Calls {
  readonly title: string;
  readonly comment: readonly string[];
  readonly calls: readonly string[];
  /** null where nothing takes it back. */
  readonly undo: readonly string[] | null;
  /** The calls commit themselves, so they stand in no transaction block. */
  readonly commits?: true | undefined;
}

/** Which locks such a call takes is the extension's own matter; only what is sure is said. */
export function callScript({ title, comment, calls, undo, commits }: Calls, context: WriterContext): OperationResult {
  const step = (sql: string): ScriptStep => ({ sql, locks: [], transaction: commits === true ? "outside" : "inside" });
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [`${title}.`, ...comment],
        steps: calls.map(step),
        notes: [],
        undo: undo === null ? null : undo.map((sql) => ({ ...step(sql), transaction: "inside" as const })),
      },
      context.inTransaction,
    ),
  };
}

/** `'sales'::regclass`, with the name as scripts write it. */
export function asClass(relation: Pick<Relation, "schema" | "name">, { catalog }: WriterContext): string {
  return `${quoteLiteral(writeName(catalog, relation))}::regclass`;
}

/** `'2024-01-01'::date`: functions that take anyelement have to be told the type. */
export function typedValue(value: Value, key: PartitionKey, { catalog }: WriterContext): string {
  const type = key.elements[0]?.type ?? null;
  const written = spellDatum({ kind: "value", value }, 0, key, catalog.settings);
  return type === null ? written : `${written}::${formatType(type)}`;
}

/** The function of an extension as the session finds it. */
export function functionName(extension: string, name: string, byDefault: string, { catalog }: WriterContext): string {
  const schema = catalog.extensions.get(extension)?.schema ?? byDefault;
  return catalog.settings.searchPath.includes(schema) || schema === "pg_catalog"
    ? name
    : `${quoteIdentifier(schema)}.${name}`;
}
