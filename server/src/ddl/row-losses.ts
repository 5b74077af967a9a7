/** What a row would lose, or would take along, if it were deleted from one table and inserted into another. */

import type { Relation } from "../catalog/relation.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import { referencesTo } from "./declarative/carry-over.ts";
import { listed } from "./hand-over-notes.ts";
import { guardsOf } from "./moved-rows.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** The foreign key to a table that acts on other rows when one of its own is deleted, as far as is known: in words; null where none does. */
export function actingKey(relation: Relation, { catalog }: WriterContext): string | null {
  for (const other of referencesTo(relation, catalog))
    for (const { name, references } of other.constraints) {
      const action = references?.relation === relation.id ? acts.exec(references.terms)?.[0] : undefined;
      if (action !== undefined)
        return `the foreign key ${quoteIdentifier(name)} of ${writeName(catalog, other)} refers to ${writeName(catalog, relation)} itself, and would change rows there when one moves (${action}): make it NO ACTION first, or drop it`;
    }
  return null;
}

const acts = /ON DELETE (?:CASCADE|SET NULL|SET DEFAULT)/i;

/** That triggers of single rows fire while rows go from a table to its children, or from one of these to the table. */
export function firingNote(
  table: Relation,
  children: readonly { readonly relation: Relation }[],
  gone: readonly string[],
): readonly string[] {
  const own = table.triggers.filter(({ name }) => !gone.includes(name));
  const fired = [...own, ...children.flatMap(({ relation }) => relation.triggers)].filter(
    ({ row, events }) => row && (events.includes("insert") || events.includes("delete")),
  );
  return fired.length === 0
    ? []
    : [
        `Triggers fire for rows that go to a child or out of one: ${listed([...new Set(fired.map(({ name }) => name))])}. Where one returns NULL before INSERT the script stops, and nothing has changed: disable it meanwhile.`,
      ];
}

/**
 * A trigger that keeps rows from coming into a table, as far as its function's text shows: it fires before INSERT, and has a RETURN NULL.
 * Those that go when the table is detached, and those that are disabled, do not count.
 */
export function swallower(relation: Relation, whole: Relation | null, context: WriterContext): string | null {
  const guards = guardsOf(relation, whole, context);
  const found = relation.triggers.find(
    ({ name, function: called }) =>
      guards.includes(name) &&
      context.catalog.functions
        .get(called ?? "")
        ?.routines?.some(({ code }) => /\breturn\s+null\b/i.test(code ?? "")) === true,
  );
  return found?.name ?? null;
}
