/** A table comes under pg_pathman, which is no longer developed. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { layoutOf } from "../catalog/layout.ts";
import { partitionsInBoundOrder } from "../catalog/partition-set.ts";
import { dividedBy, pathmanOf } from "../catalog/pathman-config.ts";
import type { Relation } from "../catalog/relation.ts";
import { spellBound } from "../catalog/written-bound.ts";
import { isRun, type Step } from "../replay/step.ts";
import { quoteIdentifier, quoteQualifiedName } from "../syntax/names.ts";
import type { Rule, RuleEdit, RuleFinding, ScriptContext } from "./rule.ts";
import { placeInFile } from "./support/script-places.ts";

export const pathmanRetired: Rule = {
  id: "pathman-retired",
  severity: "information",
  summary: "A table comes under pg_pathman, which is no longer developed.",
  source: "https://github.com/postgrespro/pg_pathman#pg_pathman",
  *checkScript(context) {
    // Without it no statement of the script need be looked at.
    if (context.final.pathman === undefined) return;
    const [first] = divisions(context);
    if (first !== undefined) yield findingFor(context, first);
  },
};

interface DivisionStep {
  readonly step: Step;
  readonly table: Relation;
}

/** What brings tables under pg_pathman, in order; a file says it once, at the first. */
function* divisions({ stepsOf, placeOf }: ScriptContext): Generator<DivisionStep> {
  const steps = [...stepsOf("query"), ...stepsOf("do"), ...stepsOf("call-procedure")];
  for (const step of steps.sort((a, b) => placeOf(a) - placeOf(b))) {
    if (step.rejection !== null || !isRun(step)) continue;
    const [old, now] = [step.before, step.after].map((catalog) => pathmanOf(catalog).tables);
    if (old === now || old === undefined || now === undefined) continue;
    for (const [key, row] of now.entries()) {
      const table = old.has(key) ? null : dividedBy(step.after, row);
      if (table !== null) yield { step, table };
    }
  }
}

const message = "pg_pathman is no longer developed: what it does, PostgreSQL does itself by PARTITION BY.";

function findingFor(context: ScriptContext, { step, table }: DivisionStep): RuleFinding {
  const [child] = table.children.keys();
  const made = child === undefined ? null : relationById(step.after, child);
  const place = made === null ? null : placeInFile(context, made.origin);
  const isOwn = place?.statement === step.handle;
  return {
    statement: step.handle,
    range: isOwn ? place.range : { start: 0, end: step.statement.length },
    message,
    advice: "Partition new tables by PARTITION BY, and convert those that are there.",
    fixes: (script) => {
      const all = [...divisions(script)];
      const edits = all.map((division) => asPartitioned(script, division));
      const title = `Partition ${all.map(({ table: each }) => `"${each.name}"`).join(" and ")} by PARTITION BY`;
      if (all.length === 0 || all.length > mostTables || edits.includes(null)) return [];
      return [{ title, edits: edits.flatMap((each) => each ?? []), preferred: false }];
    },
  };
}

/** A fix does not write more partitions of a table than somebody reads, nor of more tables. */
const mostPartitions = 400;
const mostTables = 8;

/**
 * The table partitioned by PostgreSQL itself, with the same partitions; null where more than its own statement and the call would have
 * to be another.
 */
function asPartitioned(context: ScriptContext, { step, table }: DivisionStep): readonly RuleEdit[] | null {
  const { after, statement } = step;
  const created = placeInFile(context, table.origin);
  const creating = created === null ? null : context.stepWith(created.statement);
  const definition = creating?.statement.statement;
  const clauses = clausesFor(after, table);
  if (created === null || creating === null || definition?.kind !== "create-table" || clauses === null) return null;
  const { elementsRange } = definition;
  const text = context.textOf(created.statement);
  // Behind the list of columns nothing else may stand, and to the table and its partitions nothing else may happen.
  if (elementsRange === null || text.slice(elementsRange.end).trim() !== "") return null;
  if (!isCallAlone(context.textOf(step.handle)) || isUsedElsewhere(context, table, [creating, step])) return null;
  const end = { start: elementsRange.end, end: elementsRange.end };
  const whole = { start: 0, end: statement.length };
  return [
    { kind: "replace", statement: created.statement, range: end, newText: ` ${clauses.by}` },
    { kind: "replace", statement: step.handle, range: whole, newText: clauses.partitions.join(";\n") },
  ];
}

/** PARTITION BY and the statements that make the partitions; null where PostgreSQL has no such table. */
function clausesFor(
  catalog: Catalog,
  table: Relation,
): { readonly by: string; readonly partitions: readonly string[] } | null {
  const layout = layoutOf(table);
  const column = layout?.key.elements[0]?.column;
  if (layout === null || column == null || !layout.certain || layout.partitions.incomparable.size > 0) return null;
  const isUnique = table.constraints.every(
    ({ type, columns }) => !["primary-key", "unique", "exclusion"].includes(type) || columns.includes(column),
  );
  // A range takes no NULL, and pg_pathman's first versions let it stay in the parent.
  const isFit = layout.key.strategy === "hash" || table.columns.some(({ name, notNull }) => name === column && notNull);
  const parts = partitionsInBoundOrder(layout.partitions);
  if (!isFit || !isUnique || parts.length === 0 || parts.length > mostPartitions || table.knowledge !== "full")
    return null;
  const above = quoteQualifiedName(shownSchema(catalog, table), table.name);
  const partitions = parts.flatMap((id) => {
    const part = relationById(catalog, id);
    const bound = layout.bounds?.get(id);
    if (part === null || bound === undefined || bound.kind === "unknown") return [];
    const name = quoteQualifiedName(shownSchema(catalog, part), part.name);
    return [`CREATE TABLE ${name} PARTITION OF ${above} ${spellBound(bound, layout.key, catalog.settings)}`];
  });
  if (partitions.length < parts.length) return null;
  return { by: `PARTITION BY ${layout.key.strategy.toUpperCase()} (${quoteIdentifier(column)})`, partitions };
}

function shownSchema({ settings }: Catalog, { schema }: Relation): string | null {
  return settings.searchPath.find((name) => name !== "$user") === schema ? null : schema;
}

/** `SELECT create_…(…)` and nothing beside the call. */
function isCallAlone(text: string): boolean {
  return /^select\s+(?:[\w"]+\.)?create_\w+\s*\([^;]*\)$/is.test(text.trim());
}

/** Whether another statement of the file names the table or its partitions, or may, as the body of a block. */
function isUsedElsewhere(
  { steps, textOf }: ScriptContext,
  table: Relation,
  known: readonly Pick<Step, "handle">[],
): boolean {
  const own = known.map(({ handle }) => handle);
  return steps.some(({ handle }) => !own.includes(handle) && textOf(handle).includes(table.name));
}
