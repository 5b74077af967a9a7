/** What a partition's bound says of its rows, as the CHECK constraint that DETACH … CONCURRENTLY leaves in its place. */

import { type Catalog, relationById, type SessionSettings } from "../../catalog/catalog.ts";
import type { Bound, KeyElement, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { printValue, quoteConstant } from "../../catalog/values/print.ts";
import { formatType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import { constantExpression } from "../relations/constant-expression.ts";

/** The parts of a condition that hold together: each as `pg_get_constraintdef` prints it, and as it is evaluated. */
export interface PartitionConstraint {
  readonly columns: readonly string[];
  readonly text: string;
  readonly expression: Expression;
}

interface Part {
  readonly text: string;
  readonly expression: Expression;
}

/**
 * The condition of the bounds of a partition and of the partitions that it lies in. null where it takes more than one
 * column, or what is not told from the bound alone.
 */
export function partitionConstraint(
  catalog: Catalog,
  partition: Relation,
  range: TextRange,
): PartitionConstraint | null {
  const levels: (readonly Part[])[] = [];
  const columns = new Set<string>();
  let current: Relation | null = partition;
  while (current?.partitionOf != null) {
    const parent = relationById(catalog, current.partitionOf.parent);
    const key = parent?.partitioning?.key;
    const column = key?.elements.length === 1 ? key.elements[0]?.column : null;
    const own: readonly Part[] | null =
      key == null || column == null ? null : conditionOf(current.partitionOf.bound, key, catalog.settings, range);
    if (own === null || column == null) return null;
    columns.add(column);
    levels.push(own);
    current = parent;
  }
  const parts = levels.reverse().flat();
  const [first, ...others] = parts;
  if (first === undefined) return null;
  const all = { kind: "and", operands: parts.map((part) => part.expression), range } as const;
  return others.length === 0
    ? { columns: [...columns], ...first }
    : { columns: [...columns], text: `(${parts.map(({ text }) => text).join(" AND ")})`, expression: all };
}

/** `get_qual_from_partbound` for a key of one column. */
function conditionOf(
  bound: Bound,
  key: PartitionKey,
  settings: SessionSettings,
  range: TextRange,
): readonly Part[] | null {
  const [element] = key.elements;
  if (element?.column == null || element.type === null) return null;
  const operands: Operands = { element, column: element.column, settings, range };
  if (bound.kind === "range") {
    const sides = [compared(operands, ">=", bound.lower[0]), compared(operands, "<", bound.upper[0])];
    return sides.includes(null) ? null : [nullTest(operands, true), ...sides.flatMap((side) => side ?? [])];
  }
  if (bound.kind !== "list") return null;
  const values = bound.values.filter((value) => value !== null);
  const listed = values.length === 0 ? null : oneOf(operands, values);
  if (!bound.values.includes(null)) return listed === null ? null : [nullTest(operands, true), listed];
  const isNull = nullTest(operands, false);
  if (listed === null) return [isNull];
  const either: Expression = { kind: "or", operands: [isNull.expression, listed.expression], range };
  return [{ text: `(${isNull.text} OR ${listed.text})`, expression: either }];
}

interface Operands {
  readonly element: KeyElement;
  readonly column: string;
  readonly settings: SessionSettings;
  readonly range: TextRange;
}

function nullTest({ column, range }: Operands, negated: boolean): Part {
  const operand = columnOf(column, range);
  return {
    text: `(${quoteIdentifier(column)} IS ${negated ? "NOT " : ""}NULL)`,
    expression: { kind: "null-test", operand, negated, range },
  };
}

/** The comparison with one end of a range; none with MINVALUE and MAXVALUE, null where it cannot be written. */
function compared(operands: Operands, operator: string, datum: RangeDatum | undefined): readonly Part[] | null {
  if (datum?.kind !== "value") return [];
  const right = constantOf(operands, datum.value);
  if (right === null) return null;
  const { column, range } = operands;
  return [
    {
      text: `(${columnText(operands)} ${operator} ${constantText(operands, datum.value)})`,
      expression: { kind: "operator", operator, left: columnOf(column, range), right, range },
    },
  ];
}

function oneOf(operands: Operands, values: readonly Value[]): Part | null {
  const { column, element, range, settings } = operands;
  const items: Expression[] = [];
  for (const value of values) {
    const item = constantOf(operands, value);
    if (item === null) return null;
    items.push(item);
  }
  const [value] = values;
  const expression: Expression = { kind: "in", operand: columnOf(column, range), items, negated: false, range };
  if (value !== undefined && values.length === 1) {
    // `k = true` is no more than k.
    if (value.family === "boolean")
      return { text: value.value ? quoteIdentifier(column) : `(NOT ${quoteIdentifier(column)})`, expression };
    return { text: `(${columnText(operands)} = ${constantText(operands, value)})`, expression };
  }
  const type = element.type ?? { kind: "unknown", schema: null, name: "" };
  const arrayType = { kind: "array", element: type } as const;
  const array = printValue({ family: "array", elements: values }, arrayType, settings);
  const literal = `${quoteConstant(array)}::${formatType(arrayType)}${collate(element)}`;
  return { text: `(${columnText(operands)} = ANY (${literal}))`, expression };
}

function columnOf(column: string, range: TextRange): Expression {
  return { kind: "column", names: [column], star: false, range };
}

function constantOf({ element, settings, range }: Operands, value: Value): Expression | null {
  return element.type === null ? null : constantExpression(value, element.type, settings, range);
}

/** Only `varchar` has no operators of its own. */
function columnText({ column, element }: Operands): string {
  const isVarchar = element.type?.kind === "base" && element.type.name === "varchar";
  return isVarchar ? `(${quoteIdentifier(column)})::text` : quoteIdentifier(column);
}

/** `get_const_expr` */
function constantText({ element, settings }: Operands, value: Value): string {
  const type = element.type ?? { kind: "unknown", schema: null, name: "" };
  const name = type.kind === "base" ? type.name : "";
  const text = printValue(value, type, settings);
  if (name === "bool") return text.startsWith("t") ? "true" : "false";
  if (name === "int4" && !text.startsWith("-")) return text;
  const isPlainNumber = name === "numeric" && /^\d/.test(text) && text.includes(".");
  const isModified = type.kind === "base" && type.modifier !== null;
  if (isPlainNumber && !isModified) return text;
  return `${isPlainNumber ? text : quoteConstant(text)}::${formatType(type)}${collate(element)}`;
}

function collate({ collation }: KeyElement): string {
  return collation === null || collation === "default" ? "" : ` COLLATE ${quoteIdentifier(collation)}`;
}
