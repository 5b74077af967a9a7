/** Rows on their way from one table into another, as INSERT stores them: refused for what the constraints there say of them. */

import { findRelation, type KnownRows, relationById } from "../../catalog/catalog.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { defaultValue } from "../../effects/queries/assigned-value.ts";
import { routeRow } from "../../effects/queries/insert.ts";
import { rowsOf, withRows } from "../../effects/queries/kept-rows.ts";
import { refuseDuplicate, withRow, withUndecidedRows } from "../../effects/queries/known-rows.ts";
import type { RowValue, RowValues } from "../../effects/queries/row-values.ts";
import { isRoutedByPartman } from "../../effects/queries/trigger-route.ts";
import { knowsAbsence, raise, raiseAgain, type Session } from "./session.ts";

export type Rows = KnownRows["rows"];

/** Takes the rows out of a table of which it tells so by their place; all have to be known. */
export function takeRows(session: Session, { id }: Relation, isTaken: (place: number) => boolean): Rows {
  const { work } = session;
  const table = relationById(work.catalog, id);
  if (table === null) return [];
  const known = rowsOf(work.catalog, table);
  work.catalog = withRows(work.catalog, id, { ...known, rows: known.rows.filter((_, place) => !isTaken(place)) });
  return known.rows.filter((_, place) => isTaken(place));
}

export interface Arrival {
  readonly schema: string;
  readonly name: string;
  /** The table that the rows have left, whose columns are spelled out, but for those to be ignored. */
  readonly source: Relation;
  readonly ignored: readonly string[];
  readonly overriding?: boolean | undefined;
}

/** Stores rows in the table of that name; how many of them its own trigger has not put elsewhere, which are all that count. */
export function storeRows(session: Session, rows: Rows, arrival: Arrival): number {
  const { work } = session;
  const { schema, name } = arrival;
  const target = findRelation(work.catalog, { schema, name });
  if (target === null) {
    if (!knowsAbsence(session)) return work.decline(`${schema}.${name} is not known`);
    return raise(session, `relation "${schema}.${name}" does not exist`, { sqlstate: "42P01" });
  }
  const listed = arrival.source.columns.filter((column) => !arrival.ignored.includes(column.name));
  refuseColumns(session, target, listed, arrival);
  let counted = 0;
  for (const row of rows) {
    const leaf = storeRow(session, target, valuesOf(session, target, listed, row));
    const isSwallowed = isRoutedByPartman(work.catalog, target) && leaf !== target.id;
    if (!isSwallowed) counted += 1;
  }
  return counted;
}

/** What PostgreSQL says of the list of columns, whatever the rows. */
function refuseColumns(session: Session, target: Relation, listed: readonly Column[], { overriding }: Arrival): void {
  for (const { name } of listed) {
    const column = target.columns.find((each) => each.name === name);
    const cannot = `cannot insert a non-DEFAULT value into column "${name}"`;
    if (column === undefined)
      raise(session, `column "${name}" of relation "${target.name}" does not exist`, { sqlstate: "42703" });
    else if (column.generated !== null)
      raise(session, cannot, { sqlstate: "428C9", detail: `Column "${name}" is a generated column.` });
    else if (column.identity === "always" && overriding !== true)
      raise(session, cannot, {
        sqlstate: "428C9",
        detail: `Column "${name}" is an identity column defined as GENERATED ALWAYS.`,
        hint: "Use OVERRIDING SYSTEM VALUE to override.",
      });
  }
}

function valuesOf(session: Session, target: Relation, listed: readonly Column[], row: Rows[number]): RowValues {
  const { catalog, context } = session.work;
  const values = new Map<string, RowValue>();
  const evaluating = { settings: catalog.settings, version: context.version, catalog, today: context.today };
  for (const column of target.columns) {
    const isListed = listed.some(({ name }) => name === column.name);
    values.set(column.name, isListed ? row.get(column.name) : defaultValue(column, evaluating));
  }
  return values;
}

/** Stores one row; the table that it ends up in, null where that is not known. */
function storeRow(session: Session, target: Relation, values: RowValues): number | null {
  const { work } = session;
  const route = routeRow(work.catalog, target, { values, range: nowhere }, work.context);
  if (route.kind === "rejected") return raiseAgain(session, route.rejection);
  if (route.kind === "undecided") {
    work.catalog = withUndecidedRows(work.catalog, target.id);
    return null;
  }
  const leaf = relationById(work.catalog, route.relation);
  const duplicate = leaf === null ? null : refuseDuplicate(work.catalog, leaf, values, nowhere);
  if (duplicate !== null) return raiseAgain(session, duplicate.rejection);
  const stored = withRow(work.catalog, route.relation, values, work.context);
  work.catalog = stored ?? withUndecidedRows(work.catalog, route.relation);
  return route.relation;
}

const nowhere = { start: 0, end: 0 };
