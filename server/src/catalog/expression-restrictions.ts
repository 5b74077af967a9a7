/** What PostgreSQL forbids in the expressions of bounds and partition keys, with its words for it. */

import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { TextRange } from "../text/range.ts";
import type { Catalog } from "./catalog.ts";

export interface ForbiddenPart {
  readonly sqlstate: string;
  readonly message: string;
  readonly range: TextRange;
}

/** The first forbidden part in the order in which PostgreSQL's analysis meets them, or null. */
export function forbiddenPart(
  expression: Expression,
  place: "partition bound" | "partition key expressions",
  _catalog: Catalog,
): ForbiddenPart | null {
  for (const part of insideOut(expression)) {
    if (part.kind === "column" && place === "partition bound") {
      return refuse("0A000", "cannot use column reference in partition bound expression", part);
    }
    if (part.kind === "subquery") {
      const where = place === "partition bound" ? place : "partition key expression";
      return refuse("0A000", `cannot use subquery in ${where}`, part);
    }
  }
  return null;
}

function refuse(sqlstate: string, message: string, part: Expression): ForbiddenPart {
  return { sqlstate, message, range: part.range };
}
