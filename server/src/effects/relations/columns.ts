/** The columns and constraints that a CREATE TABLE gives its table, in the two phases in which PostgreSQL settles them. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Column, Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { unqualified } from "../../syntax/expression-walk.ts";
import type { Identifier, RelationName } from "../../syntax/names.ts";
import type { ColumnDefinition, Constraint, CreateTable, TableElement } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected, withoutPosition } from "../outcome.ts";
import { type ColumnSetting, constraintUnsupported, type DefinedColumn, defineColumn } from "./column-definition.ts";
import { mostColumns, tooManyColumns } from "./column-limit.ts";
import { assumeRelation, lookUpRelation, relationMissing } from "./lookup.ts";
import { mergeColumns, type OwnColumn, unsuitableParent } from "./merge-columns.ts";
import type { OwnSequence, TableDraft } from "./table-draft.ts";
import { compositeType } from "./typed-tables.ts";

/**
 * The first phase (`transformCreateStmt`, the parents' look-up and `MergeAttributes`): columns with their types, LIKE, OF,
 * INHERITS or the column list of PARTITION OF merged with the parent's. The name of the new table is not looked at.
 */
export function draftTable(
  catalog: Catalog,
  create: CreateTable,
  context: ApplyContext,
): { readonly kind: "draft"; readonly draft: TableDraft } | Refusal {
  // Before anything is made of them: a table of ten thousand columns costs as little as it is worth.
  if (create.elements.filter(({ kind }) => kind === "column").length > mostColumns)
    return tooManyColumns(create.name.range);
  const collected = collectElements(catalog, create, context);
  if (collected.kind === "rejected") return collected;
  const keys = checkKeys(collected, create, context);
  if (keys !== null) return keys;
  const parents = findParents(collected.catalog, create);
  if (parents.kind === "rejected") return parents;
  const duplicate = duplicateColumn(collected.own);
  if (duplicate !== null) return duplicate;
  const partition = create.partitionOf !== null;
  for (const [index, parent] of parents.parents.entries()) {
    const unsuitable = unsuitableParent(parent, parents.names[index] ?? create.name, create.persistence, partition);
    if (unsuitable !== null) return unsuitable;
  }
  const merged = mergeColumns(collected.own, parents.parents, partition, create.name.range, context.version);
  if (merged.kind === "rejected") return merged;
  if (merged.columns.length > mostColumns) return tooManyColumns(create.name.range);
  const system = systemColumn(merged.columns, create);
  if (system !== null) return system;
  const assumed = collected.assumed || parents.parents.some((parent) => parent.knowledge !== "full");
  const primary = new Set(collected.keys.filter((key) => key.type === "primary-key").flatMap(columnNames));
  return {
    kind: "draft",
    draft: {
      catalog: parents.catalog,
      columns: merged.columns.map((column) => (primary.has(column.name) ? { ...column, notNull: true } : column)),
      parents: parents.parents,
      inheritedConstraints: merged.constraints,
      checks: collected.checks,
      notNulls: collected.notNulls,
      keys: collected.keys,
      foreignKeys: collected.foreignKeys,
      likes: collected.likes,
      sequences: collected.sequences,
      knowledge: assumed ? "assumed" : "full",
      unsure: new Set([...collected.unsure, ...parents.parents.flatMap(unsureColumns)]),
      declined: collected.declined,
    },
  };
}

/** A parent that may have been changed may have columns of other types. */
function unsureColumns({ knowledge, columns }: Relation): readonly string[] {
  return knowledge === "tainted" ? columns.map(({ name }) => name) : [];
}

interface Collected {
  readonly kind: "collected";
  readonly catalog: Catalog;
  readonly own: OwnColumn[];
  readonly checks: Constraint[];
  readonly notNulls: { readonly column: string; readonly constraint: Constraint | null }[];
  readonly keys: Constraint[];
  readonly foreignKeys: Constraint[];
  readonly likes: { readonly source: RelationId; readonly indexes: boolean; readonly range: TextRange }[];
  readonly sequences: OwnSequence[];
  readonly declined: string[];
  readonly assumed: boolean;
  readonly unsure: Set<string>;
}

function collectElements(catalog: Catalog, create: CreateTable, context: ApplyContext): Collected | Refusal {
  if (create.partitionBy !== null && create.inherits.length > 0) {
    return rejected(
      "partition-key-invalid",
      "42P17",
      "cannot create partitioned table as inheritance child",
      create.partitionBy.range,
    );
  }
  const collected: Mutable<Collected> = {
    kind: "collected",
    catalog,
    own: [],
    checks: [],
    notNulls: [],
    keys: [],
    foreignKeys: [],
    likes: [],
    sequences: [],
    declined: [],
    assumed: false,
    unsure: new Set(),
  };
  const setting: ColumnSetting = {
    catalog,
    context,
    table: create.name.name,
    partitioned: create.partitionBy !== null,
    partition: create.partitionOf !== null,
    typed: create.ofType !== null,
    foreign: create.foreignServer !== null,
  };
  const refusal = create.ofType === null ? null : addTypeColumns(collected, create, setting);
  if (refusal !== null) return refusal;
  for (const element of create.elements) {
    const refused = addElement(collected, element, setting);
    if (refused !== null) return refused;
  }
  return collected;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addElement(collected: Mutable<Collected>, element: TableElement, setting: ColumnSetting): Refusal | null {
  switch (element.kind) {
    case "column":
      return addColumn(collected, element, setting);
    case "constraint": {
      const refusal = constraintUnsupported(element.constraint, setting);
      if (refusal !== null) return refusal;
      // A new table holds no rows that NOT VALID could pass over; what a foreign table holds is not known.
      addConstraint(collected, setting.foreign ? element.constraint : { ...element.constraint, notValid: false });
      return null;
    }
    case "like":
      return addLike(collected, element, setting);
  }
}

function addColumn(collected: Collected, definition: ColumnDefinition, setting: ColumnSetting): Refusal | null {
  const ofType = setting.typed ? collected.own.findIndex(({ column }) => column.name === definition.name.name) : -1;
  const base = collected.own[ofType]?.column ?? null;
  const parent = definition.type === null ? (base ?? { type: unnamedType, collation: null }) : null;
  const result = defineColumn(definition, setting, parent);
  if (result.kind === "rejected") return result;
  const { defined } = result;
  if (setting.typed && base !== null) {
    // The options of a column of a typed table are merged into the type's column.
    collected.own[ofType] = { column: { ...defined.column, type: base.type }, range: definition.range, untyped: false };
  } else if (setting.typed && !collected.assumed) {
    return rejected("statement-rejected", "42703", `column "${definition.name.name}" does not exist`, definition.range);
  } else {
    collected.own.push({ column: defined.column, range: definition.range, untyped: definition.type === null });
  }
  noteConstraints(collected, defined);
  return null;
}

const unnamedType = { kind: "unknown", schema: null, name: "" } as const;

function noteConstraints(collected: Collected, defined: DefinedColumn): void {
  const column = defined.column.name;
  if (defined.notNull !== null) collected.notNulls.push({ column, constraint: defined.notNull.constraint });
  for (const constraint of defined.constraints) addConstraint(collected, constraint);
  if (defined.hasSequence) collected.sequences.push({ column, name: defined.sequenceName });
}

function addConstraint(collected: Collected, constraint: Constraint): void {
  switch (constraint.type) {
    case "check":
      collected.checks.push(constraint);
      break;
    case "not-null": {
      const [column] = constraint.columns;
      if (column !== undefined) collected.notNulls.push({ column: column.name, constraint });
      break;
    }
    case "primary-key":
    case "unique":
    case "exclude":
      collected.keys.push(constraint);
      break;
    case "foreign-key":
      collected.foreignKeys.push(constraint);
      break;
    case "null":
    case "default":
    case "generated":
    case "identity":
      break;
  }
}

function addLike(
  collected: Mutable<Collected>,
  like: Extract<TableElement, { kind: "like" }>,
  setting: ColumnSetting,
): Refusal | null {
  const { context } = setting;
  if (setting.foreign && context.version < 18) {
    return rejected("statement-rejected", "0A000", "LIKE is not supported for creating foreign tables", like.range, {
      position: like.source.range.start,
    });
  }
  const found = lookUpRelation(collected.catalog, like.source);
  if (found.kind === "absent") return relationMissing(collected.catalog, like.source, "like");
  if (found.kind === "unknown") {
    collected.assumed = true;
    collected.declined.push(`the columns of "${like.source.name}" are not known`);
    return null;
  }
  const source = found.relation;
  if (source.kind === "index" || source.kind === "partitioned-index" || source.kind === "sequence") {
    return context.version >= 15
      ? rejected("statement-rejected", "42809", `relation "${source.name}" is invalid in LIKE clause`, like.range, {
          detail: `This operation is not supported for ${source.kind === "sequence" ? "sequences" : "indexes"}.`,
          position: like.source.range.start,
        })
      : rejected(
          "statement-rejected",
          "42809",
          `"${source.name}" is not a table, view, materialized view, composite type, or foreign table`,
          like.range,
          { position: like.source.range.start },
        );
  }
  if (source.knowledge !== "full") {
    for (const { name } of source.columns) collected.unsure.add(name);
    collected.assumed = true;
    collected.declined.push(`the columns of "${like.source.name}" are not known for sure`);
  }
  const including = new Set(like.including);
  for (const column of source.columns) {
    const generated = including.has("generated") ? column.generated : null;
    const keepsDefault = column.generated === null ? including.has("defaults") : including.has("generated");
    const { default: expression, draws, ...rest } = column;
    collected.own.push({
      column: {
        ...rest,
        hasDefault: keepsDefault && column.hasDefault,
        ...(keepsDefault && expression !== undefined ? { default: expression } : {}),
        ...(keepsDefault && draws !== undefined ? { draws } : {}),
        generated,
        identity: including.has("identity") ? column.identity : null,
        local: true,
        inheritedFrom: 0,
      },
      range: like.range,
      untyped: false,
    });
    if (including.has("identity") && column.identity !== null) collected.sequences.push({ column: column.name });
  }
  for (const constraint of source.constraints) {
    if (constraint.type === "not-null") {
      const [column = ""] = constraint.columns;
      collected.notNulls.push({ column, constraint: copiedConstraint(constraint, like.range) });
    } else if (constraint.type === "check" && including.has("constraints")) {
      collected.checks.push(copiedConstraint(constraint, like.range));
    }
  }
  if (including.has("indexes")) collected.likes.push({ source: source.id, indexes: true, range: like.range });
  return null;
}

/** A constraint of another table as if the statement had spelled it out. */
function copiedConstraint(constraint: TableConstraint, range: TextRange): Constraint {
  return {
    type: constraint.type,
    name: { name: constraint.name, range },
    columns: constraint.columns.map((name) => ({ name, range })),
    expression: constraint.expression === null ? null : unqualified(constraint.expression),
    exclusions: [],
    noInherit: constraint.noInherit,
    notValid: false,
    enforced: constraint.enforced,
    generated: null,
    stored: false,
    references: null,
    withoutOverlaps: false,
    usingIndex: null,
    deferrable: false,
    include: [],
    range,
  };
}

function addTypeColumns(
  collected: Mutable<Collected>,
  create: CreateTable,
  { catalog, context }: ColumnSetting,
): Refusal | null {
  if (create.ofType === null) return null;
  const found = compositeType(catalog, create.ofType, create.ofType.range, context);
  // Up to 17 PostgreSQL does not say where the type stands.
  if (found.kind === "rejected") return context.version >= 18 ? found : withoutPosition(found);
  if (found.kind === "applied") {
    collected.assumed = true;
    addAll(collected.declined, found.declined);
    return null;
  }
  if (found.type.knowledge !== "full") {
    for (const { name } of found.type.columns) collected.unsure.add(name);
    collected.assumed = true;
    collected.declined.push(`the attributes of type "${found.type.name}" are not known for sure`);
  }
  for (const column of found.type.columns) {
    collected.own.push({ column, range: create.ofType.range, untyped: false });
  }
  return null;
}

function duplicateColumn(own: readonly OwnColumn[]): Refusal | null {
  const seen = new Set<string>();
  for (const { column } of own) {
    if (seen.has(column.name)) {
      // PostgreSQL reports the first column that occurs again; the range is that of its last definition.
      const first = own.find((entry) => own.filter((other) => other.column.name === entry.column.name).length > 1);
      const name = first?.column.name ?? column.name;
      const again = own.filter((entry) => entry.column.name === name).at(-1);
      return rejected(
        "statement-rejected",
        "42701",
        `column "${name}" specified more than once`,
        again?.range ?? { start: 0, end: 0 },
      );
    }
    seen.add(column.name);
  }
  return null;
}

/** `transformIndexConstraints`: one primary key at most, whose columns and those of the others exist. */
function checkKeys(collected: Collected, create: CreateTable, _context: ApplyContext): Refusal | null {
  const names = new Set(collected.own.map(({ column }) => column.name));
  let primary = false;
  for (const key of collected.keys) {
    if (key.type === "primary-key") {
      if (primary) {
        const message = `multiple primary keys for table "${create.name.name}" are not allowed`;
        return rejected("statement-rejected", "42P16", message, key.range, { position: key.range.start });
      }
      primary = true;
    }
    for (const column of key.columns) {
      const inherits = create.inherits.length > 0 || create.partitionOf !== null;
      if (!names.has(column.name) && !collected.assumed && (!inherits || !parentHas(collected, create, column))) {
        return missingKeyColumn(column, key);
      }
    }
    const twice = keyColumnTwice(key);
    if (twice !== null) return twice;
  }
  return null;
}

/** The refusal of a key that names a column twice, or null. */
export function keyColumnTwice(key: Constraint): Refusal | null {
  const seen = new Set<string>();
  for (const { name, range } of key.columns) {
    if (seen.has(name)) {
      const kind = key.type === "primary-key" ? "primary key" : "unique";
      const message = `column "${name}" appears twice in ${kind} constraint`;
      return rejected("statement-rejected", "42701", message, range, { position: key.range.start });
    }
    seen.add(name);
  }
  return null;
}

function missingKeyColumn(column: Identifier, key: Constraint): Refusal {
  const message = `column "${column.name}" named in key does not exist`;
  return rejected("statement-rejected", "42703", message, column.range, { position: key.range.start });
}

/** Whether a parent has the column, or may have it. */
function parentHas(collected: Collected, create: CreateTable, column: Identifier): boolean {
  return parentNames(create).some((name) => {
    const found = lookUpRelation(collected.catalog, name);
    if (found.kind !== "found" || found.relation.knowledge !== "full") return true;
    return found.relation.columns.some((candidate) => candidate.name === column.name);
  });
}

function findParents(
  catalog: Catalog,
  create: CreateTable,
):
  | {
      readonly kind: "parents";
      readonly catalog: Catalog;
      readonly parents: readonly Relation[];
      readonly names: readonly RelationName[];
    }
  | Refusal {
  let current = catalog;
  const parents: Relation[] = [];
  const names = parentNames(create);
  for (const name of names) {
    const found = lookUpRelation(current, name);
    if (found.kind === "absent") return relationMissing(catalog, name);
    let relation = found.kind === "found" ? found.relation : null;
    if (relation === null) {
      const partitioned = create.partitionOf !== null;
      const assumed = assumeRelation(current, name, partitioned ? "partitioned-table" : "table");
      current = assumed.catalog;
      relation = assumed.relation;
    }
    if (parents.some((parent) => parent.id === relation.id)) {
      const message = `relation "${relation.name}" would be inherited from more than once`;
      return rejected("statement-rejected", "42P07", message, name.range);
    }
    parents.push(relationById(current, relation.id) ?? relation);
  }
  return { kind: "parents", catalog: current, parents, names };
}

function parentNames(create: CreateTable): readonly RelationName[] {
  return create.partitionOf === null ? create.inherits : [create.partitionOf.parent];
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]);

function systemColumn(columns: readonly Column[], create: CreateTable): Refusal | null {
  const column = columns.find(({ name }) => systemColumns.has(name));
  if (column === undefined) return null;
  const message = `column name "${column.name}" conflicts with a system column name`;
  return rejected("statement-rejected", "42701", message, create.name.range);
}

function columnNames(constraint: Constraint): readonly string[] {
  return constraint.columns.map(({ name }) => name);
}
