/** A readable dump of the steps of a replay. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { Step } from "./step.ts";

/** One paragraph for each step: the statement's kind, what became of it, and the relations that it added, changed or removed. */
export function printSteps(steps: readonly Step[], textOf: (step: Step) => string): string {
  return `${steps.map((step, index) => printStep(step, index, textOf(step))).join("\n")}\n`;
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
  for (const [id, relation] of after.relations.entries()) {
    const old = relationById(before, id);
    if (old === relation) continue;
    changes.push(`${old === null ? "+" : "~"} ${relation.schema}.${relation.name}`);
  }
  for (const [id, relation] of before.relations.entries()) {
    if (!after.relations.has(id)) changes.push(`- ${relation.schema}.${relation.name}`);
  }
  if (before.settings !== after.settings) changes.push("~ settings");
  return changes;
}
