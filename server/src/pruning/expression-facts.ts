/** Which columns expressions read, and what else their values wait for. */

import type { Expression } from "../syntax/expression.ts";
import { operandsOf } from "../syntax/expression-walk.ts";
import { addAll } from "../text/long-lists.ts";
import { columnKey } from "./expression-key.ts";
import type { ColumnOfReference, ResolvedColumn, Scope } from "./scope.ts";

/** Which columns an expression reads, and what else its value waits for. */
export interface ExpressionFacts {
  readonly columns: readonly ColumnOfReference[];
  readonly unknownColumn: boolean;
  readonly parameter: boolean;
  readonly execution: boolean;
}

export function factsOf(expression: Expression, scope: Scope): ExpressionFacts {
  const columns = new Map<string, ColumnOfReference>();
  let [unknownColumn, parameter, execution] = [false, false, false];
  const visit = (part: Expression, within: Scope): void => {
    if (part.kind === "parameter" && part.value === undefined) parameter = true;
    if (part.kind === "subquery") execution = true;
    if (part.kind === "column") {
      const resolved: ResolvedColumn = part.star ? { kind: "unknown" } : within.resolve(part.names);
      if (resolved.kind === "column") columns.set(columnKey(resolved.column), resolved.column);
      else if (resolved.kind === "derived") visit(resolved.expression, resolved.scope);
      else if (resolved.kind === "outer") execution = true;
      else unknownColumn = true;
    }
    for (const operand of operandsOf(part)) visit(operand, within);
  };
  visit(expression, scope);
  return { columns: [...columns.values()], unknownColumn, parameter, execution };
}

/** The columns that an expression speaks of, in subqueries of it too. */
export function mentionedColumns(expression: Expression, scope: Scope): readonly ColumnOfReference[] {
  const found: ColumnOfReference[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    const node = value as Readonly<Record<string, unknown>>;
    if (node["kind"] === "column" && node["star"] === false) {
      const resolved = scope.resolve(node["names"] as readonly string[]);
      if (resolved.kind === "column") found.push(resolved.column);
      else if (resolved.kind === "derived") addAll(found, mentionedColumns(resolved.expression, resolved.scope));
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(expression);
  return found;
}
