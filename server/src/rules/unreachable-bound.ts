/** A sub-partition's bound lies outside the bound of the partition it belongs to. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { comparePoints } from "../catalog/partition-set.ts";
import type { Bound, KeyElement, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { shortBound } from "../catalog/short-bound.ts";
import type { Value } from "../catalog/value.ts";
import { compareValues } from "../catalog/values/compare.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding } from "./rule.ts";
import { type PlacedBound, placedBound } from "./support/bounds.ts";
import { type Placement, placementsOf } from "./support/placements.ts";

export const unreachableBound: Rule = {
  id: "unreachable-bound",
  severity: "warning",
  summary: "No row can reach a sub-partition: its bound lies outside its parent's.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE",
  statements: ["create-table", "alter-table"],
  *check(context) {
    for (const placement of placementsOf(context.step.statement.statement)) {
      const placed = placedBound(context, placement);
      if (placed === null || placed.partitioning.key.elements.length !== 1) continue;
      yield* outsideOfAncestors(context.step.handle, context.step.before, placement, placed);
    }
  },
};

function* outsideOfAncestors(
  statement: StatementHandle,
  catalog: Catalog,
  { bound: written }: Placement,
  { parent, partitioning, bound }: PlacedBound,
): Generator<RuleFinding> {
  const [element] = partitioning.key.elements;
  if (element === undefined || element.column === null) return;
  for (const { table, limit, ancestor } of boundsAbove(catalog, parent, element)) {
    const outside = valuesOutside(bound, limit, element);
    if (outside === "none" || outside.length === 0) continue;
    const ranges = written.kind === "list" ? outside.map((index) => written.values[index]?.range ?? written.range) : [];
    const limitText = !isPartitioned(ancestor) ? "" : shortBound(limit, ancestor.partitioning.key, catalog.settings);
    for (const range of outside === allOutside || ranges.length === 0 ? [written.range] : ranges) {
      yield {
        statement,
        range,
        message: `No row reaches this: in "${ancestor.name}", "${table.name}" itself takes ${limitText}. Rows with these values go elsewhere or are refused.`,
        advice: "Choose a bound inside of that, or another parent.",
        related:
          table.partitionOf === null
            ? []
            : [{ origin: table.partitionOf.origin, message: `"${table.name}" has this bound` }],
        unnecessary: true,
      };
    }
    return;
  }
}

interface BoundAbove {
  readonly table: Relation;
  readonly limit: Bound;
  readonly ancestor: Relation;
}

/** The bounds of the table and its ancestors that are about the same column. */
function* boundsAbove(catalog: Catalog, table: Relation, element: KeyElement): Generator<BoundAbove> {
  for (let current: Relation | null = table; current?.partitionOf != null; ) {
    const ancestor: Relation | null = relationById(catalog, current.partitionOf.parent);
    const elements = ancestor?.partitioning?.key.elements ?? [];
    if (ancestor !== null && elements.length === 1 && elements[0]?.column === element.column) {
      yield { table: current, limit: current.partitionOf.bound, ancestor };
    }
    current = ancestor;
  }
}

const allOutside: readonly number[] = [0];

/** The indexes of the list values that are outside, `allOutside` for a whole range, or "none". */
function valuesOutside(bound: Bound, limit: Bound, { collation }: KeyElement): readonly number[] | "none" {
  if (bound.kind === "range" && limit.kind === "range") {
    const apart = atOrBefore(bound.upper, limit.lower, collation) || atOrBefore(limit.upper, bound.lower, collation);
    return apart ? allOutside : "none";
  }
  if (bound.kind === "range" && limit.kind === "list") {
    const meet = limit.values.some((value) => value !== null && mayHold(bound, value, collation));
    return meet ? "none" : allOutside;
  }
  if (bound.kind !== "list") return "none";
  return bound.values.flatMap((value, index) => (isOutside(value, limit, collation) ? [index] : []));
}

function isOutside(value: Value | null, limit: Bound, collation: string | null): boolean {
  if (limit.kind === "range") return value === null || !mayHold(limit, value, collation);
  if (limit.kind !== "list") return false;
  return limit.values.every((other) =>
    value === null || other === null ? value !== other : (compareValues(value, other, collation) ?? 0) !== 0,
  );
}

/** False only where it is certain that the value is not in the range. */
function mayHold(range: Extract<Bound, { kind: "range" }>, value: Value, collation: string | null): boolean {
  const point: readonly RangeDatum[] = [{ kind: "value", value }];
  const before = comparePoints(point, range.lower, [collation]);
  return !((before !== null && before < 0) || atOrBefore(range.upper, point, collation));
}

function atOrBefore(a: readonly RangeDatum[], b: readonly RangeDatum[], collation: string | null): boolean {
  const order = comparePoints(a, b, [collation]);
  return order !== null && order <= 0;
}
