/** `MergeAttributes`: the columns of a new table from its own definitions and its parents'. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Column, Relation, TableConstraint } from "../../catalog/relation.ts";
import { formatType, sameType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import { type ErrorRule, type Refusal, rejected } from "../outcome.ts";
import { sameCheck } from "./constraint-shape.ts";

/** A column of the statement, with the range of its definition. */
export interface OwnColumn {
  readonly column: Column;
  readonly range: TextRange;
  /** Without a type of its own: an entry of the column list of PARTITION OF. */
  readonly untyped: boolean;
}

export interface Merged {
  readonly kind: "merged";
  readonly columns: readonly Column[];
  /** The parents' CHECK and NOT NULL constraints as the child inherits them. */
  readonly constraints: readonly TableConstraint[];
}

/** Whether a relation may be a parent, as PostgreSQL checks each in turn; null when it may. */
export function unsuitableParent(
  parent: Relation,
  name: RelationName,
  persistence: Relation["persistence"],
  partition: boolean,
): Refusal | null {
  const refuse = (message: string, rule: ErrorRule = "statement-rejected"): Refusal =>
    rejected(rule, "42809", message, name.range);
  if (parent.kind === "partitioned-table" && !partition) {
    return refuse(`cannot inherit from partitioned table "${parent.name}"`, "inherited-change");
  }
  if (parent.partitionOf !== null && !partition) {
    return refuse(`cannot inherit from partition "${parent.name}"`, "inherited-change");
  }
  if (!["table", "foreign-table", "partitioned-table"].includes(parent.kind)) {
    return refuse(`inherited relation "${parent.name}" is not a table or foreign table`);
  }
  if (parent.knowledge === "assumed") return null;
  const parentTemporary = parent.persistence === "temporary";
  const childTemporary = persistence === "temporary";
  if (partition && !parentTemporary && childTemporary) {
    return refuse(`cannot create a temporary relation as partition of permanent relation "${parent.name}"`);
  }
  if (!childTemporary && parentTemporary) {
    return refuse(
      partition
        ? `cannot create a permanent relation as partition of temporary relation "${parent.name}"`
        : `cannot inherit from temporary relation "${parent.name}"`,
    );
  }
  return null;
}

/**
 * The parents' columns in order, then those that the statement adds; columns of the same name are merged where types,
 * collations and generation agree.
 */
export function mergeColumns(
  own: readonly OwnColumn[],
  parents: readonly Relation[],
  partition: boolean,
  range: TextRange,
  version: number,
): Merged | Refusal {
  const merged = new Map<string, Column>();
  for (const parent of parents) {
    for (const inherited of parent.columns) {
      const keepsToItself = parent.constraints.some(
        ({ type, columns, noInherit }) => type === "not-null" && noInherit && columns[0] === inherited.name,
      );
      const column = keepsToItself ? { ...inherited, notNull: false } : inherited;
      // From 17 on an identity belongs to a whole partition tree.
      const conflict = addInherited(merged, column, parent, partition && version >= 17, range);
      if (conflict !== null) return conflict;
    }
  }
  const parentsKnown = parents.every((parent) => parent.knowledge !== "assumed");
  for (const entry of own) {
    const inherited = merged.get(entry.column.name);
    if (inherited === undefined) {
      if (entry.untyped && parentsKnown) {
        return rejected("statement-rejected", "42703", `column "${entry.column.name}" does not exist`, entry.range);
      }
      merged.set(entry.column.name, entry.column);
      continue;
    }
    const conflict = ownConflict(entry, inherited, version);
    if (conflict !== null) return conflict;
    merged.set(entry.column.name, mergeOwn(entry, inherited, partition));
  }
  const conflicting = conflictingDefaults(own, parents, range);
  if (conflicting !== null) return conflicting;
  const constraints = mergeConstraints(parents, range);
  if (constraints.kind === "rejected") return constraints;
  return { kind: "merged", columns: [...merged.values()], constraints: constraints.constraints };
}

/** `integer versus bigint` */
export function typesDetail(first: DataType, second: DataType): string {
  return `${formatType(first)} versus ${formatType(second)}`;
}

/** Whether two types differ for sure. */
export function typesDiffer(first: DataType, second: DataType): boolean {
  if (hasUnknown(first) || hasUnknown(second)) return false;
  return !sameType(first, second);
}

/** Whether two collations differ for sure, both being collations of columns. */
export function collationsDiffer(first: string | null, second: string | null): boolean {
  return first !== null && second !== null && first !== second;
}

/** Both name a method of compression, and not the same one. */
function compressionConflict(name: string, first: Column, second: Column, range: TextRange): Refusal | null {
  const [one, other] = [first.compression, second.compression];
  if (one === undefined || other === undefined || one === other) return null;
  const message = `column "${name}" has a compression method conflict`;
  return rejected("statement-rejected", "42804", message, range, { detail: `${one} versus ${other}` });
}

function hasUnknown(type: DataType): boolean {
  return type.kind === "unknown" || (type.kind === "array" && hasUnknown(type.element));
}

function addInherited(
  merged: Map<string, Column>,
  column: Column,
  parent: Relation,
  keepsIdentity: boolean,
  range: TextRange,
): Refusal | null {
  const before = merged.get(column.name);
  if (before === undefined) {
    merged.set(column.name, {
      ...column,
      identity: keepsIdentity ? column.identity : null,
      local: false,
      inheritedFrom: 1,
    });
    return null;
  }
  if (typesDiffer(before.type, column.type)) {
    return rejected("statement-rejected", "42804", `inherited column "${column.name}" has a type conflict`, range, {
      detail: typesDetail(before.type, column.type),
    });
  }
  if (collationsDiffer(before.collation, column.collation)) {
    return rejected(
      "statement-rejected",
      "42P21",
      `inherited column "${column.name}" has a collation conflict`,
      range,
      {
        detail: `"${before.collation}" versus "${column.collation}"`,
      },
    );
  }
  const compression = compressionConflict(column.name, before, column, range);
  if (compression !== null) return compression;
  if (before.generated !== column.generated && parent.knowledge === "full") {
    return rejected(
      "statement-rejected",
      "42P16",
      `inherited column "${column.name}" has a generation conflict`,
      range,
    );
  }
  merged.set(column.name, {
    ...before,
    notNull: before.notNull || column.notNull,
    inheritedFrom: before.inheritedFrom + 1,
  });
  return null;
}

function ownConflict(entry: OwnColumn, inherited: Column, version: number): Refusal | null {
  const { column, range } = entry;
  const refuse = (sqlstate: string, message: string, detail?: string): Refusal =>
    rejected("statement-rejected", sqlstate, message, range, { detail });
  if (!entry.untyped) {
    if (typesDiffer(inherited.type, column.type)) {
      return refuse("42804", `column "${column.name}" has a type conflict`, typesDetail(inherited.type, column.type));
    }
    if (collationsDiffer(inherited.collation, column.collation)) {
      const detail = `"${inherited.collation}" versus "${column.collation}"`;
      return refuse("42P21", `column "${column.name}" has a collation conflict`, detail);
    }
  }
  const compression = compressionConflict(column.name, inherited, column, range);
  if (compression !== null) return compression;
  if (inherited.generated !== null && column.generated !== null && inherited.generated !== column.generated) {
    const kind = { stored: "STORED", virtual: "VIRTUAL" } as const;
    const detail = `Parent column is ${kind[inherited.generated]}, child column is ${kind[column.generated]}.`;
    return refuse("42611", `column "${column.name}" inherits from generated column of different kind`, detail);
  }
  if (inherited.generated !== null) {
    if (column.hasDefault && column.generated === null) {
      return refuse("42611", `column "${column.name}" inherits from generated column but specifies default`);
    }
    if (column.identity !== null) {
      return refuse("42611", `column "${column.name}" inherits from generated column but specifies identity`);
    }
  } else if (column.generated !== null && version >= 16) {
    return rejected(
      "statement-rejected",
      "42611",
      `child column "${column.name}" specifies generation expression`,
      range,
      { hint: "A child table column cannot be generated unless its parent column is." },
    );
  }
  return null;
}

function mergeOwn(entry: OwnColumn, inherited: Column, partition: boolean): Column {
  const { column } = entry;
  const ownDefault = column.hasDefault || column.generated !== null;
  return {
    ...inherited,
    notNull: inherited.notNull || column.notNull,
    hasDefault: inherited.hasDefault || column.hasDefault,
    ...(ownDefault ? { default: column.default, draws: column.draws } : {}),
    identity: column.identity ?? inherited.identity,
    local: !partition,
  };
}

/** Parents with different defaults for a column leave its default open, unless the table itself has one. */
function conflictingDefaults(
  own: readonly OwnColumn[],
  parents: readonly Relation[],
  range: TextRange,
): Refusal | null {
  if (parents.length < 2) return null;
  const settled = new Set(own.filter(({ column }) => column.default !== undefined).map(({ column }) => column.name));
  const seen = new Map<string, Column>();
  for (const column of parents.flatMap((parent) => parent.columns)) {
    // The default of a serial column is not written anywhere.
    if (column.default === undefined || settled.has(column.name)) continue;
    const before = seen.get(column.name);
    seen.set(column.name, column);
    if (before?.default === undefined || sameExpression(before.default, column.default)) continue;
    if (!isCertainlyDifferent(before.default, column.default)) continue;
    const generated = column.generated !== null;
    const what = generated ? "generation expressions" : "default values";
    const message = `column "${column.name}" inherits conflicting ${what}`;
    return rejected("statement-rejected", "42611", message, range, {
      hint: `To resolve the conflict, specify a ${generated ? "generation expression" : "default"} explicitly.`,
    });
  }
  return null;
}

function sameExpression(first: Expression, second: Expression): boolean {
  return withoutRanges(first) === withoutRanges(second);
}

/** Whether what is written differently cannot mean the same: strings may, once they are read as their type. */
function isCertainlyDifferent(first: Expression, second: Expression): boolean {
  const constants = [first, second].every((expression) => expression.kind === "constant");
  return constants || ![first, second].some(hasString);
}

function hasString(expression: Expression): boolean {
  for (const part of insideOut(expression)) {
    if (part.kind === "constant" && part.value.type === "string") return true;
  }
  return false;
}

/** The expression without places, and with plain names for functions. */
function withoutRanges(expression: Expression): string {
  return JSON.stringify(expression, (key, value: unknown) => {
    if (key.endsWith("ange")) return undefined;
    return key === "name" && Array.isArray(value) ? value.at(-1) : value;
  });
}

function mergeConstraints(
  parents: readonly Relation[],
  range: TextRange,
): { readonly kind: "constraints"; readonly constraints: readonly TableConstraint[] } | Refusal {
  const merged: TableConstraint[] = [];
  const at = new Map<string, number>();
  for (const parent of parents) {
    for (const constraint of parent.constraints) {
      if ((constraint.type !== "check" && constraint.type !== "not-null") || constraint.noInherit) continue;
      // NOT NULL constraints go by column: a child has at most one for each.
      const key = constraint.type === "check" ? `check ${constraint.name}` : `not-null ${constraint.columns[0]}`;
      const index = at.get(key);
      const before = index === undefined ? undefined : merged[index];
      if (index === undefined || before === undefined) {
        at.set(key, merged.length);
        // A new table holds no rows that could violate what its parent has not validated.
        merged.push({ ...constraint, validated: constraint.enforced, local: false, inheritedFrom: 1 });
        continue;
      }
      if (constraint.type === "check" && sameCheck(before, constraint) !== true) {
        const message = `check constraint name "${constraint.name}" appears multiple times but with different expressions`;
        return rejected("statement-rejected", "42710", message, range);
      }
      merged[index] = { ...before, inheritedFrom: before.inheritedFrom + 1 };
    }
  }
  return { kind: "constraints", constraints: merged };
}
