/** ON CONFLICT of INSERT, and the assignments that it shares with UPDATE. */

import type { InferClause, Node, OnConflictClause, ResTarget } from "@pgsql/types";
import type { Expression } from "../expression.ts";
import type { ConflictTarget, OnConflict, UpdateQuery } from "../query.ts";
import { lowerExpression } from "./expressions.ts";
import { lowerIndexElements } from "./index-elements.ts";
import type { Lowering } from "./lowering.ts";
import { identifierNamed } from "./names.ts";
import { allOf, as, location } from "./node.ts";
import { closing, findWord, type Region, rangeOf, rangeOfRegion, tokenIndexAt, word } from "./source.ts";

/** The clause of an INSERT that stands in `region`. */
export function lowerOnConflict(node: OnConflictClause, region: Region, lowering: Lowering): OnConflict {
  const { source } = lowering;
  const first = tokenIndexAt(source, location(node));
  const returning = findWord(source, { first, last: region.last }, "returning");
  return {
    action: node.action === "ONCONFLICT_UPDATE" ? "update" : "nothing",
    target: node.infer === undefined ? null : lowerTarget(node.infer, first, lowering),
    assignments: lowerAssignments(node.targetList, lowering),
    where: node.whereClause === undefined ? null : lowerExpression(node.whereClause, lowering),
    range: rangeOfRegion(source, { first, last: returning < 0 ? region.last : returning - 1 }),
  };
}

/** The columns that SET names; a value is null for a column that a subquery gives with others, and for a part of a column. */
export function lowerAssignments(nodes: readonly Node[] | undefined, lowering: Lowering): UpdateQuery["assignments"] {
  const { source } = lowering;
  return allOf(nodes, "ResTarget").map((target) => ({
    column: identifierNamed(target.name ?? "", source, tokenIndexAt(source, location(target))),
    value: lowerAssigned(target, lowering),
  }));
}

function lowerAssigned({ val, indirection }: ResTarget, lowering: Lowering): Expression | null {
  if (val === undefined || indirection !== undefined) return null;
  const several = as(val, "MultiAssignRef");
  if (several === undefined) return lowerExpression(val, lowering);
  // `(a, b) = (1, 2)` sets each as if it stood alone.
  const row = as(several.source, "RowExpr")?.args ?? [];
  const own = row.length === several.ncolumns ? row[(several.colno ?? 0) - 1] : undefined;
  return own === undefined ? null : lowerExpression(own, lowering);
}

/** `ON CONFLICT (…)` or `ON CONFLICT ON CONSTRAINT name`; `on` is the first token. */
function lowerTarget(node: InferClause, on: number, lowering: Lowering): ConflictTarget {
  const { source } = lowering;
  const first = on + 2;
  if (word(source, first) !== "(") {
    const name = identifierNamed(node.conname ?? "", source, first + 2);
    return { kind: "constraint", name, range: name.range };
  }
  return {
    kind: "columns",
    elements: lowerIndexElements(node.indexElems, first, lowering),
    where: node.whereClause === undefined ? null : lowerExpression(node.whereClause, lowering),
    range: rangeOf(source, first, closing(source, first)),
  };
}
