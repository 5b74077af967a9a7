/** Triggers of a table that becomes a partitioned one: which have sent its rows to children, which fire for rows, and how they come back. */

import { belongingsOf, type KeptBelonging } from "../../catalog/belongings.ts";
import type { Relation, TriggerInfo } from "../../catalog/relation.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { handedTo } from "../belongings.ts";
import type { ScriptStep } from "../script.ts";
import type { WriterContext } from "../writer.ts";

/** Whether a step makes one of the triggers that fire for rows, or says whether it fires. */
export function reachesRows({ sql }: ScriptStep, { triggers }: Relation, moved: readonly string[]): boolean {
  const rows = triggers.filter(({ name, row }) => row && moved.includes(name)).map(({ name }) => quoteIdentifier(name));
  return [...rows, ...(rows.length > 0 ? ["ALL", "USER"] : [])].some((name) =>
    sql.startsWith("ALTER TABLE ")
      ? sql.endsWith(` TRIGGER ${name}`)
      : sql.includes(` TRIGGER ${name} `) && !sql.startsWith("COMMENT "),
  );
}

/** Whether a trigger of a table with children may be the one that sends its rows there: as far as its function's text is known, it writes somewhere. */
export function mayRoute({ row, timing, events, function: called }: TriggerInfo, { catalog }: WriterContext): boolean {
  if (!row || timing !== "before" || !events.includes("insert")) return false;
  const routines = catalog.functions.get(called ?? "")?.routines;
  return routines === undefined || routines.some(({ code }) => code === null || /\b(?:insert|execute)\b/i.test(code));
}

/** Whether it is one of these triggers, its state or its comment. */
export function isOfTriggers({ kind, name }: KeptBelonging, names: ReadonlySet<string>): boolean {
  if (kind === "trigger" || kind === "trigger state") return names.has(name);
  return kind === "comment" && [...names].some((each) => name === `trigger ${quoteIdentifier(each)}`);
}

/** Triggers that have been dropped, with their states and comments; null where one of them cannot be written. */
export function triggersAgain(
  table: Relation,
  names: readonly string[],
  context: WriterContext,
): readonly ScriptStep[] | null {
  const dropped = new Set(names);
  const belongings = belongingsOf(context.catalog, table).filter(
    (each) => isOfTriggers(each, dropped) || (each.kind === "trigger state" && each.name === "*" && names.length > 0),
  );
  const told = new Set(belongings.flatMap(({ kind, name }) => (kind === "trigger" ? [name] : [])));
  const again = handedTo(
    { ...table, relation: table },
    { like: table, model: table },
    { belongings, missing: [] },
    context,
  );
  return again.missing.length > 0 || names.some((name) => !told.has(name)) ? null : again.late;
}
