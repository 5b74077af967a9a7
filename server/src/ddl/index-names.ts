/** What PostgreSQL calls the indexes of a table that is made like another one: as the replay of that statement has it. */

import type { Relation } from "../catalog/relation.ts";
import type { TableReference } from "./division.ts";
import { behindOf, madeLike } from "./made-like.ts";
import type { WriterContext } from "./writer.ts";

/**
 * By the index of `like`: what the one of a new table is called that is made by LIKE `model`; an index without a counterpart is left
 * out. Where a table of the new one's name is there now, it is gone by then.
 */
export function indexNames(
  made: Pick<TableReference, "schema" | "name">,
  { like, model }: { readonly like: Relation; readonly model: Relation },
  { catalog, version, today }: WriterContext,
): ReadonlyMap<string, string> {
  const copy = madeLike(made, model, null, { catalog, version, today });
  const names = new Map<string, string>();
  if ("message" in copy) return names;
  const left = [...indexesOf(copy.table, copy.catalog)];
  for (const own of indexesOf(like, catalog)) {
    const at = left.findIndex((each) => each.text === own.text && each.of === own.of);
    const found = at < 0 ? undefined : left.splice(at, 1)[0];
    if (found !== undefined) names.set(own.name, found.name);
  }
  return names;
}

interface NamedIndex {
  readonly name: string;
  readonly text: string;
  /** The kind of the constraint that it stands behind. */
  readonly of: string | null;
}

function indexesOf({ indexes, constraints }: Relation, { relations }: WriterContext["catalog"]): readonly NamedIndex[] {
  const behind = behindOf({ constraints });
  return [...new Set([...behind.keys(), ...indexes])].flatMap((id) => {
    const relation = relations.get(id);
    return relation === undefined || relation.index === null
      ? []
      : [{ name: relation.name, text: relation.index.text, of: behind.get(id) ?? null }];
  });
}
