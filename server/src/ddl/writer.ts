/** What every writer of DDL works with: the catalog, the version, and the relations a request names. */

import { type Catalog, effectivePath, findRelation, relationById } from "../catalog/catalog.ts";
import { layoutOf } from "../catalog/layout.ts";
import type { PartitionKey, RangeDatum, RangeEntry } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import type { SeriesCalendar } from "../catalog/series.ts";
import { baseType } from "../catalog/values/types.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import { quoteQualifiedName, unquoteIdentifier } from "../syntax/names.ts";
import type { TypedValueReader } from "../syntax/typed-value.ts";
import type { OperationRequest } from "./operation.ts";
import type { OperationResult } from "./script.ts";

export interface WriterContext {
  readonly catalog: Catalog;
  readonly version: PostgresVersion;
  /** ISO date that `current_date` stands for. */
  readonly today: string;
  /** Whether the script stands inside an open transaction block already: then it opens none. */
  readonly inTransaction: boolean;
  /** Reads what somebody typed for a value. */
  readonly typedValues: TypedValueReader;
  /** That the database has gone which has shown the catalog, as a sentence for the script. */
  readonly stale?: string | undefined;
}

/** Writes the script of one operation for one scheme. */
export type Writer = (request: OperationRequest, table: Relation, context: WriterContext) => OperationResult;

export function problem(message: string, argument?: string): OperationResult {
  return { ok: false, problem: { message, argument } };
}

export function failed({
  message,
  argument,
}: {
  readonly message: string;
  readonly argument?: string | undefined;
}): OperationResult {
  return { ok: false, problem: { message, argument } };
}

/** The relation that a text names: `t`, `s.t`, `"S"."T"`, or `s.T` unquoted. */
export function resolveRelation(catalog: Catalog, text: string): Relation | null {
  return relationAsWritten(catalog, text) ?? relationAsAnswered(catalog, text);
}

function relationAsWritten(catalog: Catalog, text: string): Relation | null {
  const [first = "", second = null, ...rest] = text.trim().match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  if (rest.length > 0 || first === "") return null;
  const read = (part: string): string => unquoteIdentifier(part.trim());
  return second === null
    ? findRelation(catalog, { schema: null, name: read(first) })
    : findRelation(catalog, { schema: read(first), name: read(second) });
}

/** Names hold dots and quotes too, so each dot may be the one behind the schema. */
function relationAsAnswered(catalog: Catalog, text: string): Relation | null {
  for (let dot = text.indexOf("."); dot >= 0; dot = text.indexOf(".", dot + 1)) {
    const found = findRelation(catalog, { schema: text.slice(0, dot), name: text.slice(dot + 1) });
    if (found !== null) return found;
  }
  return findRelation(catalog, { schema: null, name: text });
}

/** The name as a script writes it: unqualified where the search path finds this relation and no other. */
export function writeName(catalog: Catalog, { schema, name }: Pick<Relation, "schema" | "name">): string {
  const found = findRelation(catalog, { schema: null, name });
  const first = effectivePath(catalog).find((path) => path !== "pg_catalog");
  const plain = found === null ? first === schema : found.schema === schema;
  return plain ? quoteQualifiedName(null, name) : quoteQualifiedName(schema, name);
}

/** `schema.name` unquoted, as lock lists have it. */
export function fullName({ schema, name }: Pick<Relation, "schema" | "name">): string {
  return `${schema}.${name}`;
}

export function calendarOf(table: Relation, { settings }: Catalog): SeriesCalendar {
  const type = layoutOf(table)?.key.elements[0]?.type;
  const base = type === undefined || type === null ? null : baseType(type);
  return { zone: base?.kind === "base" && base.name === "timestamptz" ? settings.timeZone : null };
}

/** A range partition with its entry in the set of its parent. */
export interface RangePartition {
  readonly relation: Relation;
  readonly entry: RangeEntry;
}

/** The range partitions in bound order. */
export function rangePartitions(table: Relation, catalog: Catalog): readonly RangePartition[] {
  const partitions: RangePartition[] = [];
  for (const entry of layoutOf(table)?.partitions.ranges.values() ?? []) {
    const relation = relationById(catalog, entry.partition);
    if (relation !== null) partitions.push({ relation, entry });
  }
  return partitions;
}

/** A lower or upper bound on the whole key that begins at a value of its first column. */
export function boundAt(value: RangeDatum, key: PartitionKey): readonly RangeDatum[] {
  return key.elements.map((_, index) => (index === 0 ? value : { kind: "minvalue" }));
}
