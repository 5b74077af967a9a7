/** Making one partition: its name, its table, its CHECK. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import type { PathmanTable } from "../../catalog/pathman.ts";
import { parametersOf, pathmanOf, withLastNumber } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteConstant } from "../../catalog/values/print.ts";
import { constraintDefinition } from "../../effects/relations/constraint-shape.ts";
import { visibleName } from "../../effects/relations/object-description.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import type { ExtensionWork } from "../extension.ts";
import { readRelationName } from "../named-relation.ts";
import { internal } from "./errors.ts";
import { keyOf } from "./partitions.ts";
import { printTyped, type Typed } from "./typed.ts";
import { checkNameOf, eraOf, isSince, sequenceName } from "./versions.ts";

/** More partitions are not made by one call. */
export const mostPartitions = 10_000;

export interface Name {
  readonly schema: string;
  readonly name: string;
}

export interface NewRange {
  readonly min: Typed | null;
  readonly max: Typed | null;
  /** null: the next number names it. */
  readonly name: Name | null;
  readonly tablespace: string | null;
}

/** Makes a partition for a range. It answers the new table. */
export function createRangePartition(
  work: ExtensionWork,
  parent: Relation,
  table: PathmanTable,
  { min, max, name, tablespace }: NewRange,
): Relation {
  const { column } = keyOf(work, parent, table);
  const place = name ?? nextName(work, parent);
  if (min === null && max === null) return internal(work, "cannot create partition with range (-inf, +inf)");
  return createPartition(work, parent, table, place, rangeCondition(work, column, min, max), tablespace);
}

/** Makes a table like the parent, with a CHECK. */
export function createPartition(
  work: ExtensionWork,
  parent: Relation,
  table: PathmanTable,
  place: Name,
  condition: string,
  tablespace: string | null,
): Relation {
  const era = eraOf(work.version);
  const made = quoteQualifiedName(place.schema, place.name);
  const like = quoteQualifiedName(parent.schema, parent.name);
  const where = tablespace === null ? "" : ` TABLESPACE ${quoteIdentifier(tablespace)}`;
  const copies = isSince(era, "1.2") ? "INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE" : "INCLUDING ALL";
  work.execute(`CREATE TABLE ${made} (LIKE ${like} ${copies}) INHERITS (${like})${where}`);
  copyForeignKeys(work, parent, made);
  if (isSince(era, "1.2")) work.catalog = withInheritedColumns(work.catalog, place);
  const { attribute } = keyOf(work, parent, table);
  const check = quoteIdentifier(checkNameOf(era, place.name, attribute) ?? `${place.schema}_${place.name}_check`);
  work.execute(`ALTER TABLE ${made} ADD CONSTRAINT ${check} CHECK (${condition})`);
  const partition = relationNamedExactly(work, place);
  callBack(work, parent, partition);
  return partition;
}

/** The condition of a CHECK that leaves the range to a partition. */
export function rangeCondition(work: ExtensionWork, column: string, min: Typed | null, max: Typed | null): string {
  const key = quoteIdentifier(column);
  const side = (operator: string, end: Typed | null): readonly string[] =>
    end === null ? [] : [`${key} ${operator} ${quoteConstant(printTyped(work, end))}`];
  return [...side(">=", min), ...side("<", max)].join(" AND ");
}

/** The name that a text gives a new partition: qualified, or in the first schema of the search path as CREATE TABLE has it. */
export function namedPartition(work: ExtensionWork, text: string, parent: Relation): Name {
  const name = readRelationName(text);
  if (name === null) return work.decline(`"${text}" is not read as a name`);
  return { schema: name.schema ?? work.catalog.settings.searchPath[0] ?? parent.schema, name: name.name };
}

/** The next number that the naming sequence gives to a name that is free. */
export function nextName(work: ExtensionWork, parent: Relation): Name {
  const sequence = sequenceName(parent.name);
  const hasSequence = work.catalog.names.getQualified(parent.schema, sequence) !== undefined;
  let last = pathmanOf(work.catalog).numbers.get(parent.id);
  if (!hasSequence) return missingSequence(work, parent, sequence);
  if (last === undefined || last < 0) return work.decline("which number the next partition gets is not known");
  for (let attempts = 0; attempts < mostPartitions; attempts += 1) {
    last += 1;
    const name = `${parent.name}_${last}`;
    if (work.catalog.names.getQualified(parent.schema, name) !== undefined) continue;
    work.catalog = withLastNumber(work.catalog, parent.id, last);
    return { schema: parent.schema, name };
  }
  return work.decline("no free name was found");
}

function missingSequence(work: ExtensionWork, parent: Relation, sequence: string): never {
  if (parent.knowledge !== "full") return work.decline("the naming sequence is not known");
  const isC = isSince(eraOf(work.version), "1.2");
  if (isC) return internal(work, `auto naming sequence "${sequence}" does not exist`);
  const name = quoteQualifiedName(parent.schema, sequence);
  return work.refuse({ sqlstate: "42P01", message: `relation "${name}" does not exist` });
}

/** Drops the naming sequence, where there is one, and makes it anew. */
export function createNamingSequence(work: ExtensionWork, parent: Relation): void {
  const name = quoteQualifiedName(parent.schema, sequenceName(parent.name));
  work.execute(`DROP SEQUENCE IF EXISTS ${name}`);
  work.execute(`CREATE SEQUENCE ${name} START 1`);
  work.catalog = withLastNumber(work.catalog, parent.id, 0);
}

export function relationNamedExactly(work: ExtensionWork, { schema, name }: Name): Relation {
  const id = work.catalog.names.getQualified(schema, name);
  const relation = id === undefined ? null : relationById(work.catalog, id);
  return relation ?? work.decline(`what became of "${name}" is not known`);
}

/** The text that a `regclass` prints as, which several functions answer with. */
export function regclassText(work: ExtensionWork, relation: Relation): string {
  return visibleName(work.catalog, relation);
}

function copyForeignKeys(work: ExtensionWork, parent: Relation, made: string): void {
  for (const constraint of parent.constraints) {
    if (constraint.type !== "foreign-key") continue;
    work.execute(`ALTER TABLE ${made} ADD ${constraintDefinition(constraint)}`);
  }
}

/** All columns count as the parent's, though LIKE has named them once more. */
function withInheritedColumns(catalog: Catalog, { schema, name }: Name): Catalog {
  const id = catalog.names.getQualified(schema, name);
  const relation = id === undefined ? null : relationById(catalog, id);
  if (relation === null) return catalog;
  return withRelation(catalog, {
    ...relation,
    columns: relation.columns.map((column) => ({ ...column, local: false })),
  });
}

/** Calls the function that `set_init_callback` has set. */
function callBack(work: ExtensionWork, parent: Relation, partition: Relation): void {
  const { callback } = parametersOf(work.catalog, parent.id);
  if (callback === null) return;
  const about = {
    parent: parent.name,
    parent_schema: parent.schema,
    partition: partition.name,
    partition_schema: partition.schema,
  };
  work.execute(`SELECT ${callback}(${quoteConstant(JSON.stringify(about))}::jsonb)`);
}

/** The naming sequence of a table, as SQL names it. */
export function sequenceOf({ schema, name }: Relation): string {
  return quoteQualifiedName(schema, sequenceName(name));
}
