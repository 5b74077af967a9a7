/** What PostgreSQL calls the indexes of a table that is made like another one: as the replay of that statement has it. */

import { findRelation, withoutRelation } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { createTable } from "../effects/relations/create-table.ts";
import { madeTable } from "../syntax/made-table.ts";
import type { CreateTable } from "../syntax/statement.ts";
import { handleAt } from "../syntax/statement-handle.ts";
import type { TableReference } from "./division.ts";
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
  const namesake = findRelation(catalog, made);
  const gone = namesake === null ? [] : [...behindOf(namesake).keys(), ...namesake.indexes, namesake.id];
  const outcome = createTable(gone.reduce(withoutRelation, catalog), likeStatement(made, model), {
    version,
    pathmanVersion: "auto",
    today,
    file: "",
    statement: handleAt(0),
    inTransaction: true,
    inFunction: false,
  });
  const names = new Map<string, string>();
  if (outcome.kind === "rejected") return names;
  const id = outcome.catalog.names.getQualified(made.schema, made.name);
  const table = id === undefined ? undefined : outcome.catalog.relations.get(id);
  if (table === undefined) return names;
  const left = [...indexesOf(table, outcome.catalog)];
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

/** The indexes of constraints, with the kinds of these. */
function behindOf({ constraints }: Pick<Relation, "constraints">): ReadonlyMap<RelationId, string> {
  return new Map(constraints.flatMap(({ index, type }) => (index === null ? [] : [[index, type] as const])));
}

function likeStatement({ schema, name }: Pick<TableReference, "schema" | "name">, like: Relation): CreateTable {
  const range = { start: 0, end: 0 };
  const source = { schema: like.schema, name: like.name, only: false, range };
  const including = ["constraints", "defaults", "generated", "indexes", "statistics", "storage"] as const;
  return madeTable(
    { schema, name, only: false, range },
    {
      persistence: like.persistence,
      elements: [{ kind: "like", source, including, range }],
      elementsRange: range,
    },
  );
}
