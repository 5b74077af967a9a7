/** How PostgreSQL words the refusal of a column that goes from several tables at once. */

import type { Relation } from "../../catalog/relation.ts";
import type { Outcome } from "../outcome.ts";
import { columnNamed } from "./constraint-shape.ts";

/** Columns of children that go with it are dropped in one deletion, which names none of them. */
export function asOneDeletion(outcome: Outcome, children: readonly Relation[], name: string): Outcome {
  if (outcome.kind !== "rejected" || outcome.rejection.sqlstate !== "2BP01") return outcome;
  const goAlong = children.some((child) => {
    const column = columnNamed(child, name);
    return column?.inheritedFrom === 1 && !column.local;
  });
  if (!goAlong) return outcome;
  const message = "cannot drop desired object(s) because other objects depend on them";
  return { ...outcome, rejection: { ...outcome.rejection, message } };
}
