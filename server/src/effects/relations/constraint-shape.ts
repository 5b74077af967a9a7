/** Constraints as the catalog keeps them, and the small questions that many statements ask of them. */

import type { Column, Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { Constraint } from "../../syntax/statement.ts";
import type { ApplyContext } from "../outcome.ts";
import type { ExpressionAnalysis } from "./expression-text.ts";
import { originHere } from "./lookup.ts";

/** A constraint as written, under its final name and with what was learned of it. */
export function tableConstraint(
  written: Constraint,
  type: TableConstraint["type"],
  name: string,
  context: ApplyContext,
  more: Partial<TableConstraint> = {},
): TableConstraint {
  return {
    type,
    name,
    columns: written.columns.map((column) => column.name),
    expression: written.expression,
    text: "",
    validated: !written.notValid && written.enforced,
    enforced: written.enforced,
    noInherit: written.noInherit,
    local: true,
    inheritedFrom: 0,
    index: null,
    references: null,
    origin: originHere(context, written.range),
    ...more,
  };
}

/** A constraint that no text spells out: the NOT NULL of a primary key, the clone of a parent's. */
export function impliedConstraint(
  type: TableConstraint["type"],
  name: string,
  columns: readonly string[],
  origin: TableConstraint["origin"],
  more: Partial<TableConstraint> = {},
): TableConstraint {
  return {
    type,
    name,
    columns,
    expression: null,
    text: "",
    validated: true,
    enforced: true,
    noInherit: false,
    local: true,
    inheritedFrom: 0,
    index: null,
    references: null,
    origin,
    ...more,
  };
}

/** The text of a CHECK and how sure it is, for the catalog. */
export function checkText(
  analysis: ExpressionAnalysis,
): Pick<TableConstraint, "text" | "comparedText" | "textCertain" | "columns"> {
  const { text, comparedText, columns, certain } = analysis;
  return {
    text,
    columns,
    comparedText,
    ...(certain ? {} : { textCertain: false }),
  };
}

/** Whether two CHECK constraints say the same; null where their texts differ without being PostgreSQL's for sure. */
export function sameCheck(
  first: Pick<TableConstraint, "text" | "comparedText" | "textCertain">,
  second: Pick<TableConstraint, "text" | "comparedText" | "textCertain">,
): boolean | null {
  if ((first.comparedText ?? first.text) === (second.comparedText ?? second.text)) return true;
  return first.textCertain === false || second.textCertain === false ? null : false;
}

export function constraintNamed(relation: Relation, name: string): TableConstraint | null {
  return relation.constraints.named(name);
}

export function columnNamed(relation: Relation, name: string): Column | null {
  return relation.columns.find((column) => column.name === name) ?? null;
}

/** Whether every table has a column of that name by itself. */
export function isSystemColumn(name: string): boolean {
  return systemColumns.has(name);
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]);

/** The NOT NULL constraint of a column (18 and later). */
export function notNullOf(relation: Relation, column: string): TableConstraint | null {
  return (
    relation.constraints.find((constraint) => constraint.type === "not-null" && constraint.columns[0] === column) ??
    null
  );
}

export function primaryKeyOf(relation: Relation): TableConstraint | null {
  return relation.constraints.find((constraint) => constraint.type === "primary-key") ?? null;
}

/** The constraint behind which an index stands. */
export function constraintOfIndex(relation: Relation, index: RelationId): TableConstraint | null {
  return relation.constraints.find((constraint) => constraint.index === index) ?? null;
}

export function withConstraint(relation: Relation, constraint: TableConstraint): Relation {
  return { ...relation, constraints: relation.constraints.with(constraint) };
}

/** The relation with the constraint of that name replaced, or removed where `next` is null. */
export function replaceConstraint(relation: Relation, name: string, next: TableConstraint | null): Relation {
  return { ...relation, constraints: relation.constraints.withNamed(name, next) };
}

export function replaceColumn(relation: Relation, name: string, change: (column: Column) => Column): Relation {
  return {
    ...relation,
    columns: relation.columns.map((column) => (column.name === name ? change(column) : column)),
  };
}

/** The column without its DEFAULT or generation expression, and all that belongs to that. */
export function withoutDefault(column: Column): Column {
  const { default: _expression, draws: _relations, ...rest } = column;
  return { ...rest, hasDefault: false };
}

/** As `pg_get_constraintdef` prints it. */
export function constraintDefinition(constraint: TableConstraint): string {
  const { text, validated, enforced, noInherit } = constraint;
  const suffix = !enforced ? " NOT ENFORCED" : validated ? "" : " NOT VALID";
  switch (constraint.type) {
    case "check":
      return `CHECK (${text})${noInherit ? " NO INHERIT" : ""}${suffix}`;
    case "not-null":
      return `NOT NULL ${quoteIdentifier(constraint.columns[0] ?? "")}${noInherit ? " NO INHERIT" : ""}${suffix}`;
    case "primary-key":
      return `PRIMARY KEY ${text}`;
    case "unique":
      return `UNIQUE ${text}`;
    case "exclude":
      return `EXCLUDE USING ${text}`;
    case "foreign-key":
      return `FOREIGN KEY ${text}${suffix}`;
  }
}
