/** `DefineIndex`: an index or the index of a constraint on a table, with its copies on all partitions below. */

import { type Catalog, knowsEveryObject, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { partitionsInBoundOrder } from "../../catalog/partition-set.ts";
import type {
  Column,
  IndexDefinition,
  IndexInfo,
  IndexItem,
  Relation,
  RelationId,
  TableConstraint,
} from "../../catalog/relation.ts";

import { isCollatable } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { unqualified } from "../../syntax/expression-walk.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import { pluralOf } from "../declarative/plain-table.ts";
import {
  type ApplyContext,
  andThen,
  applied,
  applyToChildren,
  type Outcome,
  type Refusal,
  type Rejection,
  rejected,
} from "../outcome.ts";
import {
  columnNamed,
  constraintNamed,
  constraintOfIndex,
  isSystemColumn,
  primaryKeyOf,
  withConstraint,
} from "./constraint-shape.ts";
import { withoutNamesake } from "./dependencies.ts";
import { childrenOf } from "./descendants.ts";
import { analyzeExpression, type ExpressionAnalysis } from "./expression-text.ts";
import { knownMethods, wrongOperatorClass } from "./index-operator-class.ts";
import { doubtOfPart, emptyRelation, nameTaken, originHere, relationInTheWay } from "./lookup.ts";
import { chooseIndexName, indexColumnNames } from "./object-names.ts";
import { isMutable } from "./volatility.ts";

export interface DefineOptions {
  /** False for ON ONLY: the partitions get no index, and this one stays invalid until theirs are attached. */
  readonly recurse: boolean;
  /** The index of the partitioned parent that this one is a part of. */
  readonly attachTo: RelationId | null;
  /** Rows may keep it from being unique. */
  readonly doubtful?: boolean | undefined;
  /** It is made after another table's, by LIKE or for a partition. */
  readonly copied?: boolean | undefined;
}

/** Creates the index, and its copies on the partitions below unless one that fits is there. */
export function defineIndex(
  catalog: Catalog,
  tableId: RelationId,
  definition: IndexDefinition,
  options: DefineOptions,
  context: ApplyContext,
): Outcome {
  const table = relationById(catalog, tableId);
  if (table === null) return applied(catalog);
  const described = describeIndex(catalog, table, definition, context);
  if (described.kind !== "described") return described;
  const name = definition.name?.name ?? chosenName(catalog, table, definition, options);
  const inTheWay = relationInTheWay(catalog, table.schema, name);
  if (inTheWay !== null) {
    if (definition.ifNotExists) return applied(catalog);
    return nameTaken(name, definition.name?.range ?? definition.range, inTheWay);
  }
  const sameName = definition.constraint === null ? null : constraintNamed(table, name);
  if (sameName !== null && sameName.doubtful !== true) {
    return refuse("42710", `constraint "${name}" for relation "${table.name}" already exists`, definition.range);
  }
  const partitioned = isPartitioned(table);
  const index: Relation = {
    ...emptyRelation(catalog.nextId, table.schema, name, partitioned ? "partitioned-index" : "index"),
    persistence: table.persistence,
    ...doubtOfPart(table),
    ...(options.doubtful === true ? { doubtful: true } : {}),
    origin: originHere(context, definition.name?.range ?? definition.range),
    index: {
      table: table.id,
      unique: definition.unique,
      primary: definition.constraint === "primary-key",
      columns: definition.items.map((item) => item.column),
      text: described.text,
      predicate: definition.where,
      attachedTo: options.attachTo,
      valid: options.recurse || !partitioned || childrenOf(catalog, table).length === 0,
      definition: ofAnyTable(definition),
    },
  };
  let next = withRelation(withoutNamesake(catalog, table.schema, name), index);
  next = withRelation(next, withIndex(table, index, definition, options, context));
  const outcome = applied(next);
  if (!isPartitioned(table) || !options.recurse) return outcome;
  const children = partitionsInBoundOrder(table.partitioning.partitions)
    .map((id) => relationById(next, id))
    .filter((partition) => partition !== null);
  const partitions = children.filter((partition) => partition.kind !== "foreign-table");
  if (definition.unique && partitions.length < children.length) {
    return refuse("42809", `cannot create unique index on partitioned table "${table.name}"`, definition.range, {
      detail: `Table "${table.name}" contains partitions that are foreign tables.`,
    });
  }
  return andThen(outcome, (current) =>
    applyToChildren(current, partitions, (before, partition) =>
      ensureIndex(before, partition.id, index.id, definition.range, context),
    ),
  );
}

/** The definition as it holds for the indexes of other tables that are made after it. */
function ofAnyTable(definition: IndexDefinition): IndexDefinition {
  const { items, where } = definition;
  if (where === null && items.every(({ expression }) => expression === null)) return definition;
  const known = forAnyTable.get(definition);
  if (known !== undefined) return known;
  const made = {
    ...definition,
    items: items.map((item) =>
      item.expression === null ? item : { ...item, expression: unqualified(item.expression) },
    ),
    where: where === null ? null : unqualified(where),
  };
  forAnyTable.set(definition, made);
  return made;
}

const forAnyTable = new WeakMap<IndexDefinition, IndexDefinition>();

/**
 * The partition's part of an index of its parent: an index that fits and belongs to no other is attached, else one is
 * created under a name of its own.
 *
 * @param range what a refusal is about
 */
export function ensureIndex(
  catalog: Catalog,
  partitionId: RelationId,
  parentIndexId: RelationId,
  range: TextRange,
  context: ApplyContext,
): Outcome {
  const partition = relationById(catalog, partitionId);
  const parentIndex = relationById(catalog, parentIndexId);
  if (partition === null || parentIndex === null || parentIndex.index === null) return applied(catalog);
  const fitting = partition.indexes
    .map((id) => relationById(catalog, id))
    .find((candidate) => candidate !== null && fits(catalog, partition, candidate, parentIndex));
  if (fitting != null) return applied(attachIndex(catalog, fitting, parentIndex));
  const { definition } = parentIndex.index;
  if (definition === undefined) {
    return applied(catalog, `the definition of index "${parentIndex.name}" is not known`);
  }
  return defineIndex(
    catalog,
    partitionId,
    ofPartitions(definition, range),
    { recurse: true, attachTo: parentIndexId, copied: true },
    context,
  );
}

/** The definition for the indexes of partitions, which have it in common: ten thousand are made of one after the other. */
function ofPartitions(definition: IndexDefinition, range: TextRange): IndexDefinition {
  const known = forPartitions.get(definition);
  if (known?.range.start === range.start && known.range.end === range.end) return known;
  const items = definition.items.map((item) => ({ ...item, range }));
  const made = { ...definition, name: null, ifNotExists: false, range, items };
  forPartitions.set(definition, made);
  return made;
}

const forPartitions = new WeakMap<IndexDefinition, IndexDefinition>();

/** Marks an index as part of its parent's, and the constraint behind it as inherited. */
export function attachIndex(catalog: Catalog, index: Relation, parentIndex: Relation): Catalog {
  if (index.index === null || parentIndex.index === null) return catalog;
  let next = withRelation(catalog, { ...index, index: { ...index.index, attachedTo: parentIndex.id } });
  const table = relationById(next, index.index.table);
  const constraint = table === null ? null : constraintOfIndex(table, index.id);
  const parentTable = relationById(next, parentIndex.index.table);
  const parentHasConstraint = parentTable !== null && constraintOfIndex(parentTable, parentIndex.id) !== null;
  if (table !== null && constraint !== null && parentHasConstraint) {
    const constraints = table.constraints.changed((other) =>
      other === constraint ? { ...other, local: false, inheritedFrom: 1 } : other,
    );
    next = withRelation(next, { ...table, constraints });
  }
  return next;
}

/** Takes the indexes of a table that is detached from their parents'. */
export function detachIndexes(catalog: Catalog, tableId: RelationId): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  let next = catalog;
  const freed = new Set<RelationId>();
  for (const id of table.indexes) {
    const index = relationById(next, id);
    if (index === null || index.index === null || index.index.attachedTo === null) continue;
    next = withRelation(next, { ...index, index: { ...index.index, attachedTo: null } });
    freed.add(id);
  }
  if (freed.size === 0) return next;
  const constraints = table.constraints.changed((constraint) =>
    constraint.index !== null && freed.has(constraint.index)
      ? { ...constraint, local: true, inheritedFrom: 0 }
      : constraint,
  );
  return withRelation(next, { ...table, constraints });
}

/** `CompareIndexInfo`, and that a constraint's index needs a constraint of the same type. */
export function fits(catalog: Catalog, table: Relation, candidate: Relation, parentIndex: Relation): boolean {
  if (candidate.index === null || parentIndex.index === null || candidate.index.attachedTo !== null) return false;
  if (candidate.index.unique !== parentIndex.index.unique || candidate.index.text !== parentIndex.index.text) {
    return false;
  }
  const parentTable = relationById(catalog, parentIndex.index.table);
  const wanted = parentTable === null ? null : constraintOfIndex(parentTable, parentIndex.id);
  return wanted === null || constraintOfIndex(table, candidate.id)?.type === wanted.type;
}

type Described = { readonly kind: "described"; readonly text: string } | Refusal;

/** The checks of `DefineIndex` up to the name, and the definition's text for comparing it with others. */
function describeIndex(
  catalog: Catalog,
  table: Relation,
  definition: IndexDefinition,
  context: ApplyContext,
): Described {
  const { range } = definition;
  if (definition.items.length + definition.include.length > 32) {
    return refuse("54011", "cannot use more than 32 columns in an index", range);
  }
  const kind = wrongKind(table, definition, context);
  if (kind !== null) return kind;
  if (isPartitioned(table) && definition.constraint === "exclude" && context.version <= 16) {
    const message = `cannot create exclusion constraints on partitioned table "${table.name}"`;
    return { ...refuse("0A000", message, range, { rule: "unique-without-key" }) };
  }
  const scope = {
    catalog,
    context,
    table: table.name,
    columns: table.columns,
    allColumns: table.knowledge === "full",
  };
  const analyses = new Map<Expression, ExpressionAnalysis>();
  const read = (expression: Expression, place: string): Refusal | null => {
    const analysis = analyzeExpression(expression, { ...scope, place });
    if (analysis.kind === "fault") return refuse(analysis.sqlstate, analysis.message, analysis.range, analysis);
    analyses.set(expression, analysis);
    return null;
  };
  // Expressions are analysed before anything else is looked at.
  const { where } = definition;
  const wrongWhere = where === null ? null : read(where, "index predicates");
  if (wrongWhere !== null) return wrongWhere;
  for (const { expression } of definition.items) {
    const wrong = expression === null ? null : read(expression, "index expressions");
    if (wrong !== null) return wrong;
  }
  const { method } = definition;
  if (!knownMethods.has(method) && knowsEveryObject(catalog)) {
    return refuse("42704", `access method "${method}" does not exist`, range);
  }
  if (definition.unique && definition.constraint === null && knownMethods.has(method) && method !== "btree") {
    return refuse("0A000", `access method "${method}" does not support unique indexes`, range);
  }
  if (where !== null && isMutable(where, scope)) {
    return refuse("42P17", "functions in index predicate must be marked IMMUTABLE", range);
  }
  for (const item of definition.items) {
    if (item.expression !== null && isMutable(item.expression, scope)) {
      return refuse("42P17", "functions in index expression must be marked IMMUTABLE", range);
    }
    const column = item.column === null ? null : columnNamed(table, item.column);
    const type = item.expression === null ? (column?.type ?? null) : (analyses.get(item.expression)?.type ?? null);
    const wrong =
      wrongColumn(item, table, definition, context) ?? wrongOperatorClass(item, type, definition, catalog, context);
    if (wrong !== null) return wrong;
  }
  for (const name of definition.include) {
    if (columnNamed(table, name) === null && table.knowledge === "full") {
      return refuse("42703", `column "${name}" does not exist`, range);
    }
  }
  const primary = definition.constraint === "primary-key" ? primaryKeyOf(table) : null;
  if (primary !== null && primary.doubtful !== true) {
    return refuse("42P16", `multiple primary keys for table "${table.name}" are not allowed`, range);
  }
  const key = lacksPartitionKey(table, definition, context);
  if (key !== null) return key;
  return {
    kind: "described",
    text: indexText(definition, table, (expression) => analyses.get(expression)?.text ?? ""),
  };
}

/** The definition as one text, by which two indexes are compared. */
export function indexText(
  definition: IndexDefinition,
  table: Relation,
  textOf: (expression: Expression) => string,
): string {
  const items = definition.items.map((item, index) => {
    const column = item.column === null ? null : columnNamed(table, item.column);
    const subject = item.column !== null ? quoteIdentifier(item.column) : textOfOptional(item.expression, textOf);
    const collation = column === null ? (item.collation?.at(-1) ?? null) : collationOf(item, column);
    const operatorClass = item.operatorClass?.at(-1);
    const operator = definition.operators[index];
    return `${subject}${collation === null ? "" : ` COLLATE ${quoteIdentifier(collation)}`}${operatorClass === undefined ? "" : ` ${operatorClass}`}${operator === undefined ? "" : ` WITH ${operator}`}`;
  });
  const include = definition.include.length > 0 ? ` INCLUDE (${definition.include.join(", ")})` : "";
  const nulls = definition.nullsNotDistinct ? " NULLS NOT DISTINCT" : "";
  const where = definition.where === null ? "" : ` WHERE ${textOf(definition.where)}`;
  return `${definition.method} (${items.join(", ")})${include}${nulls}${where}`;
}

function textOfOptional(expression: Expression | null, textOf: (expression: Expression) => string): string {
  return expression === null ? "" : textOf(expression);
}

function wrongKind(table: Relation, definition: IndexDefinition, context: ApplyContext): Refusal | null {
  const { range } = definition;
  if (table.kind === "partitioned-table" && context.version === 10) {
    return refuse("42809", `cannot create index on partitioned table "${table.name}"`, range);
  }
  if (table.kind === "table" || table.kind === "partitioned-table" || table.kind === "materialized-view") return null;
  if (context.version >= 15) {
    const detail = { detail: `This operation is not supported for ${pluralOf(table.kind)}.` };
    return refuse("42809", `cannot create index on relation "${table.name}"`, range, detail);
  }
  if (table.kind === "foreign-table") {
    return refuse("42809", `cannot create index on foreign table "${table.name}"`, range);
  }
  return refuse("42809", `"${table.name}" is not a table or materialized view`, range);
}

function wrongColumn(
  item: IndexItem,
  table: Relation,
  definition: IndexDefinition,
  context: ApplyContext,
): Refusal | null {
  if (item.column === null) return null;
  const column = columnNamed(table, item.column);
  if (column === null) {
    if (table.knowledge !== "full") return null;
    if (isSystemColumn(item.column)) {
      return refuse("0A000", "index creation on system columns is not supported", definition.range);
    }
    // From 12 on ADD PRIMARY KEY begins with the NOT NULL constraints of its columns.
    const message =
      definition.constraint === null
        ? `column "${item.column}" does not exist`
        : definition.constraint === "primary-key" && context.version >= 12
          ? `column "${item.column}" of relation "${table.name}" does not exist`
          : `column "${item.column}" named in key does not exist`;
    return refuse("42703", message, item.range);
  }
  return null;
}

function collationOf(item: IndexItem, column: Column): string | null {
  return item.collation?.at(-1) ?? (isCollatable(column.type) ? (column.collation ?? "default") : null);
}

/** A unique index of a partitioned table must have all columns of its key (11 and later). */
function lacksPartitionKey(table: Relation, definition: IndexDefinition, context: ApplyContext): Refusal | null {
  const { partitioning } = table;
  const exclude = definition.constraint === "exclude";
  if (partitioning === null || context.version < 11 || (!definition.unique && !exclude)) return null;
  const word = definition.constraint === "primary-key" ? "PRIMARY KEY" : exclude ? "EXCLUDE" : "UNIQUE";
  for (const element of partitioning.key.elements) {
    if (element.column === null) {
      return refuse("0A000", `unsupported ${word} constraint with partition key definition`, definition.range, {
        detail: `${word} constraints cannot be used when partition keys include expressions.`,
        rule: "unique-without-key",
      });
    }
    const keyColumn = element.column;
    const at = definition.items.findIndex((item) => {
      if (item.column !== keyColumn) return false;
      const column = columnNamed(table, keyColumn);
      return column === null || element.collation === null || collationOf(item, column) === element.collation;
    });
    const operator = definition.operators[at];
    if (at >= 0 && operator !== undefined && operator !== "=") {
      const message = `cannot match partition key to index on column "${element.column}" using non-equal operator "${operator}"`;
      return refuse("0A000", message, definition.range, { rule: "unique-without-key" });
    }
    if (at < 0) {
      return refuse(
        "0A000",
        "unique constraint on partitioned table must include all partitioning columns",
        definition.range,
        {
          detail: `${word} constraint on table "${table.name}" lacks column "${element.column}" which is part of the partition key.`,
          rule: "unique-without-key",
        },
      );
    }
  }
  return null;
}

function chosenName(
  catalog: Catalog,
  table: Relation,
  definition: IndexDefinition,
  { copied }: Pick<DefineOptions, "copied">,
): string {
  const columns = indexColumnNames([
    ...definition.items,
    ...definition.include.map((column) => ({ column, expression: null })),
  ]);
  // A key WITHOUT OVERLAPS that is copied comes with the operators by which it excludes, and is called after them.
  const unique = copied === true && !["btree", ""].includes(definition.method) ? "excl" : "key";
  const kind = { "primary-key": "pkey", unique, exclude: "excl" } as const;
  return chooseIndexName(
    catalog,
    table.schema,
    table.name,
    columns,
    definition.constraint === null ? "idx" : kind[definition.constraint],
  );
}

/** The table with the new index, and with the constraint that it stands behind. */
function withIndex(
  table: Relation,
  index: Relation,
  definition: IndexDefinition,
  options: DefineOptions,
  context: ApplyContext,
): Relation {
  // What may not have come about is replaced by what PostgreSQL accepts now.
  const constraints = table.constraints.kept((other) => other.doubtful !== true || other.name !== index.name);
  const next = { ...table, constraints, indexes: [...table.indexes, index.id] };
  if (definition.constraint === null) return next;
  const inherited = options.attachTo !== null;
  const constraint: TableConstraint = {
    type: definition.constraint,
    name: index.name,
    columns: definition.items.flatMap((item) => (item.column === null ? [] : [item.column])),
    expression: null,
    text: constraintText(definition, index.index),
    validated: true,
    enforced: true,
    noInherit: true,
    local: !inherited,
    inheritedFrom: inherited ? 1 : 0,
    index: index.id,
    references: null,
    ...(options.doubtful === true ? { doubtful: true } : {}),
    origin: originHere(context, definition.range),
  };
  return withConstraint(next, constraint);
}

/** What `pg_get_constraintdef` prints behind the word for the constraint. */
function constraintText(definition: IndexDefinition, index: IndexInfo | null): string {
  const { initiallyDeferred, include, nullsNotDistinct } = definition;
  const deferrable = definition.deferrable || initiallyDeferred === true ? " DEFERRABLE" : "";
  const suffix = `${deferrable}${initiallyDeferred === true ? " INITIALLY DEFERRED" : ""}`;
  if (definition.constraint === "exclude") {
    // Where a column keeps its own collation, none is printed.
    return `${(index?.text ?? "").replaceAll(' COLLATE "default"', "").replace(/ WHERE (.*)$/, " WHERE ($1)")}${suffix}`;
  }
  const columns = definition.items.map((item) => quoteIdentifier(item.column ?? "")).join(", ");
  const included = include.length > 0 ? ` INCLUDE (${include.map(quoteIdentifier).join(", ")})` : "";
  return `${nullsNotDistinct ? "NULLS NOT DISTINCT " : ""}(${columns})${included}${suffix}`;
}

function refuse(
  sqlstate: string,
  message: string,
  range: TextRange,
  extra: {
    readonly detail?: string | undefined;
    readonly hint?: string | undefined;
    readonly rule?: Rejection["rule"];
  } = {},
): Refusal {
  return rejected(extra.rule ?? "statement-rejected", sqlstate, message, range, {
    detail: extra.detail,
    hint: extra.hint,
  });
}
