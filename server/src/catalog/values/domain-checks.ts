/** The conditions of domains, on values that are cast to them. */

import type { Expression } from "../../syntax/expression.ts";
import { nameKey } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import type { Fold, FoldContext } from "./folded.ts";
import { problem, type ValueProblem } from "./result.ts";
import { formatTypeName } from "./types.ts";

/**
 * Whether a value of the base type, or NULL, certainly fulfils what a domain and the domains under it ask for. False is no
 * claim that PostgreSQL refuses it.
 */
export function fulfilsDomain(
  value: Value | null,
  type: DataType,
  context: FoldContext,
  fold: (expression: Expression, context: FoldContext) => Fold,
): boolean {
  for (let level = type; level.kind === "domain"; level = level.base) {
    const { base } = level;
    const now = context.catalog.types.get(nameKey(level.schema, level.name));
    const { checks = [], notNull } = now?.kind === "domain" ? now : level;
    if (checks === null || (notNull === true && value === null)) return false;
    const inside: FoldContext = {
      ...context,
      columnConstant: (names) => (names.length === 1 && names[0] === "value" ? { value, type: base } : undefined),
    };
    for (const check of checks) {
      const result = fold(check, inside);
      if (result.kind === "problem" || result.value === undefined) return false;
      if (result.value !== null && (result.value.family !== "boolean" || !result.value.value)) return false;
    }
  }
  return true;
}

/** PostgreSQL's refusal of a value by the one condition of a domain that it does not fulfil; null where that is not certain. */
export function refuseByDomain(
  value: Value | null,
  type: DataType,
  context: FoldContext,
  fold: (expression: Expression, context: FoldContext) => Fold,
): ValueProblem | null {
  const broken: string[] = [];
  const shown = formatTypeName(type, context.settings.searchPath);
  for (let level = type; level.kind === "domain"; level = level.base) {
    const { base } = level;
    const now = context.catalog.types.get(nameKey(level.schema, level.name));
    if (now?.kind !== "domain" || now.checks == null || now.checkNames === undefined) return null;
    if (now.notNull === true && value === null)
      return level === type ? problem("23502", `domain ${shown} does not allow null values`) : null;
    const inside: FoldContext = {
      ...context,
      columnConstant: (names) => (names.length === 1 && names[0] === "value" ? { value, type: base } : undefined),
    };
    for (const [index, check] of now.checks.entries()) {
      const result = fold(check, inside);
      if (result.kind === "problem" || result.value === undefined) return null;
      if (result.value === null || (result.value.family === "boolean" && result.value.value)) continue;
      broken.push(now.checkNames[index] ?? "");
    }
  }
  const [name, ...others] = broken;
  if (name === undefined || name === "" || others.length > 0) return null;
  return problem("23514", `value for domain ${shown} violates check constraint "${name}"`);
}
