/** ORDER BY, LIMIT and OFFSET over rows that are known. */

import type { Expression } from "../../syntax/expression.ts";
import type { SelectQuery } from "../../syntax/query.ts";
import { computed, type Machine, type Row, type Scope } from "./machine.ts";
import { sortOrder, type TypedValue } from "./typed-value.ts";

/** `ORDER BY 2` and `GROUP BY name` mean a target. */
export function keyExpression({ targets }: SelectQuery, key: Expression): Expression {
  if (key.kind === "constant" && key.value.type === "integer")
    return targets[Number(key.value.text) - 1]?.expression ?? key;
  if (key.kind !== "column" || key.star || key.names.length > 1) return key;
  return targets.find(({ name }) => name === key.names[0])?.expression ?? key;
}

/** The field of a finished row that a key means. */
export function outputField(row: Row, key: Expression): TypedValue | null {
  if (key.kind === "constant" && key.value.type === "integer") return row[Number(key.value.text) - 1]?.value ?? null;
  if (key.kind !== "column" || key.star) return null;
  return row.find(({ name }) => name === key.names.at(-1))?.value ?? null;
}

export function sortedBy<T>(
  machine: Machine,
  items: readonly T[],
  { orderBy, directions }: SelectQuery,
  valueOfKey: (item: T, key: Expression) => TypedValue | null,
): readonly T[] | null {
  if (orderBy.length === 0 || items.length < 2) return items;
  const keyed = items.map((item) => ({ item, keys: orderBy.map((key) => valueOfKey(item, key)) }));
  let known = machine.stop === null;
  const sorted = keyed.sort((a, b) => {
    for (const [index, left] of a.keys.entries()) {
      const order = sortOrder(left, b.keys[index] ?? null, directions[index]);
      if (order === null) known = false;
      else if (order !== 0) return order;
    }
    return 0;
  });
  return known ? sorted.map(({ item }) => item) : null;
}

export function limited<T>(
  machine: Machine,
  items: readonly T[],
  { hasLimit, limit, offset }: SelectQuery,
  scope: Scope,
  more: Expression | null = null,
): readonly T[] | null {
  if (!hasLimit) return items;
  const count = (expression: Expression | null, otherwise: number): number | null => {
    const value = expression === null ? null : computed(machine, expression, scope);
    if (expression === null) return otherwise;
    // `LIMIT ALL` is NULL.
    if (value?.value === null) return otherwise;
    return value?.value?.family === "integer" ? Number(value.value.value) : null;
  };
  const start = count(offset, 0);
  const length = count(limit, items.length);
  const added = count(more, 0);
  return start === null || length === null || added === null ? null : items.slice(start, start + length + added);
}
