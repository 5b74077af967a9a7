/** Partitions of pg_pathman's first version are made or taken away by hand, and its cache is not told. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { pathmanTableOf } from "../catalog/pathman-config.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteConstant } from "../catalog/values/print.ts";
import { lookUpRelation } from "../effects/relations/lookup.ts";
import { isRun, type Step } from "../replay/step.ts";
import { pathman } from "../schemes/pathman/extension.ts";
import { quoteQualifiedName, type RelationName } from "../syntax/names.ts";
import type { Statement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { callsIn, eraAt, relationIn } from "./support/pathman-tables.ts";

export const pathmanNotRegistered: Rule = {
  id: "pathman-not-registered",
  severity: "warning",
  summary: "Partitions of pg_pathman's first version are made or taken away by hand, and its cache is not told.",
  source: "https://github.com/postgrespro/pg_pathman#post-creation-partition-management",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      if (pathmanTableOf(context.final, parent)?.relname == null || context.changesLater(parent.name)) continue;
      const touch = lastTouch(context, parent);
      if (touch !== null) yield findingFor(touch, parent);
    }
  },
};

interface Touch {
  readonly statement: StatementHandle;
  readonly range: TextRange;
  readonly child: string;
  readonly isMade: boolean;
}

function findingFor({ statement, range, child, isMade }: Touch, { schema, name }: Relation): RuleFinding {
  const call = `on_update_partitions(${quoteConstant(quoteQualifiedName(schema, name))}::regclass::oid)`;
  const done = isMade ? "made a partition of" : "taken from the partitions of";
  return {
    statement,
    range,
    message: `"${child}" is ${done} "${name}" by hand, and in this version pg_pathman goes by what it has in its cache.`,
    advice: `Call "${call}" behind it.`,
    fixes: [
      {
        title: "Add on_update_partitions behind it",
        edits: [{ kind: "insert-after", statement, sql: `SELECT ${call}` }],
        preferred: true,
      },
    ],
  };
}

/** The last change of the children by hand behind which no call of pg_pathman speaks of the table; null where there is none. */
function lastTouch(context: ScriptContext, parent: Relation): Touch | null {
  for (let at = context.steps.length - 1; at >= 0; at -= 1) {
    const step = context.steps[at];
    if (step === undefined || step.rejection !== null || !isRun(step)) continue;
    const { statement } = step.statement;
    // What a block does is not looked into.
    if (statement.kind === "do" || isCallAbout(step, parent)) return null;
    const isManaged = pathmanTableOf(step.before, parent) !== null && eraAt(step, context.options) === "readme";
    const touch = isManaged ? touchBy(step, parent) : null;
    if (touch !== null) return touch;
  }
  return null;
}

function touchBy({ before, after, handle, statement: { statement } }: Step, parent: Relation): Touch | null {
  const [old, now] = [before, after].map((catalog) => relationById(catalog, parent.id)?.children);
  if (old === undefined || now === undefined || old === now) return null;
  for (const name of tablesOf(statement)) {
    const [was, is] = [before, after].map((catalog) => childNamed(catalog, name, parent));
    if ((was == null) === (is == null)) continue;
    return { statement: handle, range: name.range, child: name.name, isMade: was == null };
  }
  return null;
}

/** The tables that a statement may give a parent, or take from it. */
function tablesOf(statement: Statement): readonly RelationName[] {
  if (statement.kind === "drop") return statement.objectType === "table" ? statement.names : [];
  if (statement.kind === "create-table") return [statement.name];
  return statement.kind === "alter-table" ? [statement.relation] : [];
}

function childNamed(catalog: Catalog, name: RelationName, parent: Relation): Relation | null {
  const found = lookUpRelation(catalog, name);
  return found.kind === "found" && found.relation.inherits.includes(parent.id) ? found.relation : null;
}

/** Whether the statement calls a function of pg_pathman about the table or one of its partitions: they tell the cache themselves. */
function isCallAbout({ before, statement: { statement } }: Step, parent: Relation): boolean {
  if (statement.kind !== "query") return false;
  return callsIn(statement.query).some(({ name, arguments: given }) => {
    if (!pathman.functions.has(name.at(-1) ?? "")) return false;
    return given.some(({ value }) => {
      const named = relationIn(value);
      const found = named === null ? null : lookUpRelation(before, named);
      return (
        found?.kind === "found" && (found.relation.id === parent.id || found.relation.inherits.includes(parent.id))
      );
    });
  });
}
