/** A foreign key refers to a table with inheritance children, whose rows it does not see. */

import { dependentsOf, relationById } from "../catalog/catalog.ts";
import type { Relation, TableConstraint } from "../catalog/relation.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { placeInFile } from "./support/script-places.ts";

export const foreignKeyInherited: Rule = {
  id: "foreign-key-inherited",
  severity: "warning",
  summary: "A foreign key refers to a table with inheritance children, and sees none of their rows.",
  source: "https://www.postgresql.org/docs/current/ddl-inherit.html#DDL-INHERIT-CAVEATS",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      if (parent.knowledge === "tainted") continue;
      for (const { table, key } of foreignKeysTo(context, parent)) yield* findingFor(context, parent, table, key);
    }
  },
};

interface ForeignKey {
  readonly table: Relation;
  readonly key: TableConstraint;
}

/** Each once: what a partition or a child has from its parent is the parent's. */
function* foreignKeysTo({ final }: ScriptContext, parent: Relation): Generator<ForeignKey> {
  for (const id of [parent.id, ...dependentsOf(final, parent.id)]) {
    const table = relationById(final, id);
    for (const key of table?.constraints ?? []) {
      if (table !== null && key.type === "foreign-key" && key.references?.relation === parent.id && key.local)
        yield { table, key };
    }
  }
}

function* findingFor(
  context: ScriptContext,
  parent: Relation,
  table: Relation,
  key: TableConstraint,
): Generator<RuleFinding> {
  const children = [...parent.children.keys()].flatMap((id) => relationById(context.final, id) ?? []);
  const firstChild = children.find(({ origin }) => placeInFile(context, origin) !== null);
  const own = placeInFile(context, key.origin);
  // Where the key is from an earlier file, the child that makes it wrong is the news.
  const place = own ?? (firstChild === undefined ? null : placeInFile(context, firstChild.origin));
  const child = firstChild ?? children[0];
  if (place === null || child === undefined) return;
  const columns = key.columns.map((name) => `"${name}"`).join(", ");
  yield {
    statement: place.statement,
    range: place.range,
    message: `The foreign key of "${table.name}" (${columns}) sees only the rows that lie in "${parent.name}" itself: a value whose row is in "${child.name}", or in another child, is refused, and no child's row is kept from being deleted.`,
    advice: `Refer to a child, check by a trigger, or partition "${parent.name}" with PARTITION BY, which foreign keys may refer to.`,
    related:
      own === null
        ? [{ origin: key.origin, message: `the foreign key of "${table.name}"` }]
        : [{ origin: child.origin, message: `"${child.name}" is a child of "${parent.name}"` }],
  };
}
