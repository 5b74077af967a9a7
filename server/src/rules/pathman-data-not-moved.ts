/** Rows are left in the parent of a table that pg_pathman has divided, whose queries do not read it. */

import { relationById } from "../catalog/catalog.ts";
import { parametersOf, pathmanTableOf } from "../catalog/pathman-config.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { placeInFile } from "./support/script-places.ts";
import { isKnownAtEnd } from "./support/whole-tables.ts";

export const pathmanDataNotMoved: Rule = {
  id: "pathman-data-not-moved",
  severity: "warning",
  summary: "Rows are left in the parent of a table that pg_pathman has divided, whose queries do not read it.",
  source: "https://github.com/postgrespro/pg_pathman#hash",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      if (pathmanTableOf(context.final, parent) === null || !isKnownAtEnd(context, parent)) continue;
      if (!parametersOf(context.final, parent.id).enableParent) yield* findingFor(context, parent);
    }
  },
};

function* findingFor(context: ScriptContext, parent: Relation): Generator<RuleFinding> {
  const rows = context.final.rows.get(parent.id)?.rows ?? [];
  if (rows.length === 0) return;
  const [first] = parent.children.keys();
  const child = first === undefined ? null : relationById(context.final, first);
  const place = placeInFile(context, child?.origin ?? parent.origin);
  if (place === null) return;
  yield {
    statement: place.statement,
    range: place.range,
    message: `Rows that "${parent.name}" had before it was divided are still in the parent, and pg_pathman leaves the parent out of every query.`,
    advice: `Move them with "partition_data('${nameFor(parent)}')".`,
    fixes: [
      {
        title: "Add partition_data behind it",
        edits: [
          {
            kind: "insert-after",
            statement: place.statement,
            sql: `SELECT partition_data('${nameFor(parent).replaceAll("'", "''")}')`,
          },
        ],
        preferred: true,
      },
    ],
  };
}

/** With its schema: the first versions look for the table under that name alone, and else move nothing. */
function nameFor({ schema, name }: Relation): string {
  return [schema, name]
    .map((part) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join(".");
}
