/** What PostgreSQL forbids in the expressions of partition bounds, in its own words. */

import type { Expression, FunctionCall } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { TextRange } from "../text/range.ts";
import type { Catalog } from "./catalog.ts";
import { functionsNamed } from "./values/builtins.ts";

export interface ForbiddenPart {
  readonly sqlstate: string;
  readonly message: string;
  readonly range: TextRange;
}

/** The first forbidden part in the order in which PostgreSQL's analysis meets them, or null. */
export function forbiddenInBound(expression: Expression, catalog: Catalog): ForbiddenPart | null {
  for (const part of insideOut(expression)) {
    const { range } = part;
    if (part.kind === "column") {
      return { sqlstate: "0A000", message: "cannot use column reference in partition bound expression", range };
    }
    if (part.kind === "parameter") {
      return { sqlstate: "42P02", message: `there is no parameter $${part.number}`, range };
    }
    if (part.kind === "subquery") {
      return { sqlstate: "0A000", message: "cannot use subquery in partition bound", range };
    }
    if (part.kind === "other" && part.description === "DEFAULT") {
      return { sqlstate: "42601", message: "DEFAULT is not allowed in this context", range };
    }
    const forbidden = part.kind === "call" ? forbiddenCall(part, catalog) : null;
    if (forbidden !== null) return { ...forbidden, range };
  }
  return null;
}

function forbiddenCall(call: FunctionCall, catalog: Catalog): Omit<ForbiddenPart, "range"> | null {
  if (call.window !== null) {
    return { sqlstate: "42P20", message: "window functions are not allowed in partition bound" };
  }
  const name = call.name.at(-1) ?? "";
  const own = call.name.length === 1 && catalog.functions.has(name);
  const candidates = own ? [] : functionsNamed(name);
  const isAll = (test: (candidate: (typeof candidates)[number]) => boolean): boolean =>
    candidates.length > 0 && candidates.every(test);
  if (call.aggregateSyntax || call.star || isAll(({ kind }) => kind === "aggregate")) {
    return { sqlstate: "42803", message: "aggregate functions are not allowed in partition bound" };
  }
  if (isAll(({ returnsSet }) => returnsSet)) {
    return { sqlstate: "0A000", message: "set-returning functions are not allowed in partition bound" };
  }
  return null;
}
