/** The last phase of CREATE TABLE: indexes, constraints, sequences and links, once the relation is in the catalog. */

import { type Catalog, findRelation, relationById, withRelation } from "../../catalog/catalog.ts";
import { NamedList } from "../../catalog/named-list.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { resolveType } from "../../catalog/values/types.ts";
import type { CreateTable } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, andThen, applied, applyEach, type Outcome } from "../outcome.ts";
import { relationsOfDefault } from "./bound-names.ts";
import { addChecks } from "./checks.ts";
import { cloneRowTriggers } from "./cloned-triggers.ts";
import { columnNamed, replaceColumn } from "./constraint-shape.ts";
import { defineIndex, ensureIndex } from "./define-index.ts";
import { descendantsOf } from "./descendants.ts";
import { addForeignKeys, conflictingEnforcement, inheritForeignKey } from "./foreign-keys.ts";
import { doubtOfPart, emptyRelation, originHere, relationInTheWay } from "./lookup.ts";
import { addNotNullConstraints } from "./not-null.ts";
import { chooseRelationName } from "./object-names.ts";
import type { OwnSequence, TableDraft } from "./table-draft.ts";
import { addKey } from "./unique-keys.ts";

/**
 * The last phase, after name, bound and key have been accepted and the relation is in the catalog with its `partitionOf`
 * and `partitioning`: indexes cloned from the partitioned parent, CHECK and NOT NULL constraints, keys with their indexes,
 * what LIKE copies, foreign keys, links from INHERITS parents; in PostgreSQL's order.
 */
export function completeTable(
  catalog: Catalog,
  relation: Relation,
  create: CreateTable,
  draft: TableDraft,
  context: ApplyContext,
): Outcome {
  const { id } = relation;
  const { range } = create.name;
  const checks = draft.inheritedConstraints.filter((constraint) => constraint.type === "check");
  const notNulls = draft.inheritedConstraints.filter((constraint) => constraint.type === "not-null");
  const keyColumns = draft.keys
    .filter((key) => key.type === "primary-key")
    .flatMap((key) => key.columns.map((column) => ({ column: column.name, constraint: null, isKey: true })));
  const steps: readonly ((catalog: Catalog) => Outcome)[] = [
    (current) => applied(linkType(linkParents(current, id, create, draft), id, create)),
    (current) => (create.partitionOf === null ? applied(current) : inheritFromPartitioned(current, id, range, context)),
    (current) => {
      const table = relationById(current, id) ?? relation;
      const constraints = NamedList.of([...table.constraints, ...checks]);
      return addChecks(withRelation(current, { ...table, constraints }), id, draft.checks, context);
    },
    (current) => addNotNullConstraints(current, id, [...draft.notNulls, ...keyColumns], notNulls, range, context),
    (current) =>
      applyEach(current, draft.sequences, (before, sequence) =>
        applied(addSequence(before, id, sequence, range, context)),
      ),
    (current) => applied(draft.sequences.length === 0 ? current : withOwnDrawn(current, id)),
    (current) =>
      // A foreign table (18) copies no index.
      create.foreignServer !== null
        ? applied(current)
        : applyEach(current, draft.likes, (before, like) => copyIndexes(before, id, like.source, like.range, context)),
    (current) =>
      applyEach(current, primaryFirst(draft.keys), (before, key) =>
        addKey(before, id, key, { alter: false, only: false }, context),
      ),
    (current) => addForeignKeys(current, id, draft.foreignKeys, context),
  ];
  return steps.reduce<Outcome>((outcome, step) => andThen(outcome, step), applied(catalog));
}

/** What a partition takes over from its parent besides columns and CHECKs: indexes, foreign keys, row triggers. */
export function inheritFromPartitioned(
  catalog: Catalog,
  partitionId: RelationId,
  range: TextRange,
  context: ApplyContext,
): Outcome {
  const partition = relationById(catalog, partitionId);
  const parent = partition?.partitionOf == null ? null : relationById(catalog, partition.partitionOf.parent);
  if (partition === null || parent === null) return applied(catalog);
  // A foreign table has no indexes; a unique one on its parent has kept it from becoming a partition.
  const indexes = partition.kind === "foreign-table" ? [] : parent.indexes;
  const indexed = applyEach(catalog, indexes, (current, index) =>
    ensureIndex(current, partitionId, index, range, context),
  );
  const cloned = andThen(indexed, (current) => cloneRowTriggers(current, partitionId, parent, range));
  return andThen(cloned, (current) => {
    const conflict = conflictingEnforcement(current, partitionId, parent, range);
    if (conflict !== null) return conflict;
    let start = current;
    for (const constraint of parent.constraints) {
      if (constraint.type === "foreign-key") start = inheritForeignKey(start, partitionId, constraint);
    }
    return applied(start);
  });
}

/** A sequence that belongs to a column of the table: that of serial and of identity columns. */
export function addSequence(
  catalog: Catalog,
  tableId: RelationId,
  { column, name: given }: OwnSequence,
  range: TextRange,
  context: ApplyContext,
): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  // PostgreSQL wants the table's schema, and takes it where the name has none.
  const schema = given?.at(-2) ?? table.schema;
  const name = given?.at(-1) ?? chooseRelationName(catalog, schema, table.name, column, "seq", false);
  if (relationInTheWay(catalog, schema, name) !== null) return catalog;
  const id = catalog.nextId;
  const added = withRelation(catalog, {
    ...emptyRelation(id, schema, name, "sequence"),
    ...doubtOfPart(table),
    persistence: table.persistence,
    dependsOn: [tableId],
    ownedByColumn: column,
    origin: originHere(context, range),
  });
  // Children that got a serial column with the table have its default.
  return [table, ...descendantsOf(catalog, table)].reduce(
    (next, holder) => withDrawing(next, holder, column, id),
    added,
  );
}

/** Defaults of a new table that name its own sequences: PostgreSQL makes those before it reads the defaults. */
function withOwnDrawn(catalog: Catalog, tableId: RelationId): Catalog {
  let table = relationById(catalog, tableId);
  if (table === null) return catalog;
  for (const { name, default: expression, draws, type } of table.columns) {
    const found = draws === undefined ? relationsOfDefault(catalog, expression, type) : [];
    if (found.length > 0) table = replaceColumn(table, name, (before) => ({ ...before, draws: found }));
  }
  return withRelation(catalog, table);
}

/** The default of a serial column, which is not written anywhere, is `nextval` of the sequence. */
function withDrawing(catalog: Catalog, table: Relation, name: string, sequence: RelationId): Catalog {
  const column = columnNamed(table, name);
  const isSerial = column?.hasDefault === true && column.default === undefined && column.identity === null;
  if (!isSerial || column.draws !== undefined) return catalog;
  return withRelation(
    catalog,
    replaceColumn(table, name, (before) => ({ ...before, draws: [sequence] })),
  );
}

function linkParents(catalog: Catalog, id: RelationId, create: CreateTable, draft: TableDraft): Catalog {
  if (create.partitionOf !== null || draft.parents.length === 0) return catalog;
  let next = catalog;
  for (const { id: parentId } of draft.parents) {
    const parent = relationById(next, parentId);
    if (parent !== null) {
      next = withRelation(next, { ...parent, children: parent.children.with(id, true) });
    }
  }
  const relation = relationById(next, id);
  if (relation === null) return next;
  return withRelation(next, {
    ...relation,
    inherits: draft.parents.map((parent) => parent.id),
  });
}

/** A typed table depends on its type. */
function linkType(catalog: Catalog, id: RelationId, create: CreateTable): Catalog {
  const type = create.ofType === null ? null : resolveType(catalog, create.ofType);
  const composite = type?.kind === "composite" ? findRelation(catalog, type) : null;
  const relation = relationById(catalog, id);
  return composite === null || relation === null
    ? catalog
    : withRelation(catalog, { ...relation, dependsOn: [composite.id] });
}

/** INCLUDING INDEXES: the source's indexes and keys under names of the new table. */
function copyIndexes(
  catalog: Catalog,
  tableId: RelationId,
  sourceId: RelationId,
  range: TextRange,
  context: ApplyContext,
): Outcome {
  const source = relationById(catalog, sourceId);
  if (source === null) return applied(catalog);
  return applyEach(catalog, source.indexes, (current, id) => {
    const index = relationById(current, id);
    const definition = index?.index?.definition;
    if (index === null || definition === undefined) {
      return applied(current, `the definition of an index of "${source.name}" is not known`);
    }
    const items = definition.items.map((item) => ({ ...item, range }));
    return defineIndex(
      current,
      tableId,
      { ...definition, name: null, ifNotExists: false, range, items },
      { recurse: true, attachTo: null, copied: true },
      context,
    );
  });
}

function primaryFirst<T extends { readonly type: string }>(keys: readonly T[]): readonly T[] {
  return [...keys].sort((a, b) => Number(b.type === "primary-key") - Number(a.type === "primary-key"));
}
