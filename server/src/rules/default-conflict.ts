/** A second default partition, one where there can be none, or one that holds rows of a new partition. */

import { relationById } from "../catalog/catalog.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { placedBound } from "./support/bounds.ts";
import { carveOut } from "./support/carve-out.ts";
import { placementsOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const defaultConflict: Rule = {
  id: "default-conflict",
  severity: "error",
  summary: "A table cannot have this default partition, or the one that it has holds rows of a new partition.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  present: (context) =>
    presentRejection(context, { advice: adviceFor(context.rejection.message), fixes: [...fixesFor(context)] }),
};

const holdsRows = /^updated partition constraint/;

function adviceFor(message: string): string {
  if (holdsRows.test(message))
    return "Move these rows in one transaction: detach the default partition, create this one, insert the rows into the table and delete them from the default partition, and attach that again.";
  return /^a hash-partitioned table/.test(message)
    ? "Every row has a remainder: create a partition for each of them instead."
    : "All rows that no other partition takes go to the one that exists: give this partition a bound, or detach that one first.";
}

function* fixesFor(context: RejectionContext): Generator<RuleFix> {
  const { step, rejection } = context;
  const [placement] = placementsOf(step.statement.statement);
  if (placement === undefined || !holdsRows.test(rejection.message)) return;
  const placed = placedBound(context, placement);
  const id = placed?.partitioning.partitions.defaultPartition ?? null;
  const defaultPartition = id === null ? null : relationById(step.before, id);
  const edits = placed === null || defaultPartition === null ? null : carveOut(step, placed, defaultPartition);
  if (defaultPartition === null || edits === null) return;
  yield { title: `Move the rows out of "${defaultPartition.name}"`, edits, preferred: true };
}
