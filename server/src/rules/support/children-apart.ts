/** Whether the whole CHECKs of two inheritance children, not only those on the key, keep any row from fitting both. */

import { boundsOverlap } from "../../catalog/check-intervals.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type Clause, conjunctsOf, isImmutable } from "../../pruning/clause.ts";
import { clauseOf } from "../../pruning/predicate.ts";
import { refutes } from "../../pruning/refute.ts";
import type { Scope } from "../../pruning/scope.ts";
import type { ScriptContext } from "../rule.ts";
import { boundsOf } from "./child-checks.ts";
import { tableScope } from "./table-scope.ts";

/**
 * False only where it is certain that rows without NULL can fit both children, whose values of the column `key` overlap: what
 * else their CHECKs say may tell them apart in a way that is not understood here.
 */
export function mayBeApart(
  context: ScriptContext,
  parent: Relation,
  first: Relation,
  second: Relation,
  key: string,
): boolean {
  const others = new Set(columnsBesides(second, key));
  for (const name of columnsBesides(first, key)) {
    if (!others.has(name)) continue;
    const [a, b] = [first, second].map((child) => boundsOf(context, child, name).bounds);
    const collation = parent.columns.find((column) => column.name === name)?.collation ?? null;
    if (a == null || b == null || boundsOverlap(a, b, collation) !== true) return true;
  }
  return refuteEachOther(context, parent, first, second);
}

/** The columns that a child's CHECKs mention besides the key. */
function columnsBesides({ constraints }: Relation, key: string): readonly string[] {
  const named = constraints.flatMap(({ type, columns }) => (type === "check" ? columns : []));
  return [...new Set(named)].filter((name) => name !== key);
}

/** By the planner's proof, which sees what belongs together in an OR. */
function refuteEachOther(context: ScriptContext, parent: Relation, first: Relation, second: Relation): boolean {
  const scope = tableScope(parent, context.final, context.options);
  let undecided = false;
  const note = (): void => {
    undecided = true;
  };
  const [a, b] = [first, second].map((child) => checksOf(child, scope));
  if (a === undefined || b === undefined) return false;
  return refutes(a, b, true, { values: scope.context, undecided: note }) || undecided;
}

function checksOf({ constraints }: Relation, scope: Scope): readonly Clause[] {
  return constraints
    .flatMap(({ type, expression }) =>
      type === "check" && expression !== null ? conjunctsOf(clauseOf(expression, scope)) : [],
    )
    .filter(isImmutable);
}
