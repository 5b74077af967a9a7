/** One level of a query: its tables, what its column names stand for, and where its conditions hold. */

import type { Catalog } from "../catalog/catalog.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { Relation, ViewQuery, ViewRelation } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { type EvaluateContext, evaluate, expressionType, remembering } from "../catalog/values/evaluate.ts";
import type { Expression } from "../syntax/expression.ts";
import type { CommonTableExpression } from "../syntax/query.ts";
import type { TextRange } from "../text/range.ts";
import type { ColumnOfReference, Derived, ResolvedColumn, Scope } from "./scope.ts";
import type { RelationVerdict } from "./verdict.ts";

/** A name that columns may be qualified with, and the columns behind it. */
export interface NamedColumns {
  readonly name: string | null;
  readonly schema: string | null;
  readonly source:
    | {
        readonly kind: "table";
        readonly mention: TableMention;
        readonly columnAliases: readonly string[];
        /** In the query of a view: the columns that it had when the view was made. */
        readonly bound: ViewRelation["columns"];
      }
    /** The output of a subquery or of a join; `open` where it has columns that are not known. */
    | { readonly kind: "columns"; readonly columns: readonly VisibleColumn[]; readonly open: boolean }
    /** An unknown table, a function of which nobody knows what it gives. */
    | { readonly kind: "unknown" };
  /** Columns that USING has merged with others: without a qualifier these names mean the merged ones. */
  readonly merged?: ReadonlySet<string>;
}

export interface VisibleColumn {
  readonly name: string;
  readonly resolved: ResolvedColumn;
}

/** A column of which no more than this is known. */
export interface TypedColumn {
  readonly name: string;
  readonly type: DataType | null;
  readonly collation: string | null;
}

export interface OutputColumn {
  readonly name: string;
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

/** What a query finds around itself. */
export interface Environment {
  readonly catalog: Catalog;
  readonly context: EvaluateContext;
  readonly commonTables: ReadonlyMap<string, CommonTable>;
  /** The scope of the query around; null for the outermost. */
  readonly outer: Scope | null;
  /** Whether the query is planned as one with the query around it, whose columns are then columns like its own. */
  readonly joinsOuter: boolean;
  /** Told when a name of the query around is used in one that is not planned as one with it. */
  readonly onOuterUse?: (() => void) | undefined;
  /** Inside a view: where the statement names the view, what it does with it, and what the view's names mean. */
  readonly view: (Pick<TableMention, "range" | "access"> & Pick<ViewQuery, "relations">) | null;
}

export interface CommonTable {
  readonly definition: CommonTableExpression;
  readonly environment: Environment;
  /** Whether the planner puts it in the place of its mention. */
  readonly inlined: boolean;
  /** Its columns where it is computed by itself; null where they are not known. */
  readonly columns: readonly TypedColumn[] | null;
}

/** Resolves names among those of a query, then in the query around. The list may still grow. */
export function scopeOf(names: readonly NamedColumns[], environment: Environment): Scope {
  const { outer, joinsOuter } = environment;
  return scopeFrom((written) => {
    const own = resolveAmong(names, written);
    if (own !== null) return own;
    const further: ResolvedColumn = outer === null ? { kind: "unknown" } : outer.resolve(written);
    if (joinsOuter || further.kind === "unknown") return further;
    environment.onOuterUse?.();
    return { kind: "outer", type: typeOf(further) };
  }, environment.context);
}

/** A scope that resolves names as the function says. */
export function scopeFrom(resolve: Scope["resolve"], context: EvaluateContext): Scope {
  return {
    resolve,
    context: remembering({
      ...context,
      columnType: (written) => typeOf(resolve(written)),
      columnConstant: (written) => constantOf(resolve(written)),
    }),
  };
}

/** Resolves the columns of one table by their own names, as its key and its constraints spell them. */
export function scopeOfTable(mention: TableMention, environment: Environment): Scope {
  const names: NamedColumns = {
    name: null,
    schema: null,
    source: { kind: "table", mention, columnAliases: [], bound: null },
  };
  return scopeOf([names], { ...environment, outer: null, joinsOuter: false });
}

/** The columns behind a name as `SELECT *` sees them; null where they are not known. */
export function visibleColumns(names: NamedColumns): readonly string[] | null {
  const all = allColumns(names);
  return all === null ? null : all.filter((column) => names.merged?.has(column) !== true);
}

function allColumns({ source }: NamedColumns): readonly string[] | null {
  switch (source.kind) {
    case "table": {
      const { mention, columnAliases, bound } = source;
      if (mention.relation.knowledge !== "full") return null;
      const names = bound?.map(({ as }) => as) ?? mention.relation.columns.map(({ name }) => name);
      return names.map((name, index) => columnAliases[index] ?? name);
    }
    case "columns":
      return source.open ? null : source.columns.map(({ name }) => name);
    case "unknown":
      return null;
  }
}

/** What `*` or `t.*` stands for, column by column; null where that is not known. */
export function starColumns(
  all: readonly NamedColumns[],
  qualifier: string | null,
): readonly { readonly name: string; readonly resolved: ResolvedColumn }[] | null {
  const wanted = qualifier === null ? all : all.filter(({ name }) => name === qualifier);
  const columns: { readonly name: string; readonly resolved: ResolvedColumn }[] = [];
  for (const names of wanted) {
    const visible = qualifier === null ? visibleColumns(names) : allColumns(names);
    if (visible === null) return null;
    for (const name of visible) columns.push({ name, resolved: findColumn(names, name) ?? { kind: "unknown" } });
  }
  return columns;
}

function resolveAmong(all: readonly NamedColumns[], written: readonly string[]): ResolvedColumn | null {
  const column = written.at(-1) ?? "";
  const qualifier = written.at(-2);
  const schema = written.at(-3);
  const candidates =
    qualifier === undefined
      ? all.filter(({ merged }) => merged?.has(column) !== true)
      : all.filter((names) => names.name === qualifier && (schema === undefined || names.schema === schema));
  for (const names of candidates) {
    const found = findColumn(names, column);
    if (found !== null) return found;
  }
  const open = candidates.filter((names) => allColumns(names) === null);
  const [only] = open;
  if (only === undefined) return qualifier === undefined || candidates.length === 0 ? null : { kind: "unknown" };
  // A table that nobody creates has columns that nobody told of.
  if (open.length === 1 && only.source.kind === "table") return assumedColumn(only.source.mention, column);
  return { kind: "unknown" };
}

function findColumn(names: NamedColumns, name: string): ResolvedColumn | null {
  switch (names.source.kind) {
    case "table": {
      const { mention, columnAliases, bound } = names.source;
      const { columns, partitioning } = mention.relation;
      const then = bound?.find(({ as }, index) => (columnAliases[index] ?? as) === name)?.name;
      const column =
        bound === null
          ? columns.find((one, index) => (columnAliases[index] ?? one.name) === name)
          : columns.find((one) => one.name === then);
      if (column !== undefined) return { kind: "column", column: { ...ofMention(mention), ...pick(column) } };
      const systemType = systemColumns.get(name);
      if (systemType !== undefined) {
        const type: DataType = { kind: "base", name: systemType, modifier: null };
        return { kind: "column", column: { ...ofMention(mention), name, type, collation: null } };
      }
      const isKey = partitioning?.key.elements.some((element) => element.column === name) ?? false;
      return isKey ? assumedColumn(mention, name) : null;
    }
    case "columns":
      return names.source.columns.find((column) => column.name === name)?.resolved ?? null;
    case "unknown":
      return null;
  }
}

const systemColumns: ReadonlyMap<string, string> = new Map([
  ["tableoid", "oid"],
  ["ctid", "tid"],
  ["xmin", "xid"],
  ["xmax", "xid"],
  ["cmin", "cid"],
  ["cmax", "cid"],
]);

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

/** The type of what a name stands for; null where it is not known. */
export function typeOf(resolved: ResolvedColumn): DataType | null {
  switch (resolved.kind) {
    case "column":
      return resolved.column.type;
    case "derived": {
      const known = derivedTypes.get(resolved);
      if (known !== undefined) return known;
      const type = expressionType(resolved.expression, resolved.scope.context);
      derivedTypes.set(resolved, type);
      return type;
    }
    case "outer":
      return resolved.type;
    case "unknown":
      return null;
  }
}

/** Asked for again at each step of the evaluation of an expression over the column. */
const derivedTypes = new WeakMap<Derived, DataType | null>();
const derivedConstants = new WeakMap<Derived, KnownConstant | null>();

interface KnownConstant {
  readonly value: Value | null;
  readonly type: DataType;
}

function constantOf(resolved: ResolvedColumn): KnownConstant | undefined {
  if (resolved.kind !== "derived") return undefined;
  let known = derivedConstants.get(resolved);
  if (known === undefined) {
    const evaluation = evaluate(resolved.expression, resolved.scope.context);
    const isKnown = evaluation.kind === "constant" && evaluation.type !== null;
    known = isKnown ? { value: evaluation.value, type: evaluation.type } : null;
    derivedConstants.set(resolved, known);
  }
  return known ?? undefined;
}
