/** ATTACH PARTITION has to read the whole table, because no constraint shows that its rows fit. */

import { findRelation, relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Step } from "../replay/step.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { boundCondition } from "./support/bound-condition.ts";
import { type FilledTables, filledTables } from "./support/filled-tables.ts";
import { type Placement, placementsOf } from "./support/placements.ts";
import { provesBound } from "./support/scan-proof.ts";

export const attachScans: Rule = {
  id: "attach-scans",
  severity: "warning",
  summary: "ATTACH PARTITION has to read the whole table, because no constraint shows that its rows fit.",
  source: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ATTACH-PARTITION",
  *checkScript(context) {
    const attaching = context
      .stepsOf("alter-table")
      .filter(({ rejection, statement: { statement } }) => rejection === null && placementsOf(statement).length > 0);
    if (attaching.length === 0) return;
    const filled = filledTables(context);
    for (const step of attaching) {
      for (const placement of placementsOf(step.statement.statement)) {
        yield* findingFor(context, step, placement, filled);
      }
    }
  },
};

function* findingFor(
  context: ScriptContext,
  step: Step,
  placement: Placement,
  filled: FilledTables,
): Generator<RuleFinding> {
  const table = findRelation(step.before, placement.partition);
  if (table === null || table.knowledge !== "full" || table.kind === "foreign-table") return;
  if (!filled.mayHoldRows(table, step) || provesBound(table, step.after, context.options)) return;
  if (isOnlyOurs(step, table) && context.options.version >= 12) return;
  if (wasDetachedHere(step, table)) return;
  const isHash = placement.bound.kind === "hash";
  const remedy = isHash
    ? "No constraint can prove a hash bound: attach while the table is small, or create it with PARTITION OF."
    : "Add a CHECK that says the same NOT VALID, validate it, then attach.";
  yield {
    statement: step.handle,
    range: placement.partition.range,
    message: `No valid constraint shows that the rows of "${table.name}" fit this bound, so all of them are read under an ACCESS EXCLUSIVE lock.`,
    advice: remedy,
    fixes: isHash ? [] : () => recipe(step, table),
  };
}

/** A table that the open transaction has created: nobody else can wait for it, and from 12 on ATTACH lets others use the parent. */
function isOnlyOurs({ transaction: { session } }: Step, table: Relation): boolean {
  return session.kind === "open" && table.id >= session.beginning.nextId;
}

/** A partition that the open transaction has detached from the table: DETACH has locked out everybody already. */
function wasDetachedHere({ transaction: { session }, after }: Step, table: Relation): boolean {
  const parent = relationById(after, table.id)?.partitionOf?.parent;
  return session.kind === "open" && relationById(session.beginning, table.id)?.partitionOf?.parent === parent;
}

function* recipe(step: Step, table: Relation): Generator<RuleFix> {
  const link = relationById(step.after, table.id)?.partitionOf;
  const parent = link === null || link === undefined ? null : relationById(step.after, link.parent);
  if (link == null || parent?.partitioning == null) return;
  const { key } = parent.partitioning;
  const condition = boundCondition(link.bound, key, step.before.settings);
  if (condition === null) return;
  const column = key.elements[0]?.column ?? "";
  const isNotNull = table.columns.some(({ name, notNull }) => name === column && notNull);
  const takesNull = link.bound.kind === "list" && link.bound.values.includes(null);
  const check = isNotNull || takesNull ? condition : `${quoteIdentifier(column)} IS NOT NULL AND ${condition}`;
  const name = quoteIdentifier(freshConstraint(table));
  const sql = quoteIdentifier(table.name);
  const qualified =
    table.schema === step.before.settings.searchPath[0] ? sql : `${quoteIdentifier(table.schema)}.${sql}`;
  const before = [
    `ALTER TABLE ${qualified} ADD CONSTRAINT ${name} CHECK (${check}) NOT VALID`,
    `ALTER TABLE ${qualified} VALIDATE CONSTRAINT ${name}`,
  ];
  yield {
    title: "Prove the bound first by a CHECK constraint",
    edits: [
      { kind: "insert-before", statement: step.handle, sql: before.join(";\n") },
      { kind: "insert-after", statement: step.handle, sql: `ALTER TABLE ${qualified} DROP CONSTRAINT ${name}` },
    ],
    preferred: true,
  };
}

function freshConstraint(table: Relation): string {
  const taken = new Set(table.constraints.map(({ name }) => name));
  let name = `${table.name}_bound`;
  for (let number = 2; taken.has(name); number += 1) name = `${table.name}_bound${number}`;
  return name;
}
