/** A readable dump of the steps of a replay. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import type { Step } from "./step.ts";

/** One paragraph for each step: the statement's kind, what became of it, and the relations that it added, changed or removed. */
export function printSteps(steps: readonly Step[], textOf: (step: Step) => string): string {
  return atOnce(printStepsInTurns(steps, textOf));
}

/** The same, pausing after each of them. */
export function* printStepsInTurns(steps: readonly Step[], textOf: (step: Step) => string): Turns<string> {
  const printed: string[] = [];
  for (const [index, step] of steps.entries()) {
    printed.push(printStep(step, index, textOf(step)));
    yield;
  }
  return `${printed.join("\n")}\n`;
}

function printStep(step: Step, index: number, text: string): string {
  const firstLine = text.trim().split("\n", 1)[0] ?? "";
  const lines = [`${index + 1}. ${step.statement.statement.kind}: ${firstLine}`];
  if (step.transaction.state !== "autocommit") lines.push(`   transaction ${step.transaction.state}`);
  const { rejection, warning } = step;
  if (rejection !== null) {
    lines.push(`   ${rejection.sqlstate} ${rejection.message} [${rejection.rule}]`);
    if (rejection.detail !== undefined) lines.push(`   DETAIL: ${rejection.detail}`);
    if (rejection.hint !== undefined) lines.push(`   HINT: ${rejection.hint}`);
  }
  if (warning !== null) lines.push(`   WARNING ${warning.sqlstate}: ${warning.message}`);
  for (const reason of step.declined) lines.push(`   declined: ${reason}`);
  for (const change of changesOf(step.before, step.after)) lines.push(`   ${change}`);
  return lines.join("\n");
}

function changesOf(before: Catalog, after: Catalog): string[] {
  if (before === after) return [];
  const changes: string[] = [];
  // Of catalogs with thousands of relations most steps leave all but one as they are.
  const others = after.relations.differences(before.relations, Number.POSITIVE_INFINITY) ?? [];
  const gone: string[] = [];
  for (const id of [...others].sort((a, b) => a - b)) {
    const [old, relation] = [relationById(before, id), relationById(after, id)];
    if (relation !== null) changes.push(`${old === null ? "+" : "~"} ${relation.schema}.${relation.name}`);
    else if (old !== null) gone.push(`- ${old.schema}.${old.name}`);
  }
  for (const change of gone) changes.push(change);
  if (before.settings !== after.settings) changes.push("~ settings");
  return changes;
}
