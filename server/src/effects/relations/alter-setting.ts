/** What each action of ALTER TABLE works on, and the columns that it names. */

import type { Relation } from "../../catalog/relation.ts";
import type { AlterAction, AlterTable } from "../../syntax/statement.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { columnNamed } from "./constraint-shape.ts";

/** What one action works on, besides the catalog. */
export interface AlterSetting {
  /** As it was before the statement's first action. */
  readonly table: Relation;
  readonly only: boolean;
  readonly statement: AlterTable;
  readonly context: ApplyContext;
}

/** `column "x" of relation "t" does not exist`, or null where it exists or may exist. */
export function missingColumn(
  table: Relation,
  column: { readonly name: string; readonly range: AlterAction["range"] },
  range: AlterAction["range"],
): Refusal | null {
  if (columnNamed(table, column.name) !== null) return null;
  if (systemColumns.has(column.name)) {
    return rejected("statement-rejected", "0A000", `cannot alter system column "${column.name}"`, range);
  }
  if (table.knowledge !== "full") return null;
  const message = `column "${column.name}" of relation "${table.name}" does not exist`;
  return rejected("statement-rejected", "42703", message, column.range);
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]);
