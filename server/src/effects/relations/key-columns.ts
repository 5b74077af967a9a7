/** Which columns a partition key rests on: they can neither be dropped nor change their type. */

import type { KeyElement } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { mentionsColumn } from "../../syntax/expression-walk.ts";
import type { TextRange } from "../../text/range.ts";
import { type Refusal, rejected } from "../outcome.ts";

/** The refusal to drop or alter a column of the table's own partition key; null where the column is none. */
export function refuseKeyColumn(
  table: Relation,
  column: string,
  verb: "alter" | "drop",
  range: TextRange,
  position?: number,
): Refusal | null {
  if (!isKeyColumn(table, column)) return null;
  const message = `cannot ${verb} column "${column}" because it is part of the partition key of relation "${table.name}"`;
  return rejected("inherited-change", "42P16", message, range, {
    position,
    related: [{ relation: table.id, origin: table.origin, message: "the partition key stands here" }],
  });
}

export function isKeyColumn(table: Relation, column: string): boolean {
  return table.partitioning?.key.elements.some((element) => mentions(table, element, column)) === true;
}

/** The columns that the partition key rests on, in the table's order. */
export function keyColumnsOf(table: Relation): readonly string[] {
  return table.columns.map(({ name }) => name).filter((name) => isKeyColumn(table, name));
}

function mentions(table: Relation, element: KeyElement, column: string): boolean {
  if (element.column !== null || element.expression === null) return element.column === column;
  return mentionsColumn(element.expression, table.name, column);
}
