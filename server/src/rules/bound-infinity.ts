/** A range ends at the value infinity where the open end MAXVALUE is meant. */

import { baseType } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import type { Rule } from "./rule.ts";
import { placedBound } from "./support/bounds.ts";
import { replacement } from "./support/fixes.ts";
import { placementsOf } from "./support/placements.ts";

export const boundInfinity: Rule = {
  id: "bound-infinity",
  severity: "warning",
  summary: "An upper bound is 'infinity', which leaves out the rows that hold infinity itself.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  statements: ["create-table", "alter-table"],
  *check(context) {
    const { step } = context;
    for (const placement of placementsOf(step.statement.statement)) {
      if (placement.bound.kind !== "range") continue;
      const elements = placedBound(context, placement)?.partitioning.key.elements ?? [];
      for (const [index, datum] of placement.bound.to.entries()) {
        const type = elements[index]?.type;
        if (datum.kind !== "value" || !isInfinity(datum.expression)) continue;
        if (type === null || type === undefined || !hasInfinity(baseType(type))) continue;
        yield {
          statement: step.handle,
          range: datum.range,
          message:
            "infinity is a value like any other, and TO is exclusive: rows that hold it find no place in this partition.",
          advice: "Write MAXVALUE for an open end.",
          fixes: [replacement("Change to MAXVALUE", step.handle, datum.range, "MAXVALUE", { preferred: true })],
        };
      }
    }
  },
};

function isInfinity(expression: Expression): boolean {
  if (expression.kind === "cast") return isInfinity(expression.operand);
  if (expression.kind !== "constant" || expression.value.type !== "string") return false;
  return /^\s*\+?inf(?:inity)?\s*$/i.test(expression.value.text);
}

function hasInfinity(type: ReturnType<typeof baseType>): boolean {
  return (
    type.kind === "base" && ["date", "timestamp", "timestamptz", "float4", "float8", "numeric"].includes(type.name)
  );
}
