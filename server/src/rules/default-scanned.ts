/** A new partition makes PostgreSQL read the whole default partition. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { rowsOf } from "../effects/queries/kept-rows.ts";
import { descendantsOf } from "../effects/relations/descendants.ts";
import type { Step } from "../replay/step.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { boundCondition } from "./support/bound-condition.ts";
import { type PlacedBound, placedBound } from "./support/bounds.ts";
import { filledTables } from "./support/filled-tables.ts";
import { placementsOf } from "./support/placements.ts";
import { provesOutside } from "./support/scan-proof.ts";
import { placingSteps } from "./support/script-places.ts";

export const defaultScanned: Rule = {
  id: "default-scanned",
  severity: "warning",
  since: 11,
  summary: "A new partition makes PostgreSQL read the whole default partition.",
  source: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ATTACH-PARTITION",
  *checkScript(context) {
    for (const scans of scansByDefault(context).values()) yield* findingFor(scans);
  },
};

interface Scan {
  readonly step: Step;
  readonly placed: PlacedBound;
  readonly defaultPartition: Relation;
}

/** The statements that scan a default partition which may hold rows, by default partition. */
function scansByDefault(context: ScriptContext): ReadonlyMap<RelationId, readonly Scan[]> {
  const scans = new Map<RelationId, Scan[]>();
  const tables = context.relations.partitioned.filter(
    ({ partitioning }) => partitioning?.partitions.defaultPartition != null,
  );
  const names = new Set(tables.map(({ name }) => name));
  if (names.size === 0) return scans;
  const filled = filledTables(context);
  for (const step of placingSteps(context)) {
    if (step.rejection !== null) continue;
    for (const placement of placementsOf(step.statement.statement)) {
      if (placement.bound.kind === "default" || !names.has(placement.parent.name)) continue;
      const placed = placedBound({ step, options: context.options }, placement);
      const id = placed?.partitioning.partitions.defaultPartition ?? null;
      const defaultPartition = id === null ? null : relationById(step.before, id);
      if (placed === null || defaultPartition === null || defaultPartition.knowledge !== "full") continue;
      if (!filled.mayHoldRows(defaultPartition, step) || isKnownEmpty(step.before, defaultPartition)) continue;
      if (provesOutside(defaultPartition, placed.parent, placed.bound, step.before, context.options)) continue;
      const others = scans.get(defaultPartition.id);
      if (others === undefined) scans.set(defaultPartition.id, [{ step, placed, defaultPartition }]);
      else others.push({ step, placed, defaultPartition });
    }
  }
  return scans;
}

/** Whether all rows that the script has put into the table are known, and none of them has come to this partition. */
function isKnownEmpty(catalog: Catalog, partition: Relation): boolean {
  if (catalog.tainted) return false;
  return [partition, ...descendantsOf(catalog, partition)].every((each) => {
    const { rows, complete } = rowsOf(catalog, each);
    return complete && rows.length === 0;
  });
}

/** One finding for a default partition, at the first statement that scans it. */
function* findingFor(scans: readonly Scan[]): Generator<RuleFinding> {
  const [first] = scans;
  const [placement] = first === undefined ? [] : placementsOf(first.step.statement.statement);
  if (first === undefined || placement === undefined) return;
  const { name } = first.defaultPartition;
  const more = scans.length > 1 ? `, here and again by ${scans.length - 1} later` : "";
  yield {
    statement: first.step.handle,
    range: placement.bound.range,
    message: `The default partition "${name}" may hold rows of this one: it is read under an ACCESS EXCLUSIVE lock${more}, and the statement fails if it does.`,
    advice: "Before, give it a CHECK that keeps these rows out, NOT VALID, and validate that.",
    fixes: () => recipe(first, scans),
  };
}

function* recipe({ step, defaultPartition }: Scan, scans: readonly Scan[]): Generator<RuleFix> {
  const { settings } = step.before;
  const conditions = scans.map(({ placed }) => boundCondition(placed.bound, placed.partitioning.key, settings));
  if (conditions.includes(null)) return;
  const check = conditions.map((condition) => `NOT (${condition})`).join(" AND ");
  const own = quoteIdentifier(defaultPartition.name);
  const table =
    defaultPartition.schema === settings.searchPath[0] ? own : `${quoteIdentifier(defaultPartition.schema)}.${own}`;
  const name = quoteIdentifier(`${defaultPartition.name}_outside`);
  const before = [
    `ALTER TABLE ${table} ADD CONSTRAINT ${name} CHECK (${check}) NOT VALID`,
    `ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`,
  ];
  const last = scans.at(-1)?.step ?? step;
  yield {
    title: `Prove first that "${defaultPartition.name}" holds no such rows`,
    edits: [
      { kind: "insert-before", statement: step.handle, sql: before.join(";\n") },
      { kind: "insert-after", statement: last.handle, sql: `ALTER TABLE ${table} DROP CONSTRAINT ${name}` },
    ],
    preferred: true,
  };
}
