/** FOREIGN KEY: what it may refer to, and its copies on the partitions of the referencing table. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { builtinType } from "../../catalog/values/builtins.ts";
import { coercesImplicitly } from "../../catalog/values/overload.ts";
import { baseType, formatTypeName, sameTypeName } from "../../catalog/values/types.ts";
import { quoteIdentifier, unquoteIdentifier } from "../../syntax/names.ts";
import type { AlterAction, Constraint } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import {
  type ApplyContext,
  applied,
  applyEach,
  type Outcome,
  type Refusal,
  regarding,
  rejected,
  withDeclined,
} from "../outcome.ts";
import { hasNoRows } from "../queries/known-rows.ts";
import {
  columnNamed,
  constraintNamed,
  replaceConstraint,
  tableConstraint,
  withConstraint,
} from "./constraint-shape.ts";
import { childrenOf } from "./descendants.ts";
import { assumeRelation, lookUpRelation, relationMissing } from "./lookup.ts";
import { visibleName } from "./object-description.ts";
import { chooseConstraintName, nameAddition } from "./object-names.ts";
import { chooseOperator } from "./operand-types.ts";
import { periodMismatch, referencedColumns } from "./referenced-key.ts";

/** Adds a foreign key, as `ATAddForeignKeyConstraint` does; its columns are filled in. */
export function addForeignKey(
  catalog: Catalog,
  tableId: RelationId,
  written: Constraint,
  only: boolean,
  context: ApplyContext,
): Outcome {
  const table = relationById(catalog, tableId);
  const { references } = written;
  if (table === null || references === null) return applied(catalog);
  const existing = written.name === null ? null : constraintNamed(table, written.name.name);
  if (existing?.doubtful === true) {
    const without = withRelation(catalog, replaceConstraint(table, existing.name, null));
    return addForeignKey(without, tableId, written, only, context);
  }
  if (written.name !== null && existing !== null) {
    const message = `constraint "${written.name.name}" for relation "${table.name}" already exists`;
    return refuse("42710", message, written.name.range);
  }
  const found = lookUpRelation(catalog, references.relation);
  if (found.kind === "absent") return relationMissing(catalog, references.relation);
  let next = catalog;
  let target = found.kind === "found" ? found.relation : null;
  if (target === null) {
    const assumed = assumeRelation(catalog, references.relation, "table");
    next = assumed.catalog;
    target = assumed.relation;
  }
  const unsuitable = regarding(unsuitableTable(table, target, written, only, context), target);
  if (unsuitable !== null) return unsuitable;
  const columns = missingColumn(table, written);
  if (columns !== null) return columns;
  const actions = wrongAction(table, written);
  if (actions !== null) return actions;
  const period = periodMismatch(written);
  if (period !== null) return period;
  const referenced = regarding(referencedColumns(next, target, written), target);
  if (referenced.kind === "rejected") return referenced;
  const mismatch = regarding(typeMismatch(table, target, written, referenced.columns, context), target);
  if (mismatch !== null) return mismatch;
  const own = written.columns.map((column) => column.name);
  const name =
    written.name?.name ??
    chooseConstraintName(
      next,
      table.schema,
      table.name,
      context.version >= 12 ? nameAddition(own) : (own[0] ?? null),
      "fkey",
      new Set<string>(),
    );
  const initiallyDeferred = written.initiallyDeferred === true;
  const terms = `${written.actions ?? ""}${deferralTerms({ deferrable: written.deferrable || initiallyDeferred, initiallyDeferred })}`;
  const constraint = tableConstraint(written, "foreign-key", name, context, {
    noInherit: true,
    references: { relation: target.id, columns: referenced.columns, terms },
    ...(written.notValid || hasNoRows(catalog, table) ? {} : { doubtful: true }),
    text: `(${own.map(quoteIdentifier).join(", ")}) REFERENCES ${visibleName(next, target)}(${referenced.columns.map(quoteIdentifier).join(", ")})${terms}`,
  });
  return withDeclined(applied(storeForeignKey(next, table.id, constraint)), referenced.declined);
}

type Deferral = NonNullable<Extract<AlterAction, { kind: "alter-constraint" }>["deferral"]>;

function deferralTerms({ deferrable, initiallyDeferred }: Deferral): string {
  return `${deferrable ? " DEFERRABLE" : ""}${initiallyDeferred ? " INITIALLY DEFERRED" : ""}`;
}

/** `ATExecAlterConstraint`: the catalog in which a foreign key, and what partitions have inherited of it, is looked at at another time. */
export function withDeferral(catalog: Catalog, tableId: RelationId, key: TableConstraint, deferral: Deferral): Catalog {
  const table = relationById(catalog, tableId);
  const { references } = key;
  if (table === null || references === null) return catalog;
  const changed = (text: string): string =>
    text.replace(/(?: DEFERRABLE)?(?: INITIALLY DEFERRED)?$/, deferralTerms(deferral));
  const next = { ...key, text: changed(key.text), references: { ...references, terms: changed(references.terms) } };
  let current = withRelation(catalog, replaceConstraint(table, key.name, next));
  if (!isPartitioned(table)) return current;
  for (const partition of childrenOf(current, table)) {
    const inherited = partition.constraints.find((other) => other.inheritedFrom > 0 && saysTheSame(other, key));
    if (inherited !== undefined) current = withDeferral(current, partition.id, inherited, deferral);
  }
  return current;
}

/** Stores a foreign key on a table and, inherited, on the partitions below it. */
export function storeForeignKey(catalog: Catalog, tableId: RelationId, constraint: TableConstraint): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  const name =
    constraintNamed(table, constraint.name) === null
      ? constraint.name
      : chooseConstraintName(
          catalog,
          table.schema,
          table.name,
          nameAddition(constraint.columns),
          "fkey",
          new Set<string>(),
        );
  let next = withRelation(catalog, withConstraint(table, { ...constraint, name }));
  if (!isPartitioned(table)) return next;
  const inherited = { ...constraint, local: false, inheritedFrom: 1 };
  for (const partition of childrenOf(next, table)) next = inheritForeignKey(next, partition.id, inherited);
  return next;
}

/** Gives a partition its parent's foreign key: one that says the same is taken for it, else a copy is made. */
export function inheritForeignKey(catalog: Catalog, partitionId: RelationId, constraint: TableConstraint): Catalog {
  const partition = relationById(catalog, partitionId);
  if (partition === null) return catalog;
  const inherited = { ...constraint, local: false, inheritedFrom: 1 };
  const same = partition.constraints.find((other) => isSameForeignKey(other, constraint));
  if (same === undefined) return storeForeignKey(catalog, partitionId, inherited);
  const constraints = partition.constraints.changed((other) =>
    other === same ? { ...other, local: false, inheritedFrom: 1 } : other,
  );
  return withRelation(catalog, { ...partition, constraints });
}

/** `tryAttachPartitionForeignKey`: foreign keys of parent and partition that differ in nothing but NOT ENFORCED. */
export function conflictingEnforcement(
  catalog: Catalog,
  partitionId: RelationId,
  parent: Relation,
  range: TextRange,
): Refusal | null {
  const partition = relationById(catalog, partitionId);
  for (const constraint of parent.constraints) {
    const own = partition?.constraints.find((other) => isSameForeignKey(other, constraint));
    if (partition === null || own === undefined || own.enforced === constraint.enforced) continue;
    const message = `constraint "${constraint.name}" enforceability conflicts with constraint "${own.name}" on relation "${partition.name}"`;
    return regarding(rejected("attach-mismatch", "42P17", message, range), partition);
  }
  return null;
}

function isSameForeignKey(first: TableConstraint, second: TableConstraint): boolean {
  return first.inheritedFrom === 0 && saysTheSame(first, second);
}

function saysTheSame(first: TableConstraint, second: TableConstraint): boolean {
  return (
    first.type === "foreign-key" &&
    first.columns.join("\0") === second.columns.join("\0") &&
    first.references?.relation === second.references?.relation &&
    first.references?.columns.join("\0") === second.references?.columns.join("\0") &&
    first.references?.terms === second.references?.terms
  );
}

function unsuitableTable(
  table: Relation,
  target: Relation,
  written: Constraint,
  only: boolean,
  context: ApplyContext,
): Refusal | null {
  const { range } = written;
  const { version } = context;
  const isUnfit = target.knowledge !== "assumed" && isPartitioned(target) && version <= 11;
  if (isUnfit) return refuse("42809", `cannot reference partitioned table "${target.name}"`, range);
  if (isPartitioned(table)) {
    if (only && version >= 11) {
      const message = `cannot use ONLY for foreign key on partitioned table "${table.name}" referencing relation "${target.name}"`;
      return refuse("42809", message, range);
    }
    if (written.notValid && version <= 17 && version >= 11) {
      const message = `cannot add NOT VALID foreign key on partitioned table "${table.name}" referencing relation "${target.name}"`;
      return rejected("statement-rejected", "42809", message, range, {
        detail: "This feature is not yet supported on partitioned tables.",
      });
    }
  }
  if (target.knowledge === "assumed") return null;
  if (target.kind !== "table" && target.kind !== "partitioned-table") {
    return refuse("42809", `referenced relation "${target.name}" is not a table`, range);
  }
  const only42P16 = (message: string): Refusal => refuse("42P16", message, range);
  if (table.persistence === "permanent" && target.persistence !== "permanent") {
    return only42P16("constraints on permanent tables may reference only permanent tables");
  }
  if (table.persistence === "unlogged" && target.persistence === "temporary") {
    return only42P16("constraints on unlogged tables may reference only permanent or unlogged tables");
  }
  if (table.persistence === "temporary" && target.persistence !== "temporary") {
    return only42P16("constraints on temporary tables may reference only temporary tables");
  }
  return null;
}

function missingColumn(table: Relation, written: Constraint): Refusal | null {
  if (table.knowledge !== "full") return null;
  const missing = written.columns.find((column) => columnNamed(table, column.name) === null);
  if (missing === undefined) return null;
  return refuse("42703", `column "${missing.name}" referenced in foreign key constraint does not exist`, missing.range);
}

/** The columns of ON DELETE SET NULL (…) must be in the key; generated columns cannot be set at all. */
function wrongAction(table: Relation, written: Constraint): Refusal | null {
  const match = / ON DELETE SET (?:NULL|DEFAULT)(?: \((.*)\))?/.exec(written.actions ?? "");
  const keys = new Set(written.columns.map((column) => column.name));
  for (const quoted of match?.[1]?.match(/"(?:[^"]|"")*"|[^, ]+/g) ?? []) {
    const name = unquoteIdentifier(quoted);
    if (columnNamed(table, name) === null && table.knowledge === "full") {
      return refuse("42703", `column "${name}" referenced in foreign key constraint does not exist`, written.range);
    }
    if (!keys.has(name)) {
      const message = `column "${name}" referenced in ON DELETE SET action must be part of foreign key`;
      return refuse("42P10", message, written.range);
    }
  }
  const generated = written.columns.some((column) => columnNamed(table, column.name)?.generated != null);
  if (!generated) return null;
  const update = / ON UPDATE (?:SET NULL|SET DEFAULT|CASCADE)/.test(written.actions ?? "");
  if (!update && match === null) return null;
  const message = `invalid ON ${update ? "UPDATE" : "DELETE"} action for foreign key constraint containing generated column`;
  return refuse("42601", message, written.range);
}

function typeMismatch(
  table: Relation,
  target: Relation,
  written: Constraint,
  referenced: readonly string[],
  context: ApplyContext,
): Refusal | null {
  for (const [index, column] of written.columns.entries()) {
    const own = columnNamed(table, column.name)?.type;
    const other = columnNamed(target, referenced[index] ?? "")?.type;
    if (own === undefined || other === undefined || !incompatible(own, other)) continue;
    const name = written.name?.name ?? constraintNameFor(table, written);
    const pair =
      context.version >= 18
        ? `Key columns "${column.name}" of the referencing table and "${referenced[index]}" of the referenced table`
        : `Key columns "${column.name}" and "${referenced[index]}"`;
    return rejected(
      "statement-rejected",
      "42804",
      `foreign key constraint "${name}" cannot be implemented`,
      written.range,
      {
        detail: `${pair} are of incompatible types: ${formatTypeName(own)} and ${formatTypeName(other)}.`,
      },
    );
  }
  return null;
}

function constraintNameFor(table: Relation, written: Constraint): string {
  return `${table.name}_${written.columns.map((column) => column.name).join("_")}_fkey`;
}

function incompatible(first: DataType, second: DataType): boolean {
  const [one, other] = [baseType(first), baseType(second)];
  if (one.kind === "enum" && other.kind === "enum" && !sameTypeName(one, other)) return true;
  if (one.kind !== "base" || other.kind !== "base") return chooseOperator("=", second, first).kind === "missing";
  if (builtinType(one.name) === null || builtinType(other.name) === null) return false;
  // The equality is that of the referenced index: its operator family has one for both types, or the key's type becomes the other.
  const families = equalityFamilies.filter((family) => family.includes(other.name));
  if (one.name === other.name || families.some((family) => family.includes(one.name))) return false;
  return !coercesImplicitly(one, other.name === "varchar" ? "text" : other.name);
}

/** Types of which an index of one finds values of the others. */
const equalityFamilies: readonly (readonly string[])[] = [
  ["int2", "int4", "int8"],
  ["float4", "float8"],
  ["date", "timestamp", "timestamptz"],
  ["text", "varchar", "name"],
];

/** Adds several foreign keys, one after the other. */
export function addForeignKeys(
  catalog: Catalog,
  tableId: RelationId,
  keys: readonly Constraint[],
  context: ApplyContext,
): Outcome {
  return applyEach(catalog, keys, (current, written) => addForeignKey(current, tableId, written, false, context));
}

function refuse(sqlstate: string, message: string, range: TextRange): Refusal {
  return rejected("statement-rejected", sqlstate, message, range);
}
