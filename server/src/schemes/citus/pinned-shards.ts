/** Which shards of a table plain conditions on its distribution column may leave, as far as that is certain. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import { rangesOf, type ShardRange, shardOfHash } from "../../catalog/shards.ts";
import type { Value } from "../../catalog/value.ts";
import { coerceConstant, type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import { hash32 } from "../../catalog/values/hash.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import { conjunctsOf } from "./query-conditions.ts";

/** `all`: no condition leaves a shard out. `unknown`: it cannot be told. */
export type Pinned = ReadonlySet<number> | "all" | "unknown";

interface Pinning {
  readonly ranges: readonly ShardRange[];
  readonly type: DataType;
  readonly context: EvaluateContext;
  /** Whether an expression is the distribution column of the table itself. */
  readonly isColumn: (expression: Expression | null) => boolean;
}

/** What conditions that all hold leave of the table that is called `name`. */
export function pinnedShards(
  catalog: Catalog,
  table: Relation,
  name: string,
  conditions: readonly Expression[],
  context: EvaluateContext,
): Pinned {
  const { shards } = table;
  const column = shards?.column == null ? null : columnNamed(table, shards.column);
  const ranges = shards === undefined ? null : rangesOf(catalog.sharded, shards);
  if (column === null || ranges === null) return "unknown";
  const isColumn = (expression: Expression | null): boolean =>
    expression?.kind === "column" &&
    !expression.star &&
    expression.names.at(-1) === column.name &&
    (expression.names.length === 1 || expression.names.at(-2) === name);
  return ofAll(conditions, { ranges, type: column.type, context, isColumn });
}

function ofAll(conditions: readonly Expression[], pinning: Pinning): Pinned {
  let found: Pinned = "all";
  let equal: Value | null = null;
  for (const condition of conditions) {
    const pinned = ofOne(condition, pinning);
    if (pinned === "all") continue;
    if (pinned === "unknown") return "unknown";
    if (pinned.size === 0) return pinned;
    const value = equalValue(condition, pinning);
    if (found === "all") {
      [found, equal] = [pinned, value];
      continue;
    }
    // Two values at once leave nothing; how else two conditions are taken together is not asked here.
    if (value === null || equal === null) return "unknown";
    if (!isSame(value, equal)) return new Set();
  }
  return found;
}

function equalValue(condition: Expression, pinning: Pinning): Value | null {
  if (condition.kind !== "operator" || condition.operator !== "=") return null;
  const { left, right } = condition;
  const other = pinning.isColumn(left) ? right : pinning.isColumn(right) ? left : null;
  return other === null ? null : constantValue(other, pinning);
}

function isSame(a: Value, b: Value): boolean {
  const text = (value: Value): string =>
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
  return text(a) === text(b);
}

function ofOne(condition: Expression, pinning: Pinning): Pinned {
  const inside = condition.kind === "not" ? condition.operand : condition;
  if (inside.kind === "subquery" && inside.variant === "exists") return "all";
  if (!mentions(condition, pinning)) return hasColumn(condition) ? "all" : ofConstant(condition, pinning);
  switch (condition.kind) {
    case "and":
      return ofAll(conjunctsOf(condition), pinning);
    case "or": {
      const arms = condition.operands.map((arm) => ofAll(conjunctsOf(arm), pinning));
      if (arms.includes("unknown")) return "unknown";
      if (arms.includes("all")) return "all";
      return new Set(arms.flatMap((arm) => [...(arm as ReadonlySet<number>)]));
    }
    case "operator":
      return ofOperator(condition, pinning);
    case "in":
      if (!pinning.isColumn(condition.operand)) return "unknown";
      return condition.negated
        ? "all"
        : ofValues(
            condition.items.map((item) => constantValue(item, pinning)),
            pinning,
          );
    case "any-array":
      if (!pinning.isColumn(condition.operand) || condition.operator !== "=" || condition.all) return "unknown";
      return ofArray(condition.array, pinning);
    case "between":
    case "null-test":
    case "like":
    case "distinct-from":
    case "boolean-test":
      return "all";
    case "not": {
      // The opposite of an equality leaves no shard out.
      const { operand } = condition;
      return operand.kind === "operator" && operand.operator === "=" && ofOperator(operand, pinning) !== "unknown"
        ? "all"
        : "unknown";
    }
    default:
      return "unknown";
  }
}

/** A condition that is false or NULL leaves nothing. */
function ofConstant(condition: Expression, { context }: Pinning): Pinned {
  const evaluation = evaluate(condition, context);
  if (evaluation.kind !== "constant") return "unknown";
  const { value } = evaluation;
  if (value === null) return new Set();
  return value.family !== "boolean" ? "unknown" : value.value ? "all" : new Set();
}

function ofOperator(condition: Extract<Expression, { kind: "operator" }>, pinning: Pinning): Pinned {
  const { left, right, operator } = condition;
  if (operator !== "=") return ["<", "<=", ">", ">=", "<>"].includes(operator) ? "all" : "unknown";
  const other = pinning.isColumn(left) ? right : pinning.isColumn(right) ? left : null;
  // A function or a cast around the column, or another column beside it, prunes nothing.
  if (other === null) return isWrapped(left, pinning) || isWrapped(right, pinning) ? "all" : "unknown";
  if (hasColumn(other)) return "all";
  return ofValues([constantValue(other, pinning)], pinning);
}

function isWrapped(expression: Expression | null, pinning: Pinning): boolean {
  if (expression === null) return false;
  const wraps = expression.kind === "cast" || expression.kind === "call" || expression.kind === "coalesce";
  return wraps && mentions(expression, pinning);
}

function ofValues(values: readonly (Value | null)[], { ranges, type }: Pinning): Pinned {
  const found = new Set<number>();
  for (const value of values) {
    const hash = value === null ? null : hash32(value, type);
    if (hash === null) return "unknown";
    found.add(shardOfHash(ranges, hash));
  }
  return found;
}

function ofArray(array: Expression, pinning: Pinning): Pinned {
  if (array.kind === "array")
    return ofValues(
      array.items.map((item) => constantValue(item, pinning)),
      pinning,
    );
  if (array.kind === "cast" && array.operand.kind === "array") return ofArray(array.operand, pinning);
  const { type, context } = pinning;
  const evaluation = evaluate(array, context);
  if (evaluation.kind !== "constant" || evaluation.value === null) return "unknown";
  const constant = { kind: "constant", value: evaluation.value, type: evaluation.type } as const;
  const cast = coerceConstant(constant, { kind: "array", element: type }, "explicit", context);
  if (cast.kind !== "value" || cast.value.family !== "array") return "unknown";
  const elements = cast.value.elements.filter((element) => element !== null);
  return elements.length === 0 ? "unknown" : ofValues(elements, pinning);
}

/** A constant as a value of the column's type; null for NULL and what is not known. */
function constantValue(expression: Expression, { type, context }: Pinning): Value | null {
  const evaluation = evaluate(expression, context);
  if (evaluation.kind !== "constant" || evaluation.value === null) return null;
  const constant = { kind: "constant", value: evaluation.value, type: evaluation.type } as const;
  const cast = coerceConstant(constant, type, "explicit", context);
  return cast.kind === "value" ? cast.value : null;
}

function mentions(expression: Expression, { isColumn }: Pinning): boolean {
  return insideOut(expression).some((part) => isColumn(part) || (part.kind === "column" && part.star));
}

function hasColumn(expression: Expression): boolean {
  return insideOut(expression).some(({ kind }) => kind === "column");
}
