/** One level of a query: its tables, what its column names stand for, and where its conditions hold. */

import type { Catalog } from "../catalog/catalog.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { Relation } from "../catalog/relation.ts";
import { type EvaluateContext, evaluate } from "../catalog/values/evaluate.ts";
import type { Expression } from "../syntax/expression.ts";
import type { CommonTableExpression } from "../syntax/query.ts";
import type { TextRange } from "../text/range.ts";
import type { Clause } from "./clause.ts";
import type { ColumnOfReference, ResolvedColumn, Scope } from "./operand.ts";
import type { RelationVerdict } from "./verdict.ts";

/** A name that columns may be qualified with, and the columns behind it. */
export interface NamedColumns {
  readonly name: string | null;
  readonly schema: string | null;
  readonly source:
    | { readonly kind: "table"; readonly mention: TableMention; readonly columnAliases: readonly string[] }
    /** The output of a subquery, as expressions of its own scope; null where a column is not one with the expression. */
    | { readonly kind: "subquery"; readonly columns: ReadonlyMap<string, OutputColumn | null> }
    /** A function, an unknown table, a common table expression that is computed by itself. */
    | { readonly kind: "unknown" };
}

export interface OutputColumn {
  readonly expression: Expression;
  readonly scope: Scope;
}

/** One mention of a table of the catalog. */
export interface TableMention {
  readonly reference: number;
  readonly relation: Relation;
  readonly only: boolean;
  /** The name under which the query, or the view, uses it. */
  readonly alias: string;
  readonly access: RelationVerdict["access"];
  /** Where the statement names it, or the view that reads it. */
  readonly range: TextRange;
  /** Whether it is a view that reads it: ranges of conditions are then not the statement's. */
  readonly throughView: boolean;
}

/**
 * A part of a query within which conditions hold for all rows. The nullable side of an outer join is a part of its own, since
 * conditions above it do not filter its rows; and so is a subquery that is planned by itself.
 */
export interface QualLevel {
  readonly tables: TableMention[];
  readonly conditions: { readonly expression: Expression; readonly scope: Scope }[];
  /** Equalities of USING and NATURAL. */
  readonly merges: Clause[];
  readonly nullable: QualLevel[];
  /** Subqueries; conditions from above that only speak of their tables hold in them too. */
  readonly subqueries: QualLevel[];
  /** Whether conditions hold that we do not see. */
  readonly incomplete: boolean;
}

export function emptyLevel(incomplete = false): QualLevel {
  return { tables: [], conditions: [], merges: [], nullable: [], subqueries: [], incomplete };
}

/** What a query finds around itself. */
export interface Environment {
  readonly catalog: Catalog;
  readonly context: EvaluateContext;
  readonly commonTables: ReadonlyMap<string, CommonTable>;
  /** The scope of the query around; null for the outermost. */
  readonly outer: Scope | null;
  /** Inside a view: where the statement names the view, and what it does with it. */
  readonly view: Pick<TableMention, "range" | "access"> | null;
}

export interface CommonTable {
  readonly definition: CommonTableExpression;
  readonly environment: Environment;
  /** Whether the planner puts it in the place of its mention. */
  readonly inlined: boolean;
}

/** The mentions whose rows conditions of the level, or of a level above it, may filter. */
export function tablesBelow(level: QualLevel): readonly TableMention[] {
  return [...level.tables, ...[...level.nullable, ...level.subqueries].flatMap(tablesBelow)];
}

/** Resolves names among those of a query, then in the query around. The list may still grow. */
export function scopeOf(names: readonly NamedColumns[], environment: Environment): Scope {
  const resolve = (written: readonly string[]): ResolvedColumn => {
    const own = resolveAmong(names, written);
    if (own !== null) return own;
    const { outer } = environment;
    return outer === null || outer.resolve(written).kind === "unknown" ? { kind: "unknown" } : { kind: "outer" };
  };
  return { resolve, context: { ...environment.context, columnType: (written) => typeOf(resolve(written)) } };
}

/** Resolves the columns of one table by their own names, as its key and its constraints spell them. */
export function scopeOfTable(mention: TableMention, environment: Environment): Scope {
  const names: NamedColumns = { name: null, schema: null, source: { kind: "table", mention, columnAliases: [] } };
  return scopeOf([names], { ...environment, outer: null });
}

/** The columns behind a name with the names under which they are visible; null where they are not known. */
export function visibleColumns(names: NamedColumns): readonly string[] | null {
  switch (names.source.kind) {
    case "table": {
      const { mention, columnAliases } = names.source;
      if (mention.relation.knowledge !== "full") return null;
      return mention.relation.columns.map(({ name }, index) => columnAliases[index] ?? name);
    }
    case "subquery":
      return [...names.source.columns.keys()];
    case "unknown":
      return null;
  }
}

function resolveAmong(all: readonly NamedColumns[], written: readonly string[]): ResolvedColumn | null {
  const column = written.at(-1) ?? "";
  const qualifier = written.at(-2);
  const schema = written.at(-3);
  const candidates =
    qualifier === undefined
      ? all
      : all.filter((names) => names.name === qualifier && (schema === undefined || names.schema === schema));
  for (const names of candidates) {
    const found = findColumn(names, column);
    if (found !== null) return found;
  }
  const open = candidates.filter((names) => visibleColumns(names) === null);
  const [only] = open;
  if (only === undefined) return qualifier === undefined || candidates.length === 0 ? null : { kind: "unknown" };
  // A table that nobody creates has columns that nobody told of.
  if (open.length === 1 && only.source.kind === "table") return assumedColumn(only.source.mention, column);
  return { kind: "unknown" };
}

function findColumn(names: NamedColumns, name: string): ResolvedColumn | null {
  switch (names.source.kind) {
    case "table": {
      const { mention, columnAliases } = names.source;
      const { columns, partitioning } = mention.relation;
      const column = columns.find((one, index) => (columnAliases[index] ?? one.name) === name);
      if (column !== undefined) return { kind: "column", column: { ...ofMention(mention), ...pick(column) } };
      const isKey = partitioning?.key.elements.some((element) => element.column === name) ?? false;
      return isKey ? assumedColumn(mention, name) : null;
    }
    case "subquery": {
      const column = names.source.columns.get(name);
      if (column === undefined) return null;
      return column === null ? { kind: "unknown" } : { kind: "derived", ...column };
    }
    case "unknown":
      return null;
  }
}

function pick(column: { readonly name: string; readonly type: DataType; readonly collation: string | null }) {
  const { name, type, collation } = column;
  return { name, type, collation };
}

function ofMention(mention: TableMention): Pick<ColumnOfReference, "reference" | "relation"> {
  return { reference: mention.reference, relation: mention.relation.id };
}

function assumedColumn(mention: TableMention, name: string): ResolvedColumn {
  const element = mention.relation.partitioning?.key.elements.find((one) => one.column === name);
  const [type, collation] = [element?.type ?? null, element?.collation ?? null];
  return { kind: "column", column: { ...ofMention(mention), name, type, collation } };
}

function typeOf(resolved: ResolvedColumn): DataType | null {
  switch (resolved.kind) {
    case "column":
      return resolved.column.type;
    case "derived": {
      const evaluation = evaluate(resolved.expression, resolved.scope.context);
      return "type" in evaluation ? evaluation.type : null;
    }
    case "outer":
    case "unknown":
      return null;
  }
}
